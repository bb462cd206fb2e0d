using System.Buffers;
using System.Text;
using System.Text.Json;
using AkkaChat.LoadTest.Checking;
using AkkaChat.LoadTest.Protocol;

namespace AkkaChat.LoadTest.Tests.Protocol;

public sealed class FrameSpecs
{
    private readonly Texts _texts = new("ab12", 64);

    [Theory]
    [InlineData("""{"ev":"message.created","room":"r_1","seq":7,"d":{"id":"r_1.7","cid":"CID","author":"u_1","authorInfo":{"text":"no"},"text":"TEXT","preview":null}}""")]
    [InlineData("""{"d":{"text":"TEXT","new":[{"text":"no"}],"cid":"CID"},"new":{"a":[1,{}]},"seq":7,"room":"r_1","ev":"message.created"}""")]
    public void Message_ShouldBeRead_InWhateverOrderItsFieldsCome(string json)
    {
        var cid = Guid.CreateVersion7();
        var frame = FrameReader.Read(Bytes(json.Replace("CID", cid.ToString(), StringComparison.Ordinal).Replace("TEXT", Text(123), StringComparison.Ordinal)));

        Assert.Equal("r_1", Encoding.UTF8.GetString(frame.Room));
        Assert.Equal(new RoomEvent(7, 123, cid, true), new FrameReader(_texts).Event(frame));
    }

    [Fact]
    public void Message_ShouldBeNoneOfTheRun_WhenSomebodyElseWroteIt()
    {
        var frame = FrameReader.Read(Bytes("""{"ev":"message.created","room":"r_1","seq":7,"d":{"cid":"x","text":"hello \"you\""}}"""));

        Assert.Equal(RoomEvent.NoMessage, new FrameReader(_texts).Event(frame).Message);
    }

    [Fact]
    public void Text_ShouldNotBeIntact_WhenAByteIsAnother()
    {
        var text = Bytes(Text(5));
        Assert.True(_texts.TryRead(text, out var message, out var isIntact));
        Assert.Equal((5, true), (message, isIntact));
        text[^2]++;
        Assert.True(_texts.TryRead(text, out _, out isIntact));
        Assert.False(isIntact);
        Assert.True(_texts.TryRead(text.AsSpan(..^1), out _, out isIntact));
        Assert.False(isIntact);
        Assert.False(_texts.TryRead("load-ffff-5 the quick"u8, out _, out _));
    }

    [Fact]
    public void Sync_ShouldBeRead_PushedPulledAndFromTheHistory()
    {
        var message = $$$"""{"ev":"message.created","seq":4,"d":{"cid":"{{{Guid.Empty}}}","text":"{{{Text(0)}}}"}}""";
        var data = FrameReader.Read(Bytes($$$"""{"re":"s0","ok":true,"d":{"from":2,"to":4,"head":9,"events":[{"ev":"member.joined","seq":3,"d":{}},{{{message}}}],"complete":false}}""")).Data;

        var events = new FrameReader(_texts).Events(data, out var to, out var head);
        Assert.Equal((4, 9), (to, head));
        Assert.Equal([new(3, RoomEvent.NoMessage, default, true), new(4, 0, Guid.Empty, true)], events);

        events = new FrameReader(_texts).Events(Bytes($$$"""{"items":[{{{message}}}],"head":{"seq":9,"n":3}}"""), out to, out head);
        Assert.Equal((4, 9), (to, head));
        Assert.Single(events);
    }

    [Fact]
    public void Error_ShouldBeRead()
    {
        var frame = FrameReader.Read("""{"re":"m1","err":{"code":"rate_limited","message":"Slow down.","retryable":true,"retryAfterMs":250}}"""u8);

        Assert.True(frame.IsReply && frame.IsError);
        Assert.Equal(new Refusal("rate_limited", "Slow down.", true, 250), FrameReader.Refusal(frame.Error));
        Assert.Equal(new Refusal("invalid", "No.", false, 0), FrameReader.Refusal("""{"code":"invalid","message":"No.","retryable":false}"""u8));
    }

    [Fact]
    public void Heads_ShouldBeRead_FromDigestsAndBeacons() => Assert.Equal(
        [new RoomHead("r_1", 8), new RoomHead("r_2", 5)],
        FrameReader.Heads("""[{"room":"r_1","head":8,"n":3},{"n":1,"head":5,"room":"r_2"}]"""u8));

    [Fact]
    public void Frame_ShouldBeRefused_WhenItIsNotAnObject() => Assert.ThrowsAny<JsonException>(() => FrameReader.Read("[1]"u8).Seq);

    [Fact]
    public void Send_ShouldBeTheJsonOfTheProtocol()
    {
        var buffer = new ArrayBufferWriter<byte>(16);
        var cid = Guid.CreateVersion7();
        Requests.Send(buffer, _texts, 42, "r_9", cid);
        Requests.Send(buffer, _texts, 43, "r_9", cid);

        var json = JsonElement.Parse(buffer.WrittenSpan);
        Assert.Equal(("m43", "message.send", "r_9"), (json.GetProperty("id").GetString(), json.GetProperty("op").GetString(), json.GetProperty("room").GetString()));
        Assert.Equal(cid.ToString(), json.GetProperty("d").GetProperty("cid").GetString());
        Assert.Equal(Text(43), json.GetProperty("d").GetProperty("text").GetString());
    }

    [Fact]
    public void Hello_ShouldResume_OnceThereIsAnEpoch()
    {
        Assert.False(JsonElement.Parse(Requests.Hello("d_1", null, 0, [])).GetProperty("d").TryGetProperty("resume", out _));
        var resume = JsonElement.Parse(Requests.Hello("d_1", "e_1", 4, [("r_1", 17)])).GetProperty("d").GetProperty("resume");
        Assert.Equal(("e_1", 4, 17), (resume.GetProperty("epoch").GetString(), resume.GetProperty("user").GetInt64(), resume.GetProperty("rooms").GetProperty("r_1").GetInt64()));
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private string Text(int message)
    {
        var text = new byte[_texts.Bytes];
        _texts.Write(message, text);
        return Encoding.ASCII.GetString(text);
    }
}
