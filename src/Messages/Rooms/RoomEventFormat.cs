using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AkkaChat.Messages.Ids;
using W = AkkaChat.Messages.Rooms.Wire;

namespace AkkaChat.Messages.Rooms;

/// <summary>One type of durable event in all its forms: in the journal and between nodes, and as clients see it.</summary>
public abstract class RoomEventFormat
{
    private protected RoomEventFormat(Type type, W.Event.BodyOneofCase body, string name)
    {
        Type = type;
        Body = body;
        Name = name;
    }

    public Type Type { get; }

    /// <summary>Its <c>ev</c>: public contract, never changed.</summary>
    public string Name { get; }

    internal W.Event.BodyOneofCase Body { get; }

    internal abstract void Write(RoomEvent @event, W.Event wire);

    internal abstract RoomEvent Read(W.Event wire);

    /// <summary>One WebSocket text frame.</summary>
    internal abstract byte[] Frame(RoomId room, RoomEvent @event);

    /// <summary>An upper bound of its bytes in a journal row or a broadcast.</summary>
    internal abstract int Size(RoomEvent @event);
}

internal sealed class RoomEventFormat<TEvent, TView>(W.Event.BodyOneofCase body, string name, JsonTypeInfo<EventFrame<TView>> json)
    : RoomEventFormat(typeof(TEvent), body, name)
    where TEvent : RoomEvent
{
    private const int EnvelopeSize = WireSize.Header + WireSize.Number + WireSize.Number + WireSize.Header;

    /// <summary>Sets the body.</summary>
    public required Action<TEvent, W.Event> ToWire { get; init; }

    public required Func<long, DateTimeOffset, W.Event, TEvent> FromWire { get; init; }

    /// <summary>Makes the frame's <c>d</c>.</summary>
    public required Func<RoomId, TEvent, TView> View { get; init; }

    /// <summary>An upper bound of the body's bytes.</summary>
    public required Func<TEvent, int> BodySize { get; init; }

    internal override void Write(RoomEvent @event, W.Event wire) => ToWire((TEvent)@event, wire);

    internal override RoomEvent Read(W.Event wire) => FromWire(wire.Seq, RoomWire.Time(wire.TimeMs), wire);

    internal override byte[] Frame(RoomId room, RoomEvent @event) => JsonSerializer.SerializeToUtf8Bytes(
        new EventFrame<TView>(Name, room.Value, @event.Seq, null, View(room, (TEvent)@event)), json);

    internal override int Size(RoomEvent @event) => EnvelopeSize + BodySize((TEvent)@event);
}
