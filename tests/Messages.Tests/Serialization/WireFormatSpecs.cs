using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Serialization;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Nodes;
using AkkaChat.Messages.Rooms;
using AkkaChat.Messages.Serialization;
using AkkaChat.Messages.Users;
using AkkaChat.Support;
using CsCheck;
using InvalidProtocolBufferException = Google.Protobuf.InvalidProtocolBufferException;
using static AkkaChat.Messages.Rooms.RoomProtocol;

namespace AkkaChat.Messages.Tests.Serialization;

public sealed class WireFormatSpecs : IDisposable
{
    private readonly ActorSystem _system = ActorSystem.Create("wire", "akka.loglevel = off");
    private readonly SerializerWithStringManifest[] _serializers;

    public WireFormatSpecs()
    {
        var system = (ExtendedActorSystem)_system;
        _serializers = [new RoomSerializer(system), new UserSerializer(system), new NodeSerializer(system)];
    }

    private static IEnumerable<WireFormat> Formats => RoomSerializer.Formats.Concat(UserSerializer.Formats).Concat(NodeSerializer.Formats);

    public static TheoryData<string> Manifests => new(Formats.Select(format => format.Manifest));

    public void Dispose() => _system.Dispose();

    [Theory]
    [MemberData(nameof(Manifests))]
    public void RoundTrip_ShouldGiveAnEqualValue(string manifest)
    {
        var type = Formats.Single(format => format.Manifest == manifest).Type;
        var samples = WireSamples.Golden.Concat(WireSamples.Extremes).Where(sample => sample.GetType() == type).ToList();
        Assert.True(samples.Count >= 2, $"{type.Name} needs a golden and an extreme sample.");
        Assert.All(samples, AssertRoundTrip);
    }

    [Theory]
    [MemberData(nameof(Manifests))]
    public void ToBinary_ShouldGiveTheGoldenBytes(string manifest)
    {
        var sample = WireSamples.Golden.Single(sample => Serializer(sample).Manifest(sample) == manifest);

        var bytes = Convert.ToHexStringLower(Serializer(sample).ToBinary(sample));

        Assert.True(GoldenBytes.ByManifest.TryGetValue(manifest, out var golden), $"\"{manifest}\" has no golden bytes. They are\n{bytes}");
        Assert.Equal(golden, bytes);
    }

    [Theory]
    [MemberData(nameof(Manifests))]
    public void FromBinary_ShouldReadTheGoldenBytes(string manifest)
    {
        var sample = WireSamples.Golden.Single(sample => Serializer(sample).Manifest(sample) == manifest);

        var read = Serializer(sample).FromBinary(Convert.FromHexString(GoldenBytes.ByManifest[manifest]), manifest);

        AssertSame(sample, read);
    }

    [Fact]
    public void FromBinary_ShouldReadTheBytesOfEarlierReleases() => Assert.All(GoldenBytes.WithReservedFields, earlier =>
    {
        var sample = WireSamples.Golden.Single(sample => Serializer(sample).Manifest(sample) == earlier.Key);

        AssertSame(sample, Serializer(sample).FromBinary(Convert.FromHexString(earlier.Value), earlier.Key));
    });

    [Fact]
    public void Golden_ShouldNameEveryFormatAndNoOther() =>
        Assert.Equal(Formats.Select(format => format.Manifest).Order(), GoldenBytes.ByManifest.Keys.Order());

    [Fact]
    public void Manifest_ShouldBeUniqueOverAllSerializers() => Assert.Distinct(Formats.Select(format => format.Manifest));

    [Fact]
    public void Type_ShouldHaveOneFormat() => Assert.Distinct(Formats.Select(format => format.Type));

    [Fact]
    public void Formats_ShouldHoldEveryMessageOfTheProtocols()
    {
        var messages = typeof(RoomProtocol).GetNestedTypes().Concat(typeof(UserProtocol).GetNestedTypes()).Concat(typeof(NodeProtocol).GetNestedTypes())
            .Where(type => !type.IsInterface)
            .Concat(typeof(IRoomJournalEntry).Assembly.GetTypes().Where(type => type.IsClass && type.IsAssignableTo(typeof(IRoomJournalEntry))))
            .Append(typeof(RoomSnapshot));
        Assert.Equal(messages.Select(type => type.Name).Order(), Formats.Select(format => format.Type.Name).Order());
    }

    [Fact]
    public void Identifier_ShouldStayWhatItIs()
    {
        Assert.Equal([7301, 7302, 7303], _serializers.Select(serializer => serializer.Identifier));
        Assert.Equal(7300, new StrictSerializer((ExtendedActorSystem)_system).Identifier);
    }

    [Fact]
    public void EnumValue_ShouldStayWhatItIs()
    {
        // They travel and are stored as numbers.
        Assert.Equal((0, 1, 2), ((int)RoomVisibility.Public, (int)RoomVisibility.Private, (int)RoomVisibility.Direct));
        Assert.Equal((0, 1, 2), ((int)MemberRole.Member, (int)MemberRole.Owner, (int)MemberRole.Admin));
        Assert.Equal((0, 1, 2, 3), ((int)LeaveReason.Left, (int)LeaveReason.Kicked, (int)LeaveReason.Banned, (int)LeaveReason.Deleted));
        Assert.Equal(
            "NotFound=1 Forbidden=2 Invalid=3 TooLarge=4 Busy=5 IdempotencyConflict=6 Unavailable=7 OutOfOrder=8 LastOwner=9 Blocked=10 Archived=11",
            string.Join(' ', Enum.GetValues<NackCode>().Select(code => $"{code}={(int)code}")));
    }

    [Fact]
    public void Serializer_ShouldThrow_WhenTheTypeIsUnknown()
    {
        foreach (var serializer in _serializers)
        {
            Assert.Throws<SerializationException>(() => serializer.ToBinary("text"));
            Assert.Throws<SerializationException>(() => serializer.Manifest("text"));
            Assert.Throws<SerializationException>(() => serializer.ToBinary(WireSamples.Ana)); // a part of messages, no message
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("xx-v1")]
    [InlineData("re-v2")]
    [InlineData("RE-V1")]
    [InlineData("sm-v1 ")]
    public void FromBinary_ShouldThrow_WhenTheManifestIsUnknown(string manifest) =>
        Assert.All(_serializers, serializer => Assert.Throws<SerializationException>(() => serializer.FromBinary([], manifest)));

    [Fact]
    public void FromBinary_ShouldThrow_WhenTheManifestIsOfAnotherSerializer()
    {
        Assert.All(UserSerializer.Formats, format => Assert.Throws<SerializationException>(() => _serializers[0].FromBinary([], format.Manifest)));
        Assert.All(RoomSerializer.Formats, format => Assert.Throws<SerializationException>(() => _serializers[1].FromBinary([], format.Manifest)));
        Assert.All(NodeSerializer.Formats, format => Assert.Throws<SerializationException>(() => _serializers[1].FromBinary([], format.Manifest)));
        Assert.All(UserSerializer.Formats, format => Assert.Throws<SerializationException>(() => _serializers[2].FromBinary([], format.Manifest)));
    }

    [Fact]
    public void FromBinary_ShouldThrow_WhenTheBytesAreCutOff() => Assert.All(WireSamples.Golden, sample =>
    {
        var serializer = Serializer(sample);
        var bytes = serializer.ToBinary(sample);
        Assert.Throws<InvalidProtocolBufferException>(() => serializer.FromBinary(bytes[..^1], serializer.Manifest(sample)));
    });

    [Fact]
    public void FromBinary_ShouldThrow_WhenAnEventHasAnUnknownBody()
    {
        // Field 1 (events): an event with seq 7 and an unknown field 15.
        byte[] bytes = [0x0a, 0x04, 0x08, 0x07, 0x78, 0x01];
        var error = Assert.Throws<InvalidDataException>(() => _serializers[0].FromBinary(bytes, "re-v1"));
        Assert.Contains("7", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FromBinary_ShouldPassOverUnknownFields()
    {
        byte[] bytes = [.. _serializers[0].ToBinary(new ChangeAck(5, Changed: true)), 0x78, 0x01];
        Assert.Equal(new ChangeAck(5, Changed: true), _serializers[0].FromBinary(bytes, "ca-v1"));
    }

    /// <summary>Nodes that know no order of sends take the message and leave the order out.</summary>
    [Fact]
    public void Order_ShouldStandAfterTheMessage_WhenAMessageHasOne()
    {
        var message = WireSamples.Golden.OfType<PostMessage>().Single();
        var bytes = _serializers[0].ToBinary(message with { Order = new SendOrder(-2, 300, 299) });
        Assert.Equal(GoldenBytes.ByManifest["pm-v1"] + "31feffffffffffffff38ac0240ab02", Convert.ToHexStringLower(bytes));
    }

    [Fact]
    public void ReadJournalEntry_ShouldReadBatchAndFence()
    {
        foreach (var sample in WireSamples.Golden.OfType<IRoomJournalEntry>())
        {
            AssertSame(sample, RoomSerializer.ReadJournalEntry(_serializers[0].ToBinary(sample), _serializers[0].Manifest(sample)));
        }
    }

    [Fact]
    public void RoundTrip_ShouldGiveAnEqualBatch_WhateverItsEvents() =>
        WireGen.Batch.ForAll(AssertRoundTrip, cases: 5_000);

    [Fact]
    public void RoundTrip_ShouldGiveAnEqualSnapshot_WhateverItHolds() =>
        WireGen.Snapshot.ForAll(AssertRoundTrip, cases: 2_000);

    private SerializerWithStringManifest Serializer(object value) =>
        _serializers[new[] { RoomSerializer.Formats, UserSerializer.Formats, NodeSerializer.Formats }
            .Index().Single(formats => formats.Item.Any(format => format.Type == value.GetType())).Index];

    private void AssertRoundTrip(object value)
    {
        var serializer = Serializer(value);
        var bytes = serializer.ToBinary(value);

        var read = serializer.FromBinary(bytes, serializer.Manifest(value));

        AssertSame(value, read);
        Assert.Equal(bytes, serializer.ToBinary(read));
    }

    private static void AssertSame(object expected, object actual)
    {
        Assert.IsType(expected.GetType(), actual);
        Assert.Equal(Printed.Of(expected), Printed.Of(actual));
    }
}

public sealed class StrictSerializerSpecs : IDisposable
{
    private readonly ActorSystem _system = ActorSystem.Create("strict", "akka.loglevel = off");

    public void Dispose() => _system.Dispose();

    [Fact]
    public void ToBinary_ShouldThrowAndNameTheType()
    {
        var error = Assert.Throws<SerializationException>(() => new StrictSerializer((ExtendedActorSystem)_system).ToBinary(new Version()));
        Assert.Contains("System.Version", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FromBinary_ShouldThrow() => Assert.Throws<SerializationException>(
        () => new StrictSerializer((ExtendedActorSystem)_system).FromBinary([], typeof(string)));
}
