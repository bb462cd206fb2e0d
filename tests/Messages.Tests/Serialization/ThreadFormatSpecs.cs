using System.Text;
using AkkaChat.Messages.Client;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using Google.Protobuf;
using Wire = AkkaChat.Messages.Rooms.Wire;

namespace AkkaChat.Messages.Tests.Serialization;

/// <summary>What messages say of their threads, which came after the formats around it.</summary>
public sealed class ThreadFormatSpecs
{
    private static readonly MessagePosted Reply =
        new(7, DateTimeOffset.UnixEpoch, 5, Guid.Empty, new UserRef(new UserId("u_1"), "ana", "Ana"), "hi", 0, []) { ThreadSeq = 3, ThreadN = 1 };

    [Fact]
    public void Thread_ShouldBeInItsFields_ForEver()
    {
        Assert.Equal(8, Wire.MessagePosted.ThreadSeqFieldNumber);
        Assert.Equal(9, Wire.MessagePosted.ThreadNFieldNumber);
        Assert.Equal(5, Wire.MessageEdited.ThreadSeqFieldNumber);
        Assert.Equal(5, Wire.MessageDeleted.ThreadSeqFieldNumber);
        Assert.Equal(11, Wire.PostMessage.ThreadSeqFieldNumber);
    }

    [Fact]
    public void Reply_ShouldHaveTheseBytes_ForEver() => Assert.Equal(
        "0807322d0805121000000000000000000000000000000000" + "1a0f0a03755f311203616e611a03416e61" + "22026869" + "40034801",
        Convert.ToHexStringLower(RoomWire.ToWire(Reply).ToByteArray()));

    [Fact]
    public void Frame_ShouldNameTheThread_AndSayNothingOfIt_WhereThereIsNone()
    {
        var room = new RoomId("r_1");
        var frames = new RoomEvent[]
        {
            Reply,
            new MessageEdited(8, Reply.Time, 7, 5, "ho", []) { ThreadSeq = 3 },
            new MessageDeleted(9, Reply.Time, 7, 5, Reply.Author, []) { ThreadSeq = 3 },
        };

        Assert.All(frames, e => Assert.Contains("\"thread\":\"r_1.3\"", Text(e), StringComparison.Ordinal));
        Assert.All(
            new RoomEvent[] { Reply with { ThreadSeq = 0 }, (MessageEdited)frames[1] with { ThreadSeq = 0 }, (MessageDeleted)frames[2] with { ThreadSeq = 0 } },
            e => Assert.DoesNotContain("thread", Text(e), StringComparison.Ordinal));

        string Text(RoomEvent e) => Encoding.UTF8.GetString(ClientFrames.Event(room, e));
    }
}
