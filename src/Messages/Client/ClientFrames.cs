using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AkkaChat.Messages.Rooms;
using AkkaChat.Messages.Ids;

namespace AkkaChat.Messages.Client;

/// <summary>Encodes what the server sends. Each result is one WebSocket text frame, ready to be shared by any number of sockets.</summary>
public static class ClientFrames
{
    public static byte[] Pong { get; } = "{\"ev\":\"pong\"}"u8.ToArray();

    public static byte[] SyncDone { get; } = "{\"ev\":\"sync.done\"}"u8.ToArray();

    public static byte[] Reply(string? id, HelloView d) => Encode(new(id, true, d), ClientJson.Relaxed.ReplyFrameHelloView);

    public static byte[] Reply(string? id, SentView d) => Encode(new(id, true, d), ClientJson.Relaxed.ReplyFrameSentView);

    public static byte[] Reply(string? id, ReadView d) => Encode(new(id, true, d), ClientJson.Relaxed.ReplyFrameReadView);

    public static byte[] Reply(string? id, ThreadStateView d) => Encode(new(id, true, d), ClientJson.Relaxed.ReplyFrameThreadStateView);

    public static byte[] Reply(string? id, PresenceView d) => Encode(new(id, true, d), ClientJson.Relaxed.ReplyFramePresenceView);

    public static byte[] Done(string? id) => Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("re"u8, id);
        writer.WriteBoolean("ok"u8, true);
        writer.WriteStartObject("d"u8);
        writer.WriteEndObject();
        writer.WriteEndObject();
    });

    /// <param name="retryAfter">Zero when waiting does not help.</param>
    public static byte[] Error(string? id, ErrorCode code, string message, TimeSpan retryAfter = default) => Encode(
        new ErrorFrame(
            id,
            new ErrorView(
                code.WireName(),
                message,
                code.IsRetryable(),
                retryAfter > TimeSpan.Zero ? (int)Math.Ceiling(retryAfter.TotalMilliseconds) : null)),
        ClientJson.Relaxed.ErrorFrame);

    /// <summary>A durable event, live or inside <c>room.sync</c>.</summary>
    public static byte[] Event(RoomId room, RoomEvent @event) => RoomEventCatalogue.For(@event).Frame(room, @event);

    /// <param name="events">Frames of <see cref="Event"/>, contiguous from <paramref name="from"/> + 1.</param>
    public static byte[] Sync(RoomId room, long from, long to, long head, IEnumerable<byte[]> events) => Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("ev"u8, "room.sync"u8);
        writer.WriteString("room"u8, room.Value);
        WriteSync(writer, from, to, head, events);
        writer.WriteEndObject();
    });

    /// <summary>The reply to a <c>room.sync</c> pull.</summary>
    public static byte[] SyncReply(string? id, long from, long to, long head, IEnumerable<byte[]> events) => Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("re"u8, id);
        writer.WriteBoolean("ok"u8, true);
        WriteSync(writer, from, to, head, events);
        writer.WriteEndObject();
    });

    /// <summary>A page of <c>GET /api/rooms/{id}/events</c>.</summary>
    public static byte[] EventPage(IEnumerable<byte[]> events, long head, long n) => Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteStartArray("items"u8);
        foreach (var @event in events)
        {
            writer.WriteRawValue(@event, skipInputValidation: true);
        }

        writer.WriteEndArray();
        writer.WriteStartObject("head"u8);
        writer.WriteNumber("seq"u8, head);
        writer.WriteNumber("n"u8, n);
        writer.WriteEndObject();
        writer.WriteEndObject();
    });

    public static byte[] Reset(RoomId room, long head, long n, string reason) =>
        Encode(new("room.reset", room.Value, null, null, new ResetView(head, n, reason)), ClientJson.Relaxed.EventFrameResetView);

    public static byte[] Digest(IReadOnlyList<DigestView> rooms) =>
        Encode(new("room.digest", null, null, null, rooms), ClientJson.Relaxed.EventFrameIReadOnlyListDigestView);

    public static byte[] ThreadDigest(IReadOnlyList<ThreadDigestView> threads) =>
        Encode(new("thread.digest", null, null, null, threads), ClientJson.Relaxed.EventFrameIReadOnlyListThreadDigestView);

    public static byte[] ThreadUpdated(long userSeq, RoomId room, ThreadStateView d) =>
        Encode(new("thread.updated", room.Value, null, userSeq, d), ClientJson.Relaxed.EventFrameThreadStateView);

    public static byte[] Head(RoomId room, long head, long n) =>
        Encode(new("room.head", null, null, null, [new RoomHeadView(room.Value, head, n)]), ClientJson.Relaxed.EventFrameIReadOnlyListRoomHeadView);

    public static byte[] Lagged(RoomId room, long head) =>
        Encode(new("room.lagged", room.Value, null, null, new LaggedView(head)), ClientJson.Relaxed.EventFrameLaggedView);

    public static byte[] Typing(RoomId room, IReadOnlyList<string> users, TimeSpan ttl) =>
        Encode(new("typing", room.Value, null, null, new TypingView(users, (int)ttl.TotalMilliseconds)), ClientJson.Relaxed.EventFrameTypingView);

    public static byte[] Presence(RoomId room, PresenceView d) =>
        Encode(new("presence", room.Value, null, null, d), ClientJson.Relaxed.EventFramePresenceView);

    public static byte[] Presence(RoomId room, PresenceDeltaView d) =>
        Encode(new("presence", room.Value, null, null, d), ClientJson.Relaxed.EventFramePresenceDeltaView);

    public static byte[] UserChanged(PersonView d) => Encode(new("user.changed", null, null, null, d), ClientJson.Relaxed.EventFramePersonView);

    public static byte[] Draining(TimeSpan from, TimeSpan to) => Encode(
        new("server.draining", null, null, null, new DrainView([(int)from.TotalMilliseconds, (int)to.TotalMilliseconds])),
        ClientJson.Relaxed.EventFrameDrainView);

    public static byte[] MembershipAdded(long userSeq, RoomView room) =>
        Encode(new("membership.added", null, null, userSeq, new MembershipAddedView(room)), ClientJson.Relaxed.EventFrameMembershipAddedView);

    /// <param name="userSeq">Null when the frame belongs to a resume and not to the user's stream.</param>
    public static byte[] MembershipRemoved(long? userSeq, RoomId room, string reason) => Encode(
        new("membership.removed", null, null, userSeq, new MembershipRemovedView(room.Value, reason)),
        ClientJson.Relaxed.EventFrameMembershipRemovedView);

    public static byte[] ReadUpdated(long userSeq, RoomId room, ReadView d) =>
        Encode(new("read.updated", room.Value, null, userSeq, d), ClientJson.Relaxed.EventFrameReadView);

    /// <summary>Holds the place of an event that this version does not know: without it the client would see a gap.</summary>
    public static byte[] UserEventUnknown(long userSeq) =>
        Encode(new("user.unknown", null, null, userSeq, new UnknownView()), ClientJson.Relaxed.EventFrameUnknownView);

    public static byte[] UserBlocked(long userSeq, UserId user, bool on) =>
        Encode(new("user.blocked", null, null, userSeq, new UserBlockedView(user.Value, on)), ClientJson.Relaxed.EventFrameUserBlockedView);

    public static byte[] DirectHidden(long userSeq, RoomId room, bool hidden) =>
        Encode(new("direct.hidden", room.Value, null, userSeq, new DirectHiddenView(hidden)), ClientJson.Relaxed.EventFrameDirectHiddenView);

    public static byte[] MessageSaved(long userSeq, MessageId message, bool on) => Encode(
        new("message.saved", message.Room.Value, null, userSeq, new MessageSavedView(message.ToString(), on)),
        ClientJson.Relaxed.EventFrameMessageSavedView);

    public static byte[] PreferencesUpdated(long userSeq, RoomId room, PreferencesView d) =>
        Encode(new("preferences.updated", room.Value, null, userSeq, d), ClientJson.Relaxed.EventFramePreferencesView);

    public static byte[] SettingsUpdated(long userSeq, SettingsView d) =>
        Encode(new("settings.updated", null, null, userSeq, d), ClientJson.Relaxed.EventFrameSettingsView);

    private static void WriteSync(Utf8JsonWriter writer, long from, long to, long head, IEnumerable<byte[]> events)
    {
        writer.WriteStartObject("d"u8);
        writer.WriteNumber("from"u8, from);
        writer.WriteNumber("to"u8, to);
        writer.WriteNumber("head"u8, head);
        writer.WriteStartArray("events"u8);
        foreach (var @event in events)
        {
            writer.WriteRawValue(@event, skipInputValidation: true);
        }

        writer.WriteEndArray();
        writer.WriteBoolean("complete"u8, to >= head);
        writer.WriteEndObject();
    }

    private static byte[] Encode<T>(T frame, JsonTypeInfo<T> type) => JsonSerializer.SerializeToUtf8Bytes(frame, type);

    private static byte[] Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true }))
        {
            write(writer);
        }

        return buffer.WrittenSpan.ToArray();
    }
}
