using System.Collections.Frozen;
using System.Runtime.Serialization;
using Google.Protobuf;

namespace AkkaChat.Messages.Serialization;

/// <summary>One wire format: a CLR type, its manifest in the journal and on the network, and both conversions.</summary>
public sealed class WireFormat
{
    private WireFormat(string manifest, Type type, Func<object, byte[]> write, Func<byte[], object> read, Func<byte[], object?> readWhole)
    {
        ReadWhole = readWhole;
        Manifest = manifest;
        Type = type;
        Write = write;
        Read = read;
    }

    public string Manifest { get; }

    public Type Type { get; }

    internal Func<object, byte[]> Write { get; }

    internal Func<byte[], object> Read { get; }

    /// <summary>As <see cref="Read"/>; null if something in it, however deep, is of a later version.</summary>
    internal Func<byte[], object?> ReadWhole { get; }

    internal static WireFormat Of<T, TWire>(string manifest, MessageParser<TWire> parser, Func<T, TWire> toWire, Func<TWire, T> fromWire)
        where T : class
        where TWire : IMessage<TWire>
    {
        var dropping = parser.WithDiscardUnknownFields(true);
        return new(
            manifest,
            typeof(T),
            value => toWire((T)value).ToByteArray(),
            bytes => fromWire(parser.ParseFrom(bytes)),
            bytes =>
            {
                // Reading and writing makes no message longer, so what has kept its length has lost nothing: nearly every row is parsed once.
                var known = dropping.ParseFrom(bytes);
                var size = known.CalculateSize();
                return size == bytes.Length || size == parser.ParseFrom(bytes).CalculateSize() ? fromWire(known) : null;
            });
    }
}

/// <summary>Looks up formats by type and by manifest; throws for an unknown one.</summary>
internal sealed class ManifestTable
{
    private readonly FrozenDictionary<Type, WireFormat> _byType;
    private readonly FrozenDictionary<string, WireFormat> _byManifest;

    public ManifestTable(IEnumerable<WireFormat> formats)
    {
        Formats = [.. formats];
        _byType = Formats.ToFrozenDictionary(format => format.Type);
        _byManifest = Formats.ToFrozenDictionary(format => format.Manifest);
    }

    public IReadOnlyList<WireFormat> Formats { get; }

    public WireFormat For(object value) =>
        _byType.TryGetValue(value.GetType(), out var format)
            ? format
            : throw new SerializationException($"{value.GetType().FullName} is not a wire message.");

    public WireFormat For(string manifest) =>
        _byManifest.TryGetValue(manifest, out var format)
            ? format
            : throw new SerializationException($"Unknown manifest '{manifest}'.");
}
