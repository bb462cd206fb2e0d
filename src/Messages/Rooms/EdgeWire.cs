using AkkaChat.Messages.Ids;
using static AkkaChat.Messages.Rooms.RoomProtocol;
using W = AkkaChat.Messages.Rooms.Wire;

namespace AkkaChat.Messages.Rooms;

/// <summary>Maps the items of an <see cref="EdgeBatch"/> to protobuf and back. Items that are sent alone have the same form.</summary>
internal static class EdgeWire
{
    public static W.EdgeItem ToWire(IEdgeItem item) => item switch
    {
        Committed committed => new W.EdgeItem { Committed = ToWire(committed) },
        Typing typing => new W.EdgeItem { Typing = ToWire(typing) },
        Head head => new W.EdgeItem { Head = ToWire(head) },
        EdgeAnswer { Reply: PostAck ack } answer => new W.EdgeItem { Answer = new W.Answer { To = answer.To, PostAck = ToWire(ack) } },
        EdgeAnswer { Reply: ChangeAck ack } answer => new W.EdgeItem { Answer = new W.Answer { To = answer.To, ChangeAck = ToWire(ack) } },
        EdgeAnswer { Reply: Nack nack } answer => new W.EdgeItem { Answer = new W.Answer { To = answer.To, Nack = ToWire(nack) } },
        _ => throw new InvalidOperationException($"{item} is not an item of a batch for an edge."),
    };

    public static IEdgeItem FromWire(W.EdgeItem wire) => wire.ItemCase switch
    {
        W.EdgeItem.ItemOneofCase.Committed => FromWire(wire.Committed),
        W.EdgeItem.ItemOneofCase.Typing => FromWire(wire.Typing),
        W.EdgeItem.ItemOneofCase.Head => FromWire(wire.Head),
        W.EdgeItem.ItemOneofCase.Answer => new EdgeAnswer(wire.Answer.To, ReplyOf(wire.Answer)),
        _ => throw new InvalidOperationException($"{wire.ItemCase} is not an item of a batch for an edge."),
    };

    public static W.PostAck ToWire(PostAck ack) =>
        new() { Seq = ack.Seq, N = ack.N, TimeMs = RoomWire.ToWire(ack.Time), Duplicate = ack.Duplicate };

    public static PostAck FromWire(W.PostAck wire) => new(wire.Seq, wire.N, RoomWire.Time(wire.TimeMs), wire.Duplicate);

    public static W.ChangeAck ToWire(ChangeAck ack) => new() { Seq = ack.Seq, Changed = ack.Changed };

    public static ChangeAck FromWire(W.ChangeAck wire) => new(wire.Seq, wire.Changed);

    public static W.Nack ToWire(Nack nack) =>
        new() { Code = (int)nack.Code, Message = nack.Message, RetryAfterMs = (int)nack.RetryAfter.TotalMilliseconds };

    public static Nack FromWire(W.Nack wire) => new((NackCode)wire.Code, wire.Message, TimeSpan.FromMilliseconds(wire.RetryAfterMs));

    public static W.Committed ToWire(Committed committed) => new()
    {
        Room = committed.Room.Value,
        Events = { committed.Events.Select(RoomWire.ToWire) },
        Traces = { committed.Traces.Select(trace => new W.EventTrace { Seq = trace.Seq, Trace = trace.Trace }) },
    };

    public static Committed FromWire(W.Committed wire) => new(new RoomId(wire.Room), [.. wire.Events.Select(RoomWire.FromWire)])
    {
        Traces = [.. wire.Traces.Select(trace => new EventTrace(trace.Seq, trace.Trace))],
    };

    public static W.Typing ToWire(Typing typing) => new() { Room = typing.Room.Value, User = typing.User.Value };

    public static Typing FromWire(W.Typing wire) => new(new RoomId(wire.Room), new UserId(wire.User));

    public static W.Head ToWire(Head head) => new() { Room = head.Room.Value, Seq = head.Seq, N = head.N };

    public static Head FromWire(W.Head wire) => new(new RoomId(wire.Room), wire.Seq, wire.N);

    private static IReply ReplyOf(W.Answer wire) => wire.ReplyCase switch
    {
        W.Answer.ReplyOneofCase.PostAck => FromWire(wire.PostAck),
        W.Answer.ReplyOneofCase.ChangeAck => FromWire(wire.ChangeAck),
        W.Answer.ReplyOneofCase.Nack => FromWire(wire.Nack),
        _ => throw new InvalidOperationException($"{wire.ReplyCase} is not a reply of a room."),
    };
}
