using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using AkkaChat.LoadTest.Checking;

namespace AkkaChat.LoadTest.Protocol;

/// <summary>The events that the load test tells apart; all others are <see cref="Other"/>.</summary>
internal enum EventKind
{
    Other,
    Message,
    Sync,
    Reset,
    Digest,
    Head,
    Lagged,
    SyncDone,
}

/// <summary>What a request was refused with.</summary>
internal readonly record struct Refusal(string Code, string Message, bool IsRetryable, int RetryAfterMs);

/// <summary>One frame of the server, as far as every frame is alike. It points into the bytes that it was read from.</summary>
internal ref struct Frame
{
    /// <summary>The id of the request that it answers; empty of an event.</summary>
    public ReadOnlySpan<byte> Re;
    public ReadOnlySpan<byte> Room;
    public ReadOnlySpan<byte> Data;
    public ReadOnlySpan<byte> Error;
    public EventKind Kind;

    /// <summary>0 where the event is not durable.</summary>
    public long Seq;

    public readonly bool IsReply => !Re.IsEmpty;

    public readonly bool IsError => !Error.IsEmpty;
}

/// <summary>Where a room is, as a digest, <c>room.head</c> and others tell it.</summary>
internal readonly record struct RoomHead(string Room, long Head);

/// <summary>
/// Reads what the server sends (docs/protocol.md) straight from UTF-8, without an object for a frame: a run reads tens of thousands of
/// them in a second. Fields may come in any order, and unknown ones are skipped.
/// </summary>
internal sealed class FrameReader(Texts texts)
{
    public static Frame Read(ReadOnlySpan<byte> bytes)
    {
        var frame = default(Frame);
        var reader = new Utf8JsonReader(bytes);
        Start(ref reader);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("ev"u8))
            {
                reader.Read();
                frame.Kind = KindOf(ref reader);
            }
            else if (reader.ValueTextEquals("room"u8))
            {
                reader.Read();
                frame.Room = reader.TokenType == JsonTokenType.String ? reader.ValueSpan : default;
            }
            else if (reader.ValueTextEquals("seq"u8))
            {
                reader.Read();
                frame.Seq = reader.TokenType == JsonTokenType.Number ? reader.GetInt64() : 0;
            }
            else if (reader.ValueTextEquals("re"u8))
            {
                reader.Read();
                frame.Re = reader.TokenType == JsonTokenType.String ? reader.ValueSpan : "?"u8;
            }
            else if (reader.ValueTextEquals("d"u8))
            {
                frame.Data = Value(ref reader, bytes);
            }
            else if (reader.ValueTextEquals("err"u8))
            {
                frame.Error = Value(ref reader, bytes);
            }
            else
            {
                reader.Skip();
            }
        }

        return frame;
    }

    /// <summary>The event of a frame that has a seq.</summary>
    public RoomEvent Event(in Frame frame)
    {
        if (frame.Kind != EventKind.Message)
        {
            return new RoomEvent(frame.Seq, RoomEvent.NoMessage, default, true);
        }

        var message = RoomEvent.NoMessage;
        var isIntact = false;
        Guid cid = default;
        var reader = new Utf8JsonReader(frame.Data);
        Start(ref reader);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("text"u8))
            {
                reader.Read();
                if (reader.ValueIsEscaped || !texts.TryRead(reader.ValueSpan, out message, out isIntact))
                {
                    message = RoomEvent.NoMessage;
                }
            }
            else if (reader.ValueTextEquals("cid"u8))
            {
                reader.Read();
                _ = Utf8Parser.TryParse(reader.ValueSpan, out cid, out _, 'D');
            }
            else
            {
                reader.Skip();
            }
        }

        return new RoomEvent(frame.Seq, message, cid, isIntact);
    }

    /// <summary>The events of a <c>room.sync</c>, pushed or pulled, or of a page of the REST history (<c>items</c>).</summary>
    /// <param name="to">The last seq that it claims to bring; of a REST page that of its last event.</param>
    public List<RoomEvent> Events(ReadOnlySpan<byte> data, out long to, out long head)
    {
        to = head = 0;
        var events = new List<RoomEvent>();
        var reader = new Utf8JsonReader(data);
        Start(ref reader);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("events"u8) || reader.ValueTextEquals("items"u8))
            {
                reader.Read();
                while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
                {
                    var start = (int)reader.TokenStartIndex;
                    reader.Skip();
                    events.Add(Event(Read(data[start..(int)reader.BytesConsumed])));
                }
            }
            else if (reader.ValueTextEquals("to"u8))
            {
                reader.Read();
                to = reader.GetInt64();
            }
            else if (reader.ValueTextEquals("head"u8))
            {
                reader.Read();
                head = reader.TokenType == JsonTokenType.Number ? reader.GetInt64() : Number(Value(ref reader, data, isRead: true), "seq"u8);
            }
            else
            {
                reader.Skip();
            }
        }

        to = to == 0 && events.Count > 0 ? events[^1].Seq : to;
        return events;
    }

    /// <summary>The rooms of a <c>room.digest</c> or <c>room.head</c>.</summary>
    public static List<RoomHead> Heads(ReadOnlySpan<byte> data)
    {
        var heads = new List<RoomHead>();
        var reader = new Utf8JsonReader(data);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            var item = data[start..(int)reader.BytesConsumed];
            heads.Add(new RoomHead(Encoding.UTF8.GetString(Text(item, "room"u8)), Number(item, "head"u8)));
        }

        return heads;
    }

    public static Refusal Refusal(ReadOnlySpan<byte> error) => new(
        Encoding.UTF8.GetString(Text(error, "code"u8)),
        Encoding.UTF8.GetString(Text(error, "message"u8)),
        Text(error, "retryable"u8).SequenceEqual("true"u8),
        (int)Number(error, "retryAfterMs"u8));

    /// <summary>A number of the object; 0 where it has none of that name.</summary>
    public static long Number(ReadOnlySpan<byte> data, ReadOnlySpan<byte> name) =>
        Utf8Parser.TryParse(Text(data, name), out long value, out _) ? value : 0;

    /// <summary>The raw value of a property of the object: a string without its quotes, an object whole; empty where it is not there.</summary>
    public static ReadOnlySpan<byte> Text(ReadOnlySpan<byte> data, ReadOnlySpan<byte> name)
    {
        if (data.IsEmpty)
        {
            return default;
        }

        var reader = new Utf8JsonReader(data);
        Start(ref reader);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals(name))
            {
                reader.Read();
                return reader.TokenType == JsonTokenType.StartObject ? Value(ref reader, data, isRead: true) : reader.ValueSpan;
            }

            reader.Skip();
        }

        return default;
    }

    private static void Start(ref Utf8JsonReader reader)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("not a JSON object");
        }
    }

    private static ReadOnlySpan<byte> Value(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> bytes, bool isRead = false)
    {
        if (!isRead)
        {
            reader.Read();
        }

        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return bytes[start..(int)reader.BytesConsumed];
    }

    private static EventKind KindOf(ref Utf8JsonReader reader)
    {
        if (reader.ValueTextEquals("message.created"u8))
        {
            return EventKind.Message;
        }

        return reader.GetString() switch
        {
            "room.sync" => EventKind.Sync,
            "room.reset" => EventKind.Reset,
            "room.digest" => EventKind.Digest,
            "room.head" => EventKind.Head,
            "room.lagged" => EventKind.Lagged,
            "sync.done" => EventKind.SyncDone,
            _ => EventKind.Other,
        };
    }
}
