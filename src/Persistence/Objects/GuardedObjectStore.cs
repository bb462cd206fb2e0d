using System.Net;
using Amazon.Runtime;

namespace AkkaChat.Persistence.Objects;

/// <summary>
/// The object store does not answer, or cannot serve now. As after any failed call the effect is unknown, and the call can be repeated.
/// </summary>
public sealed class ObjectStoreUnavailableException(Exception innerException)
    : Exception("The object store is out of reach.", innerException);

/// <summary>Tells a store that is away from everything else that can go wrong, whatever the store is.</summary>
internal sealed class GuardedObjectStore(IObjectStore store) : IObjectStore, IDisposable
{
    public int PieceBytes => store.PieceBytes;

    public string? Origin => store.Origin;

    /// <summary>The store itself says what the operator has to change.</summary>
    public Task CheckAsync(CancellationToken cancellationToken) => store.CheckAsync(cancellationToken);

    public Task PutAsync(string key, ReadOnlyMemory<byte> content, string type, CancellationToken cancellationToken) =>
        CallAsync(() => store.PutAsync(key, content, type, cancellationToken), cancellationToken);

    public async Task<ObjectContent?> OpenAsync(string key, long offset, long? length, CancellationToken cancellationToken)
    {
        var content = await CallAsync(() => store.OpenAsync(key, offset, length, cancellationToken), cancellationToken).ConfigureAwait(false);
        return content is { Content: { CanSeek: false } stream } ? content with { Content = new GuardedStream(stream) } : content;
    }

    public Task DeleteAsync(string key, CancellationToken cancellationToken) =>
        CallAsync(() => store.DeleteAsync(key, cancellationToken), cancellationToken);

    public Task<string> AppendAsync(
        string key, ObjectProgress progress, ReadOnlyMemory<byte> piece, bool isLast, CancellationToken cancellationToken) =>
        CallAsync(() => store.AppendAsync(key, progress, piece, isLast, cancellationToken), cancellationToken);

    public Task CompleteAsync(string key, string progress, long length, string type, CancellationToken cancellationToken) =>
        CallAsync(() => store.CompleteAsync(key, progress, length, type, cancellationToken), cancellationToken);

    public Task DiscardAsync(string key, string? before, string after, CancellationToken cancellationToken) =>
        CallAsync(() => store.DiscardAsync(key, before, after, cancellationToken), cancellationToken);

    public Task AbandonAsync(string key, string? progress, CancellationToken cancellationToken) =>
        CallAsync(() => store.AbandonAsync(key, progress, cancellationToken), cancellationToken);

    public Uri? Sign(string key, TimeSpan lifetime, string type, string disposition) => store.Sign(key, lifetime, type, disposition);

    public void Dispose() => (store as IDisposable)?.Dispose();

    private static Task<bool> CallAsync(Func<Task> call, CancellationToken cancellationToken) => CallAsync(
        async () =>
        {
            await call().ConfigureAwait(false);
            return true;
        },
        cancellationToken);

    private static async Task<T> CallAsync<T>(Func<Task<T>> call, CancellationToken cancellationToken)
    {
        try
        {
            return await call().ConfigureAwait(false);
        }
        catch (Exception e) when (IsAway(e, cancellationToken))
        {
            throw new ObjectStoreUnavailableException(e);
        }
    }

    /// <summary>A service that says no, as with a wrong key, is not away. A file that is not there is a bug, a disk that is full is not.</summary>
    private static bool IsAway(Exception exception, CancellationToken cancellationToken) => exception switch
    {
        AmazonServiceException { StatusCode: not 0 } e => e.StatusCode is >= HttpStatusCode.InternalServerError or HttpStatusCode.TooManyRequests,
        AmazonClientException or HttpRequestException or TimeoutException or UnauthorizedAccessException => true,
        IOException => exception is not FileNotFoundException,
        OperationCanceledException => !cancellationToken.IsCancellationRequested,
        _ => false,
    };

    /// <summary>The rest of an answer that has begun.</summary>
    private sealed class GuardedStream(Stream stream) : ForwardStream
    {
        public override long Length => stream.Length;

        public override int Read(byte[] buffer, int offset, int count) => stream.Read(buffer, offset, count);

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            try
            {
                return await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (IsAway(e, cancellationToken))
            {
                throw new ObjectStoreUnavailableException(e);
            }
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                stream.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
