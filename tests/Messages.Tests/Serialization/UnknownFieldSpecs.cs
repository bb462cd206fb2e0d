using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using Google.Protobuf;
using Wire = AkkaChat.Messages.Rooms.Wire;

namespace AkkaChat.Messages.Tests.Serialization;

/// <summary>Journal rows tell whether a later version has written them.</summary>
public sealed class UnknownFieldSpecs
{
    /// <summary>Field 1000, a number.</summary>
    private static readonly byte[] OfALaterVersion = [0xC0, 0x3E, 0x01];

    private static readonly RoomEventBatch Batch = new(
    [
        new MessagePosted(7, DateTimeOffset.UnixEpoch, 5, Guid.Empty, new UserRef(new UserId("u_1"), "ana", "Ana"), "hi", 0, []) { ThreadSeq = 3, ThreadN = 1 },
        new MemberLeft(8, DateTimeOffset.UnixEpoch, new UserRef(new UserId("u_1"), "ana", "Ana"), LeaveReason.Left),
    ]);

    private static Wire.EventBatch Row => new() { Events = { Batch.Events.Select(RoomWire.ToWire) } };

    [Fact]
    public void Row_ShouldBeRead_WhenThisVersionHasWrittenIt()
    {
        var events = ((RoomEventBatch)RoomSerializer.ReadWholeJournalEntry(Row.ToByteArray(), "re-v1")!).Events;
        Assert.Equal(Row, new Wire.EventBatch { Events = { events.Select(RoomWire.ToWire) } });
    }

    /// <summary>A number that is written twice is no news, though this version would write it once.</summary>
    [Fact]
    public void Row_ShouldHaveNone_WhenItIsOnlyWrittenAtGreaterLength() =>
        Assert.False(HasUnknownFields(Wrapped([0x08, 0x01, .. Row.Events[1].ToByteArray()])));

    [Fact]
    public void Row_ShouldHaveSome_WhereverTheyAre()
    {
        Assert.True(HasUnknownFields([.. Row.ToByteArray(), .. OfALaterVersion]));
        Assert.True(HasUnknownFields(Wrapped([.. Row.Events[1].ToByteArray(), .. OfALaterVersion])));
        var reply = Row.Events[0];
        reply.MessagePosted = Wire.MessagePosted.Parser.ParseFrom([.. reply.MessagePosted.ToByteArray(), .. OfALaterVersion]);
        Assert.True(HasUnknownFields(new Wire.EventBatch { Events = { reply } }.ToByteArray()));
    }

    private static bool HasUnknownFields(byte[] row) => RoomSerializer.ReadWholeJournalEntry(row, "re-v1") is null;

    /// <summary>An event in a batch.</summary>
    private static byte[] Wrapped(byte[] @event) => [0x0A, checked((byte)@event.Length), .. @event];
}
