using System.Collections;
using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.ReadModel;

namespace AkkaChat.Cluster.Rooms;

/// <summary>How many messages <see cref="SeenMessages"/> keeps.</summary>
internal sealed record SeenBounds(int MinCount, int MaxCount, TimeSpan MinAge);

/// <summary>
/// The client ids that a room remembers, so that a retry is answered and not stored twice. Holds at least the last <see cref="MinCount"/>
/// messages and, up to <see cref="MaxCount"/>, those of the last <see cref="MinAge"/>. Older ones are in the journal's read model:
/// <see cref="Covers"/> tells when it must be asked. Part of every snapshot.
/// </summary>
public sealed class SeenMessages : IEnumerable<SeenMessage>
{
    public const int MinCount = 10_000;

    public const int MaxCount = 20_000;

    public static readonly TimeSpan MinAge = TimeSpan.FromMinutes(2);

    internal static readonly SeenBounds DefaultBounds = new(MinCount, MaxCount, MinAge);

    public static readonly SeenMessages Empty = From([], DateTimeOffset.UnixEpoch);

    private readonly SeenBounds _bounds;
    private readonly ImmutableDictionary<(UserId Author, Guid ClientId), SeenMessage> _byKey;
    private readonly ImmutableQueue<SeenMessage> _bySeq;

    private SeenMessages(
        SeenBounds bounds,
        ImmutableDictionary<(UserId Author, Guid ClientId), SeenMessage> byKey,
        ImmutableQueue<SeenMessage> bySeq,
        DateTimeOffset floor)
    {
        _bounds = bounds;
        _byKey = byKey;
        _bySeq = bySeq;
        Floor = floor;
    }

    /// <summary>The newest time of any client id dropped so far. An id made after it was never dropped.</summary>
    public DateTimeOffset Floor { get; }

    public int Count => _byKey.Count;

    public static SeenMessages From(IReadOnlyList<SeenMessage> ascending, DateTimeOffset floor) =>
        From(ascending, floor, DefaultBounds);

    internal static SeenMessages From(IReadOnlyList<SeenMessage> ascending, DateTimeOffset floor, SeenBounds bounds) => new(
        bounds,
        ascending.ToImmutableDictionary(seen => (seen.Author, seen.ClientId)),
        ImmutableQueue.CreateRange(ascending),
        floor);

    public static SeenMessage From(StoredMessage message) => new(
        message.Author.Id,
        message.ClientId,
        message.Seq,
        message.N,
        message.Time,
        Hash(message.Text, message.ReplyToSeq, message.Files, message.ThreadSeq));

    /// <summary>
    /// The first 8 bytes of SHA-256 over the body, to tell a retry from a different message under the same id. The body is what the client
    /// sends. A file counts only with its id, since its other properties may change between attempts; mentions follow from the text.
    /// </summary>
    public static ulong Hash(string text, long replyToSeq, IReadOnlyList<MessageFile> files, long threadSeq = 0)
    {
        // No text contains U+0000. Without files and thread this is the hash of the text alone: existing snapshots contain it.
        var body = files.Count == 0 ? text : $"{text}\0{string.Join('\0', files.Select(file => file.Id.Value))}";
        if (threadSeq != 0)
        {
            body = string.Create(CultureInfo.InvariantCulture, $"{body}\0\0{threadSeq}"); // no file's id is empty
        }

        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(body), digest);
        return BitConverter.ToUInt64(digest) ^ (ulong)replyToSeq;
    }

    public SeenMessage? Find(UserId author, Guid clientId) => _byKey.GetValueOrDefault((author, clientId));

    /// <summary>Whether an id that is not found here was never used.</summary>
    public bool Covers(Guid clientId) => !ClientIds.TryReadTime(clientId, out var made) || made > Floor;

    public SeenMessages Add(MessagePosted e)
    {
        var seen = new SeenMessage(e.Author.Id, e.ClientId, e.Seq, e.N, e.Time, Hash(e.Text, e.ReplyToSeq, e.Files, e.ThreadSeq));
        var byKey = _byKey.SetItem((seen.Author, seen.ClientId), seen);
        var bySeq = _bySeq.Enqueue(seen);
        var floor = Floor;
        while (byKey.Count > _bounds.MaxCount || (byKey.Count > _bounds.MinCount && bySeq.Peek().Time < e.Time - _bounds.MinAge))
        {
            bySeq = bySeq.Dequeue(out var oldest);
            byKey = byKey.Remove((oldest.Author, oldest.ClientId));
            if (ClientIds.TryReadTime(oldest.ClientId, out var made) && made > floor)
            {
                floor = made;
            }
        }

        return new SeenMessages(_bounds, byKey, bySeq, floor);
    }

    public IEnumerator<SeenMessage> GetEnumerator() => ((IEnumerable<SeenMessage>)_bySeq).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
