using System.Net;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace AkkaChat.Persistence.Objects;

/// <summary>
/// Objects in a bucket of an S3-compatible service. An object that arrives in pieces is a multipart upload. All its parts but the last have
/// 5 MiB (the least that S3 allows; R2 wants equal sizes): the rest of a piece is stored in an object of its own, the tail, and precedes
/// the next piece. A tail is never overwritten, so progress that was not recorded cannot damage progress that was.
/// </summary>
internal sealed class S3ObjectStore : IObjectStore, IDisposable
{
    /// <summary>S3's minimum size of a part that is not the last.</summary>
    private const int PartBytes = 5 * 1024 * 1024;

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly AmazonS3Client _client;
    private readonly S3Options _options;

    public S3ObjectStore(S3Options options)
    {
        _options = options;
        _client = new AmazonS3Client(new BasicAWSCredentials(options.AccessKey, options.SecretKey), new AmazonS3Config
        {
            ServiceURL = options.Endpoint,
            AuthenticationRegion = options.Region,
            ForcePathStyle = options.PathStyle,
            Timeout = options.Timeout,
            MaxErrorRetry = 3,
            // R2 and others refuse unknown checksums.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        });
    }

    public int PieceBytes => PartBytes;

    public string? Origin => Sign("any", TimeSpan.FromMinutes(1), "", "")?.GetLeftPart(UriPartial.Authority);

    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        // A key of its own, since the nodes of a cluster start together.
        var probe = $"check/{Guid.NewGuid():N}";
        try
        {
            await PutAsync(probe, new byte[1], "application/octet-stream", cancellationToken).ConfigureAwait(false);
            await using var content = await OpenAsync(probe, 0, null, cancellationToken).ConfigureAwait(false);
            await DeleteTailsAsync(probe, cancellationToken).ConfigureAwait(false);
            await DeleteAsync(probe, cancellationToken).ConfigureAwait(false);
        }
        catch (AmazonS3Exception e)
        {
            throw new ObjectStoreException(Explain(e), e);
        }
        catch (Exception e) when (e is HttpRequestException or AmazonClientException or TaskCanceledException
                                  && !cancellationToken.IsCancellationRequested)
        {
            throw new ObjectStoreException(
                $"{S3Options.SectionName}:{nameof(S3Options.Endpoint)}: {_options.Endpoint} cannot be reached: {e.Message}", e);
        }
    }

    public async Task PutAsync(string key, ReadOnlyMemory<byte> content, string type, CancellationToken cancellationToken)
    {
        using var stream = Reader(content);
        await _client.PutObjectAsync(
            new PutObjectRequest
            {
                BucketName = _options.Bucket,
                Key = ObjectKeys.Check(key),
                InputStream = stream,
                ContentType = type,
                AutoCloseStream = false,
                // R2 does not support signed chunks; without them the whole body is signed.
                UseChunkEncoding = false,
            },
            cancellationToken).ConfigureAwait(false);
    }

    public async Task<ObjectContent?> OpenAsync(string key, long offset, long? length, CancellationToken cancellationToken)
    {
        var request = new GetObjectRequest { BucketName = _options.Bucket, Key = ObjectKeys.Check(key) };
        if (offset > 0 || length is not null)
        {
            request.ByteRange = length is { } most ? new ByteRange(offset, offset + Math.Max(most, 1) - 1) : new ByteRange($"bytes={offset}-");
        }

        try
        {
            var response = await _client.GetObjectAsync(request, cancellationToken).ConfigureAwait(false);
            return new ObjectContent(new ResponseContent(response), TotalLength(response));
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            var found = await FindLengthAsync(key, cancellationToken).ConfigureAwait(false);
            return found is { } total ? new ObjectContent(Stream.Null, total) : null;
        }
    }

    public Task DeleteAsync(string key, CancellationToken cancellationToken) =>
        _client.DeleteObjectAsync(_options.Bucket, ObjectKeys.Check(key), cancellationToken);

    /// <remarks>
    /// A writer that lost its lease can still upload its current part. So the next writer skips some part numbers: these may have gaps, and
    /// a part that is not named at completion is dropped.
    /// </remarks>
    public async Task<string> AppendAsync(
        string key, ObjectProgress progress, ReadOnlyMemory<byte> piece, bool isLast, CancellationToken cancellationToken)
    {
        var state = S3Progress.Read(progress.Text);
        if (state.OldTail is not null)
        {
            await DeleteAsync(state.OldTail, cancellationToken).ConfigureAwait(false);
        }

        var left = await WithTailAsync(state, piece, cancellationToken).ConfigureAwait(false);
        state = state with { OldTail = state.Tail, Tail = null, TailLength = 0 };
        var number = state.Parts.Count == 0 ? 0 : state.Parts[^1].Number;
        number += progress.IsTakenOver ? RandomNumberGenerator.GetInt32(2, 10) : 1;
        while (left.Length >= PartBytes || (isLast && left.Length > 0))
        {
            var part = left[..Math.Min(PartBytes, left.Length)];
            state = await AddPartAsync(key, state, number++, part, cancellationToken).ConfigureAwait(false);
            left = left[part.Length..];
        }

        if (left.Length > 0)
        {
            var tail = $"{TailPrefix(key)}{Guid.NewGuid():N}";
            await PutAsync(tail, left, "application/octet-stream", cancellationToken).ConfigureAwait(false);
            state = state with { Tail = tail, TailLength = left.Length };
        }

        return state.ToString();
    }

    public async Task CompleteAsync(string key, string progress, long length, string type, CancellationToken cancellationToken)
    {
        var found = await FindLengthAsync(key, cancellationToken).ConfigureAwait(false);
        if (found is null)
        {
            await JoinAsync(key, S3Progress.Read(progress), type, cancellationToken).ConfigureAwait(false);
            found = await FindLengthAsync(key, cancellationToken).ConfigureAwait(false);
        }

        if (found != length)
        {
            throw new InvalidDataException($"{key} has {found ?? 0} bytes in the bucket where {length} were recorded.");
        }

        await DeleteTailsAsync(key, cancellationToken).ConfigureAwait(false);
    }

    public async Task DiscardAsync(string key, string? before, string after, CancellationToken cancellationToken)
    {
        var (known, written) = (S3Progress.Read(before), S3Progress.Read(after));
        if (written.Tail is not null)
        {
            await DeleteAsync(written.Tail, cancellationToken).ConfigureAwait(false);
        }

        if (known.UploadId is null)
        {
            await AbortAsync(key, written, cancellationToken).ConfigureAwait(false);
        }
    }

    public async Task AbandonAsync(string key, string? progress, CancellationToken cancellationToken)
    {
        await AbortAsync(key, S3Progress.Read(progress), cancellationToken).ConfigureAwait(false);
        await DeleteTailsAsync(key, cancellationToken).ConfigureAwait(false);
        await DeleteAsync(key, cancellationToken).ConfigureAwait(false);
    }

    public Uri? Sign(string key, TimeSpan lifetime, string type, string disposition) =>
        _options.Presign ? new Uri(_client.GetPreSignedURL(Presigned(key, lifetime, type, disposition))) : null;

    public void Dispose() => _client.Dispose();

    private GetPreSignedUrlRequest Presigned(string key, TimeSpan lifetime, string type, string disposition) => new()
    {
        BucketName = _options.Bucket,
        Key = ObjectKeys.Check(key),
        Verb = HttpVerb.GET,
        Protocol = _options.Endpoint!.StartsWith("http:", StringComparison.OrdinalIgnoreCase) ? Protocol.HTTP : Protocol.HTTPS,
        // The SDK rounds up to a second: never longer than requested.
        Expires = (TimeProvider.System.GetUtcNow() + (lifetime > Second ? lifetime - Second : lifetime)).UtcDateTime,
        ResponseHeaderOverrides = new ResponseHeaderOverrides
        {
            ContentType = type,
            ContentDisposition = disposition,
            CacheControl = "private, no-store",
        },
    };

    private async Task<S3Progress> AddPartAsync(
        string key, S3Progress state, int number, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        var upload = state.UploadId ?? (await _client.InitiateMultipartUploadAsync(
            new InitiateMultipartUploadRequest { BucketName = _options.Bucket, Key = ObjectKeys.Check(key), ContentType = "application/octet-stream" },
            cancellationToken).ConfigureAwait(false)).UploadId;
        using var content = Reader(bytes);
        var part = await _client.UploadPartAsync(
            new UploadPartRequest
            {
                BucketName = _options.Bucket,
                Key = key,
                UploadId = upload,
                PartNumber = number,
                InputStream = content,
                PartSize = bytes.Length,
                UseChunkEncoding = false,
            },
            cancellationToken).ConfigureAwait(false);
        return state with { UploadId = upload, Parts = [.. state.Parts, new S3Part(number, part.ETag)] };
    }

    private async Task AbortAsync(string key, S3Progress progress, CancellationToken cancellationToken)
    {
        if (progress.UploadId is { } upload)
        {
            try
            {
                await _client.AbortMultipartUploadAsync(_options.Bucket, ObjectKeys.Check(key), upload, cancellationToken).ConfigureAwait(false);
            }
            catch (AmazonS3Exception e) when (e.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed)
            {
                // Completed or aborted before; or the service cannot abort, and its lifecycle rules remove old parts.
            }
        }
    }

    /// <exception cref="InvalidDataException">The bucket does not have what was recorded.</exception>
    private async Task JoinAsync(string key, S3Progress state, string type, CancellationToken cancellationToken)
    {
        try
        {
            if (state.Parts.Count == 0)
            {
                await PutAsync(key, ReadOnlyMemory<byte>.Empty, type, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                await _client.CompleteMultipartUploadAsync(
                    new CompleteMultipartUploadRequest
                    {
                        BucketName = _options.Bucket,
                        Key = ObjectKeys.Check(key),
                        UploadId = state.UploadId,
                        PartETags = [.. state.Parts.Select(part => new PartETag(part.Number, part.Tag))],
                    },
                    cancellationToken).ConfigureAwait(false);
            }
        }
        catch (AmazonS3Exception e) when (e.ErrorCode is "InvalidPart" or "NoSuchUpload" or "NoSuchKey")
        {
            // Another caller may have completed it meanwhile: look for the object.
            if (await FindLengthAsync(key, cancellationToken).ConfigureAwait(false) is null)
            {
                throw new InvalidDataException($"{key} cannot be completed: {e.ErrorCode}", e);
            }
        }
    }

    private async Task<ReadOnlyMemory<byte>> WithTailAsync(S3Progress state, ReadOnlyMemory<byte> piece, CancellationToken cancellationToken)
    {
        if (state.Tail is null)
        {
            return piece;
        }

        var whole = new byte[state.TailLength + piece.Length];
        await using var tail = await OpenAsync(state.Tail, 0, null, cancellationToken).ConfigureAwait(false)
            ?? throw new InvalidDataException($"{state.Tail} is not in the bucket.");
        await tail.Content.ReadExactlyAsync(whole.AsMemory(0, state.TailLength), cancellationToken).ConfigureAwait(false);
        piece.CopyTo(whole.AsMemory(state.TailLength));
        return whole;
    }

    /// <summary>Includes those that no recorded progress names, because the node died before it could record them.</summary>
    private async Task DeleteTailsAsync(string key, CancellationToken cancellationToken)
    {
        var tails = await _client.ListObjectsV2Async(
            new ListObjectsV2Request { BucketName = _options.Bucket, Prefix = TailPrefix(ObjectKeys.Check(key)) }, cancellationToken).ConfigureAwait(false);
        foreach (var tail in tails.S3Objects ?? [])
        {
            await DeleteAsync(tail.Key, cancellationToken).ConfigureAwait(false);
        }
    }

    private static string TailPrefix(string key) => $"{key}.tail-";

    private static MemoryStream Reader(ReadOnlyMemory<byte> bytes) => MemoryMarshal.TryGetArray(bytes, out var array)
        ? new MemoryStream(array.Array!, array.Offset, array.Count, writable: false)
        : new MemoryStream(bytes.ToArray(), writable: false);

    private async Task<long?> FindLengthAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            return (await _client.GetObjectMetadataAsync(_options.Bucket, ObjectKeys.Check(key), cancellationToken).ConfigureAwait(false)).ContentLength;
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    private static long TotalLength(GetObjectResponse response)
    {
        // bytes 0-9/100
        var range = response.ContentRange;
        return range is not null && long.TryParse(range.AsSpan(range.IndexOf('/') + 1), out var total) ? total : response.ContentLength;
    }

    private string Explain(AmazonS3Exception exception) => exception.ErrorCode switch
    {
        "NoSuchBucket" => $"{S3Options.SectionName}:{nameof(S3Options.Bucket)}: there is no bucket {_options.Bucket} at {_options.Endpoint}.",
        "InvalidAccessKeyId" => $"{S3Options.SectionName}:{nameof(S3Options.AccessKey)}: {_options.Endpoint} does not know this access key.",
        "SignatureDoesNotMatch" =>
            $"{S3Options.SectionName}:{nameof(S3Options.SecretKey)} or {nameof(S3Options.Region)}: {_options.Endpoint} refuses the signature.",
        "AccessDenied" =>
            $"{S3Options.SectionName}:{nameof(S3Options.AccessKey)}: the access key may not read, write, list and delete in {_options.Bucket}.",
        _ => $"{S3Options.SectionName}: {_options.Endpoint} answered {(int)exception.StatusCode} {exception.ErrorCode}: {exception.Message}",
    };

    /// <param name="Tag">The entity tag.</param>
    private sealed record S3Part(int Number, string Tag);

    /// <summary>The progress of an object in pieces; stored as a text in the upload's row.</summary>
    /// <param name="Parts">In order.</param>
    /// <param name="Tail">The object with the bytes that are in no part yet.</param>
    /// <param name="OldTail">The previous tail, which is not needed once this is recorded.</param>
    private sealed record S3Progress(string? UploadId, IReadOnlyList<S3Part> Parts, string? Tail, int TailLength, string? OldTail)
    {
        public static S3Progress Read(string? text) =>
            string.IsNullOrEmpty(text) ? new S3Progress(null, [], null, 0, null) : JsonSerializer.Deserialize<S3Progress>(text)!;

        public override string ToString() => JsonSerializer.Serialize(this);
    }

    /// <summary>Disposes the response with its stream.</summary>
    private sealed class ResponseContent(GetObjectResponse response) : ForwardStream
    {
        public override long Length => response.ContentLength;

        public override int Read(byte[] buffer, int offset, int count) => response.ResponseStream.Read(buffer, offset, count);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            response.ResponseStream.ReadAsync(buffer, cancellationToken);

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                response.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
