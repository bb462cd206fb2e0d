using System.Buffers.Binary;

namespace AkkaChat.Persistence.Search;

/// <summary>What a message has besides its text.</summary>
[Flags]
public enum MessageParts
{
    None = 0,
    File = 1,
    Image = 2,
    Link = 4,
}

/// <summary>A message in the order of searches: the newest first, and those of one moment by room and number.</summary>
internal readonly record struct DocKey(long Ts, string Room, long N) : IComparable<DocKey>
{
    public int CompareTo(DocKey other) =>
        Ts != other.Ts ? Ts.CompareTo(other.Ts)
        : string.CompareOrdinal(Room, other.Room) is not 0 and var byRoom ? byRoom
        : N.CompareTo(other.N);
}

/// <summary>A message of a segment.</summary>
internal readonly record struct Doc(DocKey Key, string Author, MessageParts Parts);

/// <summary>The messages of a segment, ascending by <see cref="DocKey"/>. About 20 bytes each in memory.</summary>
internal sealed class SegmentDocs
{
    /// <summary>Of <see cref="Encode"/>, and of postings.</summary>
    public const long Format = 1;

    private readonly long[] _ts;
    private readonly int[] _n;
    private readonly ushort[] _room;
    private readonly ushort[] _author;
    private readonly byte[] _parts;

    private SegmentDocs(int count, string[] rooms, string[] authors)
    {
        (Rooms, Authors) = (rooms, authors);
        (_ts, _n, _room, _author, _parts) = (new long[count], new int[count], new ushort[count], new ushort[count], new byte[count]);
    }

    public int Count => _ts.Length;

    public IReadOnlyList<string> Rooms { get; }

    public IReadOnlyList<string> Authors { get; }

    public DocKey KeyOf(int doc) => new(_ts[doc], Rooms[_room[doc]], _n[doc]);

    public long TsOf(int doc) => _ts[doc];

    /// <summary>An index in <see cref="Rooms"/>.</summary>
    public int RoomOf(int doc) => _room[doc];

    /// <summary>An index in <see cref="Authors"/>.</summary>
    public int AuthorOf(int doc) => _author[doc];

    public MessageParts PartsOf(int doc) => (MessageParts)_parts[doc];

    /// <param name="docs">Ascending; at most 65,536.</param>
    public static byte[] Encode(IReadOnlyList<Doc> docs)
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        var rooms = Numbered(docs.Select(doc => doc.Key.Room));
        var authors = Numbered(docs.Select(doc => doc.Author));
        writer.Write7BitEncodedInt(docs.Count);
        foreach (var names in new[] { rooms, authors })
        {
            writer.Write7BitEncodedInt(names.Count);
            foreach (var name in names.Keys)
            {
                writer.Write(name);
            }
        }

        long ts = 0;
        foreach (var doc in docs)
        {
            writer.Write7BitEncodedInt64(doc.Key.Ts - ts);
            ts = doc.Key.Ts;
            writer.Write7BitEncodedInt64(doc.Key.N);
            writer.Write7BitEncodedInt(rooms[doc.Key.Room]);
            writer.Write7BitEncodedInt(authors[doc.Author]);
            writer.Write((byte)doc.Parts);
        }

        return bytes.ToArray();
    }

    public static SegmentDocs Decode(byte[] bytes)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes));
        var count = reader.Read7BitEncodedInt();
        var docs = new SegmentDocs(count, Names(reader), Names(reader));
        long ts = 0;
        for (var i = 0; i < count; i++)
        {
            ts += reader.Read7BitEncodedInt64();
            docs._ts[i] = ts;
            docs._n[i] = checked((int)reader.Read7BitEncodedInt64());
            docs._room[i] = checked((ushort)reader.Read7BitEncodedInt());
            docs._author[i] = checked((ushort)reader.Read7BitEncodedInt());
            docs._parts[i] = reader.ReadByte();
        }

        return docs;
    }

    private static string[] Names(BinaryReader reader)
    {
        var names = new string[reader.Read7BitEncodedInt()];
        for (var i = 0; i < names.Length; i++)
        {
            names[i] = reader.ReadString();
        }

        return names;
    }

    /// <summary>In the order of the numbers.</summary>
    private static Dictionary<string, int> Numbered(IEnumerable<string> names)
    {
        var numbers = new Dictionary<string, int>();
        foreach (var name in names)
        {
            numbers.TryAdd(name, numbers.Count);
        }

        return numbers;
    }
}

/// <summary>A set of a segment's messages, by their places.</summary>
internal sealed class DocSet
{
    private readonly ulong[] _words;

    private DocSet(int count) => _words = new ulong[(count + 63) / 64];

    public bool IsEmpty => Array.TrueForAll(_words, word => word == 0);

    public static DocSet None(int count) => new(count);

    public static DocSet All(int count)
    {
        var set = new DocSet(count);
        Array.Fill(set._words, ulong.MaxValue);
        if (count % 64 != 0)
        {
            set._words[^1] = (1UL << (count % 64)) - 1;
        }

        return set;
    }

    public void And(DocSet other)
    {
        for (var i = 0; i < _words.Length; i++)
        {
            _words[i] &= other._words[i];
        }
    }

    /// <summary>The places in the set, from the last to the first.</summary>
    public IEnumerable<int> Descending()
    {
        for (var i = _words.Length - 1; i >= 0; i--)
        {
            for (var word = _words[i]; word != 0;)
            {
                var bit = 63 - System.Numerics.BitOperations.LeadingZeroCount(word);
                word &= ~(1UL << bit);
                yield return (i * 64) + bit;
            }
        }
    }

    /// <summary>
    /// Ascending places: the differences, seven bits a byte, after a byte 0; or, where that is shorter, the words of the set after a byte 1.
    /// </summary>
    public static byte[] Encode(IReadOnlyList<ushort> places, int count)
    {
        var words = (count + 63) / 64;
        var result = new List<byte>(places.Count + 1) { 0 };
        var last = -1;
        foreach (var place in places)
        {
            var difference = place - last - 1;
            last = place;
            for (; difference >= 0x80; difference >>= 7)
            {
                result.Add((byte)(difference | 0x80));
            }

            result.Add((byte)difference);
        }

        return result.Count <= 1 + (words * 8) ? [.. result] : Words(places, words);
    }

    /// <summary>Adds what <see cref="Encode"/> has made.</summary>
    public void Add(byte[] encoded)
    {
        if (encoded[0] == 1)
        {
            for (var i = 0; i < _words.Length; i++)
            {
                _words[i] |= BinaryPrimitives.ReadUInt64LittleEndian(encoded.AsSpan(1 + (i * 8)));
            }

            return;
        }

        var place = -1;
        for (var i = 1; i < encoded.Length;)
        {
            var (difference, shift) = (0, 0);
            byte part;
            do
            {
                part = encoded[i++];
                difference |= (part & 0x7F) << shift;
                shift += 7;
            }
            while (part >= 0x80);
            place += difference + 1;
            _words[place / 64] |= 1UL << (place % 64);
        }
    }

    private static byte[] Words(IReadOnlyList<ushort> places, int words)
    {
        var set = new DocSet(words * 64);
        foreach (var place in places)
        {
            set._words[place / 64] |= 1UL << (place % 64);
        }

        var bytes = new byte[1 + (words * 8)];
        bytes[0] = 1;
        for (var i = 0; i < words; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(1 + (i * 8)), set._words[i]);
        }

        return bytes;
    }
}
