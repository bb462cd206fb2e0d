using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;

namespace AkkaChat.Messages.Serialization;

/// <summary>Bound to <see cref="object"/>: a type without a serializer of its own cannot leave the process.</summary>
public sealed class StrictSerializer(ExtendedActorSystem system) : Serializer(system)
{
    /// <summary>In the place of a serializer that has settings.</summary>
    public StrictSerializer(ExtendedActorSystem system, Config settings)
        : this(system)
    {
    }

    public override int Identifier => SerializerIds.Strict;

    public override bool IncludeManifest => false;

    public override byte[] ToBinary(object obj) =>
        throw new SerializationException($"No serializer is bound to {obj.GetType().FullName}: only wire messages may cross a node.");

    public override object FromBinary(byte[] bytes, Type type) =>
        throw new SerializationException("A payload of the strict serializer cannot exist.");
}
