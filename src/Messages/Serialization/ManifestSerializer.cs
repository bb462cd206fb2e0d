using Akka.Actor;
using Akka.Serialization;

namespace AkkaChat.Messages.Serialization;

/// <summary>
/// A serializer over a table of protobuf formats. An unknown type or manifest throws
/// <see cref="System.Runtime.Serialization.SerializationException"/>.
/// </summary>
public abstract class ManifestSerializer : SerializerWithStringManifest
{
    private readonly ManifestTable _table;

    private protected ManifestSerializer(ExtendedActorSystem system, int identifier, ManifestTable table)
        : base(system)
    {
        Identifier = identifier;
        _table = table;
    }

    public override int Identifier { get; }

    public override string Manifest(object o) => _table.For(o).Manifest;

    public override byte[] ToBinary(object obj) => _table.For(obj).Write(obj);

    public override object FromBinary(byte[] bytes, string manifest) => _table.For(manifest).Read(bytes);
}
