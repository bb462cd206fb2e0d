namespace AkkaChat.Persistence.Objects;

/// <summary>
/// An object of any store as a stream that can be sought in: it is opened where reading begins, so that a range reads no more than its
/// bytes from the store.
/// </summary>
public sealed class ObjectStream : Stream
{
    private readonly IObjectStore _store;
    private readonly string _key;
    private ObjectContent? _content;
    private long _position;

    private ObjectStream(IObjectStore store, string key, ObjectContent content)
    {
        (_store, _key, _content) = (store, key, content);
        Length = content.TotalLength;
    }

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length { get; }

    public override long Position
    {
        get => _position;
        set => Seek(value, SeekOrigin.Begin);
    }

    /// <summary>Null where there is no such object.</summary>
    public static async Task<ObjectStream?> OpenAsync(IObjectStore store, string key, CancellationToken cancellationToken) =>
        await store.OpenAsync(key, 0, null, cancellationToken).ConfigureAwait(false) is { } content ? new ObjectStream(store, key, content) : null;

    public override long Seek(long offset, SeekOrigin origin)
    {
        var position = offset + origin switch
        {
            SeekOrigin.Begin => 0,
            SeekOrigin.Current => _position,
            _ => Length,
        };
        ArgumentOutOfRangeException.ThrowIfNegative(position, nameof(offset));
        if (position != _position)
        {
            _content?.Content.Dispose();
            _content = null;
            _position = position;
        }

        return position;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_position >= Length)
        {
            return 0;
        }

        _content ??= await _store.OpenAsync(_key, _position, null, cancellationToken).ConfigureAwait(false)
            ?? throw new IOException($"The object {_key} was removed while it was read.");
        var read = await _content.Content.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        _position += read;
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _content?.Content.Dispose();
        }

        base.Dispose(disposing);
    }
}
