using AkkaChat.Messages.Rooms;
using AkkaChat.Messages.Tests.Serialization;
using AkkaChat.Support;
using Google.Protobuf;
using W = AkkaChat.Messages.Rooms.Wire;

namespace AkkaChat.Messages.Tests.Rooms;

public sealed class RoomEventCatalogueSpecs
{
    public static TheoryData<string> Names => new(RoomEventCatalogue.Formats.Select(format => format.Name));

    [Fact]
    public void Formats_ShouldHoldEveryEvent() => Assert.Equal(
        typeof(RoomEvent).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(RoomEvent))).Select(type => type.Name).Order(),
        RoomEventCatalogue.Formats.Select(format => format.Type.Name).Order());

    [Fact]
    public void Formats_ShouldHoldEveryBodyOfTheWire() => Assert.Equal(
        Enum.GetValues<W.Event.BodyOneofCase>().Where(body => body != W.Event.BodyOneofCase.None).Order(),
        RoomEventCatalogue.Formats.Select(format => format.Body).Order());

    [Fact]
    public void Name_ShouldBeOfOneEvent() => Assert.Distinct(RoomEventCatalogue.Formats.Select(format => format.Name));

    [Fact]
    public void Samples_ShouldHoldEveryEvent() => Assert.All(
        new[] { WireSamples.Events, WireSamples.Extremes.OfType<RoomEventBatch>().SelectMany(batch => batch.Events) },
        samples => Assert.Equal(
            RoomEventCatalogue.Formats.Select(format => format.Type.Name).Order(),
            samples.Select(e => e.GetType().Name).Distinct().Order()));

    [Theory]
    [MemberData(nameof(Names))]
    public void Event_ShouldHaveTheGoldenBytes_BothWays(string name)
    {
        var sample = WireSamples.Events.Single(e => RoomEventCatalogue.For(e).Name == name);

        var bytes = Convert.ToHexStringLower(RoomWire.ToWire(sample).ToByteArray());

        Assert.True(GoldenBytes.ByEvent.TryGetValue(name, out var golden), $"\"{name}\" has no golden bytes. They are\n{bytes}");
        Assert.Equal(golden, bytes);
        Assert.Equal(Printed.Of(sample), Printed.Of(RoomWire.FromWire(W.Event.Parser.ParseFrom(Convert.FromHexString(golden)))));
    }

    [Fact]
    public void SizeOf_ShouldBeNoLessThanTheBytes_AndNotMuchMore()
    {
        Assert.All(WireSamples.Events, AssertSize);
        Assert.All(WireSamples.Extremes.OfType<RoomEventBatch>().SelectMany(batch => batch.Events), AssertSize);
        WireGen.Event.ForAll(AssertSize, cases: 10_000);
    }

    private static void AssertSize(RoomEvent @event)
    {
        var bytes = new W.EventBatch { Events = { RoomWire.ToWire(@event) } }.CalculateSize();
        var (mentions, files) = @event switch
        {
            MessagePosted posted => (posted.Mentions.Count, posted.Files.Count),
            MessageEdited edited => (edited.Mentions.Count, 0),
            MessageDeleted deleted => (deleted.Files.Count, 0),
            _ => (0, 0),
        };
        var cards = @event is LinkAttached attached ? attached.Cards.Count : 0;
        Assert.InRange(RoomEventCatalogue.SizeOf(@event), bytes, bytes + 100 + (5 * mentions) + (65 * files) + (65 * cards));
    }
}
