namespace AkkaChat.Persistence.Objects;

/// <summary>
/// Stores the bytes of files as objects, under keys that the server chooses. All nodes of a cluster use the same store. Writes are durable
/// when the call returns. A call that fails may have had its effect, and can be repeated.
/// </summary>
public interface IObjectStore
{
    /// <summary>The largest piece of <see cref="AppendAsync"/>, in bytes. Pieces that end at multiples of it are cheapest.</summary>
    int PieceBytes { get; }

    /// <summary>The origin of the URLs of <see cref="Sign"/>, such as <c>https://host</c>; null if there are none.</summary>
    string? Origin { get; }

    /// <summary>Checks that objects can be written and read.</summary>
    /// <exception cref="ObjectStoreException">They cannot. The message says what the operator must change.</exception>
    Task CheckAsync(CancellationToken cancellationToken);

    /// <summary>Writes a whole object, and replaces an existing one atomically.</summary>
    Task PutAsync(string key, ReadOnlyMemory<byte> content, string type, CancellationToken cancellationToken);

    /// <summary>Opens an object for reading from <paramref name="offset"/>; null if there is none. The caller disposes it.</summary>
    /// <param name="length">The most bytes to read; null: to the end.</param>
    Task<ObjectContent?> OpenAsync(string key, long offset, long? length, CancellationToken cancellationToken);

    /// <summary>Deletes an object. A missing object is not an error.</summary>
    Task DeleteAsync(string key, CancellationToken cancellationToken);

    /// <summary>
    /// Adds a piece to an object in progress, which is not visible before <see cref="CompleteAsync"/>. If the caller does not record the
    /// returned progress, the piece counts as not written, and the next call for the same offset replaces it.
    /// </summary>
    /// <param name="isLast">Whether the object ends with this piece.</param>
    /// <returns>What the next call needs, as <see cref="ObjectProgress.Text"/>.</returns>
    Task<string> AppendAsync(string key, ObjectProgress progress, ReadOnlyMemory<byte> piece, bool isLast, CancellationToken cancellationToken);

    /// <summary>Makes the object visible after its last piece. Further calls change nothing.</summary>
    /// <exception cref="InvalidDataException">The store does not have what was recorded, and never will.</exception>
    Task CompleteAsync(string key, string progress, long length, string type, CancellationToken cancellationToken);

    /// <summary>
    /// Deletes what one call of <see cref="AppendAsync"/> wrote whose progress was not recorded, because another writer has taken over. That
    /// writer may have completed the object before the call wrote anything, and nobody else would look again.
    /// </summary>
    /// <param name="before">The progress that the call was given.</param>
    /// <param name="after">What it returned.</param>
    Task DiscardAsync(string key, string? before, string after, CancellationToken cancellationToken);

    /// <summary>Deletes what <see cref="AppendAsync"/> wrote for an object that will not be completed.</summary>
    Task AbandonAsync(string key, string? progress, CancellationToken cancellationToken);

    /// <summary>
    /// A URL at which the store itself serves the object for the <paramref name="lifetime"/>, with these headers; null if the edge must
    /// serve it.
    /// </summary>
    Uri? Sign(string key, TimeSpan lifetime, string type, string disposition);
}

/// <summary>The progress of an object that is written in pieces.</summary>
/// <param name="Text">The progress that the previous call returned; null at offset 0.</param>
/// <param name="Offset">The number of recorded bytes.</param>
/// <param name="IsTakenOver">
/// Whether the previous writer may still be running. Nothing that it writes later may then affect what is written from now on.
/// </param>
public readonly record struct ObjectProgress(string? Text, long Offset, bool IsTakenOver = false);

/// <summary>An object opened for reading.</summary>
/// <param name="Content">From the requested offset.</param>
/// <param name="TotalLength">The length of the whole object, in bytes.</param>
public sealed record ObjectContent(Stream Content, long TotalLength) : IAsyncDisposable
{
    public ValueTask DisposeAsync() => Content.DisposeAsync();
}

/// <summary>The object store cannot be used as it is configured.</summary>
public sealed class ObjectStoreException : Exception
{
    public ObjectStoreException(string message)
        : base(message)
    {
    }

    public ObjectStoreException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
