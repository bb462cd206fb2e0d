namespace AkkaChat.Persistence.Objects;

/// <summary>
/// Where the bytes of files are: objects under keys that the server makes. All nodes of a cluster use the same one. What is written is
/// durable when a call returns; a call that fails may have had its effect, and can be repeated.
/// </summary>
public interface IObjectStore
{
    /// <summary>The most bytes of one piece of <see cref="AppendAsync"/>. Pieces that end at multiples of it are the cheapest.</summary>
    int PieceBytes { get; }

    /// <summary>Where the URLs of <see cref="Sign"/> lead, as in <c>https://host</c>; null where there are none.</summary>
    string? Origin { get; }

    /// <summary>Makes sure that objects can be written and read.</summary>
    /// <exception cref="ObjectStoreException">They cannot; the message says what the operator has to change.</exception>
    Task CheckAsync(CancellationToken cancellationToken);

    /// <summary>Writes a whole object, in the place of one that is there: a reader finds the old one or the new one.</summary>
    Task PutAsync(string key, ReadOnlyMemory<byte> content, string type, CancellationToken cancellationToken);

    /// <summary>Opens an object for reading from <paramref name="offset"/>; null where there is none. The caller disposes it.</summary>
    /// <param name="length">At most so many bytes; null: to the end.</param>
    Task<ObjectContent?> OpenAsync(string key, long offset, long? length, CancellationToken cancellationToken);

    /// <summary>Removes an object; one that is not there is no error.</summary>
    Task DeleteAsync(string key, CancellationToken cancellationToken);

    /// <summary>
    /// Adds a piece to an object that is being made. Nobody sees it before <see cref="CompleteAsync"/>. Where what this returns is not
    /// recorded, the piece counts as not written, and the next call for the same offset takes its place.
    /// </summary>
    /// <param name="isLast">Whether the object ends with this piece.</param>
    /// <returns>What the next call needs, as <see cref="ObjectProgress.Text"/>.</returns>
    Task<string> AppendAsync(string key, ObjectProgress progress, ReadOnlyMemory<byte> piece, bool isLast, CancellationToken cancellationToken);

    /// <summary>Makes the object visible, after its last piece. Once it is, another call changes nothing.</summary>
    /// <exception cref="InvalidDataException">The store does not hold what was recorded, and never will.</exception>
    Task CompleteAsync(string key, string progress, long length, string type, CancellationToken cancellationToken);

    /// <summary>Removes what <see cref="AppendAsync"/> wrote for an object that will not be completed.</summary>
    Task AbandonAsync(string key, string? progress, CancellationToken cancellationToken);

    /// <summary>
    /// A URL at which the store itself serves the object until <paramref name="lifetime"/> has passed, with these headers; null where the
    /// store serves nobody and the edge has to.
    /// </summary>
    Uri? Sign(string key, TimeSpan lifetime, string type, string disposition);
}

/// <summary>How far an object that is being made has come.</summary>
/// <param name="Text">What the call before returned; null at offset 0.</param>
/// <param name="Offset">Bytes that are recorded.</param>
/// <param name="IsTakenOver">
/// Whether whoever wrote the last piece may still be writing, as one that was only not heard of: then nothing that it does later may reach
/// what is written from now on.
/// </param>
public readonly record struct ObjectProgress(string? Text, long Offset, bool IsTakenOver = false);

/// <summary>An object that is being read.</summary>
/// <param name="Content">From the offset asked for.</param>
/// <param name="TotalLength">Of the whole object, in bytes.</param>
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
