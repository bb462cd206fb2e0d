using System.Text;
using System.Text.Json;
using Akka.Actor;
using Akka.Serialization;
using AkkaChat.Messages.Client;
using AkkaChat.Messages.Nodes;
using AkkaChat.Messages.Rooms;
using AkkaChat.Messages.Tests.Client;
using AkkaChat.Messages.Tests.Serialization;
using AkkaChat.Messages.Users;
using AkkaChat.Support;

namespace AkkaChat.Messages.Tests;

/// <summary>What every release wrote is read by this one, and this one's frames still hold what clients of every release look for.</summary>
public sealed class GoldenReleaseSpecs : IDisposable
{
    /// <summary>The manifests of journals and snapshots.</summary>
    private static readonly string[] Stored = ["re-v1", "rf-v1", "rs-v1"];

    private readonly ActorSystem _system = ActorSystem.Create("golden", "akka.loglevel = off");

    public static TheoryData<string> Versions => [.. GoldenReleases.Versions];

    public void Dispose() => _system.Dispose();

    [Fact]
    public void Files_ShouldBeAsTheyWereRecorded() => Assert.Empty(GoldenReleases.Changed());

    [Fact]
    public void CurrentVersion_ShouldBeRecorded() => GoldenReleases.RequireCurrent(
        ("wire.tsv", () => GoldenBytes.ByManifest.Select(item => (item.Key, item.Value))),
        ("frames.tsv", () => ClientFramesSpecs.Frames.Select(row => ((string)row[0], (string)row[2]))),
        ("requests.tsv", () => GoldenReleases.Read(GoldenReleases.Versions[^1], "requests.tsv")));

    /// <summary>
    /// Between nodes and in the journal. What is read must survive this version's own writing; of what is stored nothing may be dropped, while a
    /// message between nodes may lose a field that is reserved now.
    /// </summary>
    [Theory]
    [MemberData(nameof(Versions))]
    public void Wire_ShouldBeRead(string version)
    {
        var extended = (ExtendedActorSystem)_system;
        SerializerWithStringManifest rooms = new RoomSerializer(extended);
        SerializerWithStringManifest users = new UserSerializer(extended);
        SerializerWithStringManifest nodes = new NodeSerializer(extended);
        var items = GoldenReleases.Read(version, "wire.tsv");
        Assert.NotEmpty(items);
        Assert.All(items, item =>
        {
            var serializer = RoomSerializer.Formats.Any(format => format.Manifest == item.Name) ? rooms
                : NodeSerializer.Formats.Any(format => format.Manifest == item.Name) ? nodes
                : users;
            var read = serializer.FromBinary(Convert.FromHexString(item.Value), item.Name);
            var again = serializer.ToBinary(read);
            Assert.Equal(Printed.Of(read), Printed.Of(serializer.FromBinary(again, serializer.Manifest(read))));
            if (Stored.Contains(item.Name) && serializer.Manifest(read) == item.Name)
            {
                Assert.Equal(item.Value, Convert.ToHexStringLower(again));
            }
        });
    }

    /// <summary>Clients ignore fields that they do not know, and rely on each that was there.</summary>
    [Theory]
    [MemberData(nameof(Versions))]
    public void Frames_ShouldHoldAllThatTheyHeld(string version)
    {
        var now = ClientFramesSpecs.Frames.ToDictionary(row => (string)row[0], row => JsonElement.Parse((byte[])row[1]));
        var items = GoldenReleases.Read(version, "frames.tsv");
        Assert.NotEmpty(items);
        Assert.All(items, item =>
        {
            Assert.True(now.TryGetValue(item.Name, out var frame), $"{item.Name} is not written any more");
            AssertHolds(JsonElement.Parse(item.Value), frame, item.Name);
        });
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void Requests_ShouldBeRead(string version)
    {
        var items = GoldenReleases.Read(version, "requests.tsv");
        Assert.NotEmpty(items);
        Assert.All(items, item =>
        {
            Assert.True(ClientRequest.TryParse(Encoding.UTF8.GetBytes(item.Value), out var request, out _, out var error), error);
            Assert.Equal(item.Name, request.Op);
            object? data = request.Op switch
            {
                "hello" => JsonSerializer.Deserialize(request.Data.Span, ClientJson.Default.HelloData)?.Resume?.Rooms?["r_1"],
                "message.send" => JsonSerializer.Deserialize(request.Data.Span, ClientJson.Default.SendData) is { Cid: not null, Text: not null, ReplyTo: not null, Files: not null } send ? send : null,
                "room.sync" => JsonSerializer.Deserialize(request.Data.Span, ClientJson.Default.SyncData)?.From,
                "read.set" => JsonSerializer.Deserialize(request.Data.Span, ClientJson.Default.ReadData)?.N,
                "link.remove" => JsonSerializer.Deserialize(request.Data.Span, ClientJson.Default.LinkRemoveData)?.Message,
                _ => request.Op,
            };
            Assert.NotNull(data);
        });
    }

    private static void AssertHolds(JsonElement then, JsonElement now, string where)
    {
        if (then.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in then.EnumerateObject())
            {
                Assert.True(now.TryGetProperty(property.Name, out var value), $"{where}: {property.Name} is gone");
                AssertHolds(property.Value, value, $"{where}.{property.Name}");
            }
        }
        else if (then.ValueKind == JsonValueKind.Array)
        {
            Assert.Equal(then.GetArrayLength(), now.GetArrayLength());
            foreach (var (former, item) in then.EnumerateArray().Zip(now.EnumerateArray()))
            {
                AssertHolds(former, item, $"{where}[]");
            }
        }
        else
        {
            Assert.True(JsonElement.DeepEquals(then, now), $"{where}: {then} became {now}");
        }
    }
}
