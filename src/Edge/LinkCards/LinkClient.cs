using System.Buffers;
using System.Net;
using AkkaChat.Messages.Rooms;

namespace AkkaChat.Edge.LinkCards;

/// <summary>
/// Fetches linked pages and their images. Connects only to addresses that the policy allows: to the very address that was checked, not to its
/// name, and checks each redirect again. Sends nothing of the server: no cookies, no credentials, no proxy.
/// </summary>
internal sealed class LinkClient : IDisposable
{
    public const int MaxRedirects = 3;

    /// <summary>The most bytes read of a page, after decompression.</summary>
    public const int MaxBytes = 512 * 1024;

    /// <summary>The largest image that is taken.</summary>
    public const int MaxImageBytes = 5 * 1024 * 1024;

    /// <summary>For all of a page or an image, redirects included.</summary>
    public static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(5);

    private const string PageTypes = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.1";
    private const string ImageTypes = "image/webp,image/png,image/jpeg,image/gif";
    private const int BufferBytes = 64 * 1024;
    private const string Agent = "Mozilla/5.0 (compatible; AkkaChat link cards)";

    private readonly AddressPolicy _policy;
    private readonly TimeProvider _time;
    private readonly HttpMessageInvoker _http;

    public LinkClient(AddressPolicy policy, TimeProvider time)
    {
        _policy = policy;
        _time = time;
        _http = new HttpMessageInvoker(new SocketsHttpHandler
        {
            ConnectCallback = policy.ConnectAsync,
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.All,
            MaxConnectionsPerServer = 4,
            MaxResponseHeadersLength = 32,
            MaxResponseDrainSize = 0,
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(5),
            PooledConnectionLifetime = TimeSpan.FromSeconds(30),
        });
    }

    /// <summary>Fetches a page and reads its card.</summary>
    /// <returns>No card if there is no such page, it has no title, it is no HTML, or the policy denies an address.</returns>
    /// <exception cref="LinkUnreachableException">It may succeed later: there was no connection, no answer in time, or an error of the
    /// site.</exception>
    public async Task<FetchedPage> FetchAsync(string url, CancellationToken cancellationToken) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri)
            ? await FetchAsync(uri, PageTypes, (page, response, stop) => ReadPageAsync(url, page, response, stop), cancellationToken)
                ?? FetchedPage.Nothing
            : FetchedPage.Nothing;

    /// <summary>Fetches the bytes at an address, whatever they are.</summary>
    /// <returns>Null if there is nothing, more than <see cref="MaxImageBytes"/>, or the policy denies an address.</returns>
    /// <exception cref="LinkUnreachableException">It may succeed later.</exception>
    public Task<byte[]?> FetchImageAsync(Uri image, CancellationToken cancellationToken) =>
        FetchAsync(image, ImageTypes, (_, response, stop) => ReadImageAsync(response, stop), cancellationToken);

    public void Dispose() => _http.Dispose();

    private async Task<T?> FetchAsync<T>(
        Uri uri, string accept, Func<Uri, HttpResponseMessage, CancellationToken, Task<T?>> read, CancellationToken cancellationToken)
        where T : class
    {
        using var limit = new CancellationTokenSource(TimeLimit, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            return await FollowAsync(uri, accept, read, either.Token);
        }
        catch (HttpRequestException e) when (e.InnerException is ForbiddenAddressException)
        {
            return null;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or InvalidDataException)
        {
            throw new LinkUnreachableException("The page could not be fetched.", e);
        }
        catch (OperationCanceledException e) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new LinkUnreachableException($"The page took longer than {TimeLimit.TotalSeconds:0} s.", e);
        }
    }

    private async Task<T?> FollowAsync<T>(
        Uri uri, string accept, Func<Uri, HttpResponseMessage, CancellationToken, Task<T?>> read, CancellationToken cancellationToken)
        where T : class
    {
        var next = uri;
        for (var redirects = 0; redirects <= MaxRedirects && _policy.Allows(next); redirects++)
        {
            using var request = Request(next, accept);
            using var response = await _http.SendAsync(request, cancellationToken);
            if ((int)response.StatusCode >= 500 || response.StatusCode == HttpStatusCode.TooManyRequests)
            {
                throw new LinkUnreachableException($"The site answered {(int)response.StatusCode}.", null);
            }

            if ((int)response.StatusCode is < 300 or >= 400)
            {
                return response.StatusCode == HttpStatusCode.OK ? await read(next, response, cancellationToken) : null;
            }

            if (response.Headers.Location is not { } location || !Uri.TryCreate(next, location, out var target))
            {
                break;
            }

            next = target;
        }

        return null;
    }

    private static HttpRequestMessage Request(Uri uri, string accept)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, uri) { Version = HttpVersion.Version11 };
        request.Headers.TryAddWithoutValidation("User-Agent", Agent);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        return request;
    }

    private static async Task<FetchedPage?> ReadPageAsync(string url, Uri page, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var type = response.Content.Headers.ContentType;
        if (type?.MediaType is not ("text/html" or "application/xhtml+xml"))
        {
            return FileCard(url, page, type?.MediaType);
        }

        var buffer = ArrayPool<byte>.Shared.Rent(MaxBytes);
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
            var length = await body.ReadAtLeastAsync(buffer.AsMemory(0, MaxBytes), MaxBytes, throwOnEndOfStream: false, cancellationToken);
            return PageReader.Read(url, page, buffer.AsSpan(0, length), type.CharSet);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async Task<byte[]?> ReadImageAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.Content.Headers.ContentLength > MaxImageBytes)
        {
            return null;
        }

        // The announced length is not relied on: the site chooses it, and a compressed body has another.
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        using var read = new MemoryStream();
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            for (int count; (count = await body.ReadAsync(buffer, cancellationToken)) > 0;)
            {
                if (read.Length + count > MaxImageBytes)
                {
                    return null;
                }

                read.Write(buffer, 0, count);
            }

            return read.ToArray();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>The card of an image, audio or video file shows its name, and an image itself. Other files get no card.</summary>
    private static FetchedPage? FileCard(string url, Uri page, string? mediaType)
    {
        var kind = mediaType?.Split('/')[0];
        var name = Uri.UnescapeDataString(page.Segments[^1].Trim('/'));
        return kind is "image" or "audio" or "video" && name.Length is > 0 and <= 200 && !name.Any(char.IsControl)
            ? new FetchedPage(new LinkCard(url, name, "", page.IdnHost), kind == "image" ? page : null)
            : null;
    }
}

/// <summary>A linked page could not be fetched now, but perhaps later.</summary>
internal sealed class LinkUnreachableException(string message, Exception? innerException) : Exception(message, innerException);
