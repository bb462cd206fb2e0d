using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;

namespace AkkaChat.Messages.Client;

// The JSON shapes that the WebSocket and REST interfaces share. Property names are camelCase on the wire.

public sealed record UserView(string Id, string Username, string DisplayName)
{
    public static UserView From(UserRef user) => new(user.Id.Value, user.Username, user.DisplayName);
}

public sealed record HeadView(long Seq, long N);

// What a client sends in `d`.

public sealed record HelloData(string? Device, string? Client, string? Token, ResumeData? Resume);

public sealed record ResumeData(string? Epoch, long? User, Dictionary<string, long>? Rooms);

public sealed record SendData(string? Cid, string? Text, string? ReplyTo, JsonElement? Files);

public sealed record ReadData(long? N);

public sealed record SyncData(long? From);

// What a client gets in `d`.

public sealed record HelloView(
    string Session,
    string Epoch,
    UserView User,
    long UserSeq,
    DateTimeOffset Time,
    int HeartbeatMs,
    LimitsView Limits);

public sealed record LimitsView(int FrameBytes, int TextBytes, double SendPerSec, int Burst);

public sealed record SentView(long Seq, long N, string Id, DateTimeOffset Ts, bool Dup);

public sealed record ErrorView(
    string Code,
    string Message,
    bool Retryable,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? RetryAfterMs);

public sealed record DigestView(string Room, long Head, long N, long ReadN, long Unread, long Mentions);

public sealed record ResetView(long Head, long N, string Reason);

public sealed record LaggedView(long Head);

public sealed record RoomHeadView(string Room, long Head, long N);

public sealed record ReadView(long N, long Unread, long Mentions);

public sealed record TypingView(IReadOnlyList<string> Users, int TtlMs);

/// <param name="Online">Null in a room too large for names; empty where presence is unknown.</param>
public sealed record PresenceView(string State, IReadOnlyList<string>? Online, int? OnlineCount);

public sealed record PresenceDeltaView(string State, IReadOnlyList<string>? Joined, IReadOnlyList<string>? Left, int? OnlineCount);

public sealed record DrainView(int[] ReconnectMs);

public sealed record MembershipRemovedView(string Room, string Reason);

public sealed record MembershipAddedView(RoomView Room);

/// <summary>A message as history shows it.</summary>
public sealed record MessageView(
    string Room,
    long Seq,
    long N,
    string Id,
    string Cid,
    UserView Author,
    string Text,
    DateTimeOffset Ts,
    DateTimeOffset? EditedAt,
    bool Deleted,
    string? ReplyTo,
    IReadOnlyList<string> Files,
    string? Preview,
    IReadOnlyList<string> Reactions,
    IReadOnlyList<string> Mentions)
{
    public static MessageView From(RoomId room, long seq, MessageCreatedView message) => new(
        room.Value,
        seq,
        message.N,
        message.Id,
        message.Cid,
        message.AuthorInfo,
        message.Text,
        message.Ts,
        message.EditedAt,
        message.Deleted,
        message.ReplyTo,
        message.Files,
        message.Preview,
        message.Reactions,
        message.Mentions);
}

/// <summary>A room as the caller sees it.</summary>
/// <param name="OnlineCount">Null where presence is unknown.</param>
public sealed record RoomView(
    string Id,
    string Name,
    string Topic,
    string Visibility,
    int MemberCount,
    int? OnlineCount,
    MessageView? LastMessage,
    long Unread,
    long Mentions,
    bool Joined,
    string? Role,
    HeadView Head,
    long ReadN,
    DateTimeOffset CreatedAt);

// Durable events' `d`.

public sealed record RoomCreatedView(string Name, string Topic, string Visibility, UserView By, DateTimeOffset Ts);

public sealed record MemberJoinedView(UserView User, string Role, DateTimeOffset Ts);

public sealed record MemberLeftView(UserView User, string Reason, DateTimeOffset Ts);

public sealed record TopicChangedView(string Topic, UserView By, DateTimeOffset Ts);

/// <summary>
/// <see cref="MessageView"/> as an event: the frame says the room and the <c>seq</c>, and the author's id stands apart. Both shapes are public
/// contract; this one is made for every message, so the other is made from it.
/// </summary>
public sealed record MessageCreatedView(
    string Id,
    long N,
    string Cid,
    string Author,
    UserView AuthorInfo,
    string Text,
    DateTimeOffset Ts,
    DateTimeOffset? EditedAt,
    bool Deleted,
    string? ReplyTo,
    IReadOnlyList<string> Files,
    string? Preview,
    IReadOnlyList<string> Reactions,
    IReadOnlyList<string> Mentions)
{
    /// <summary>The one mapping of a message, whether it comes as an event or was read from the tables.</summary>
    /// <param name="replyToSeq">The <c>seq</c> of the message answered, or 0.</param>
    public static MessageCreatedView Of(
        RoomId room,
        long seq,
        long n,
        Guid clientId,
        UserRef author,
        string text,
        DateTimeOffset time,
        long replyToSeq,
        IReadOnlyList<UserId> mentions) => new(
        new MessageId(room, seq).ToString(),
        n,
        ClientFrames.WireName(clientId),
        author.Id.Value,
        UserView.From(author),
        text,
        time,
        EditedAt: null,
        Deleted: false,
        ClientFrames.ReplyTo(room, replyToSeq),
        Files: [],
        Preview: null,
        Reactions: [],
        mentions.Count == 0 ? [] : [.. mentions.Select(user => user.Value)]);
}

// The envelopes.

public sealed record ReplyFrame<T>(string? Re, bool Ok, T D);

public sealed record ErrorFrame(string? Re, ErrorView Err);

public sealed record EventFrame<T>(
    string Ev,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Room,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? Seq,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? Useq,
    T D);

/// <summary>ISO 8601 in UTC, always with milliseconds.</summary>
public sealed class UtcMillisecondsConverter : JsonConverter<DateTimeOffset>
{
    private const string Format = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetDateTimeOffset();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options)
    {
        Span<char> text = stackalloc char[Format.Length];
        value.UtcDateTime.TryFormat(text, out var length, Format, CultureInfo.InvariantCulture);
        writer.WriteStringValue(text[..length]);
    }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, Converters = [typeof(UtcMillisecondsConverter)], MaxDepth = ClientProtocol.MaxDepth)]
[JsonSerializable(typeof(HelloData))]
[JsonSerializable(typeof(SendData))]
[JsonSerializable(typeof(ReadData))]
[JsonSerializable(typeof(SyncData))]
[JsonSerializable(typeof(ErrorFrame))]
[JsonSerializable(typeof(ReplyFrame<HelloView>))]
[JsonSerializable(typeof(ReplyFrame<SentView>))]
[JsonSerializable(typeof(ReplyFrame<ReadView>))]
[JsonSerializable(typeof(ReplyFrame<PresenceView>))]
[JsonSerializable(typeof(EventFrame<RoomCreatedView>))]
[JsonSerializable(typeof(EventFrame<MemberJoinedView>))]
[JsonSerializable(typeof(EventFrame<MemberLeftView>))]
[JsonSerializable(typeof(EventFrame<MessageCreatedView>))]
[JsonSerializable(typeof(EventFrame<TopicChangedView>))]
[JsonSerializable(typeof(EventFrame<ResetView>))]
[JsonSerializable(typeof(EventFrame<LaggedView>))]
[JsonSerializable(typeof(EventFrame<IReadOnlyList<DigestView>>))]
[JsonSerializable(typeof(EventFrame<IReadOnlyList<RoomHeadView>>))]
[JsonSerializable(typeof(EventFrame<ReadView>))]
[JsonSerializable(typeof(EventFrame<TypingView>))]
[JsonSerializable(typeof(EventFrame<PresenceView>))]
[JsonSerializable(typeof(EventFrame<PresenceDeltaView>))]
[JsonSerializable(typeof(EventFrame<DrainView>))]
[JsonSerializable(typeof(EventFrame<MembershipAddedView>))]
[JsonSerializable(typeof(EventFrame<MembershipRemovedView>))]
[JsonSerializable(typeof(MessageView))]
[JsonSerializable(typeof(RoomView))]
public sealed partial class ClientJson : JsonSerializerContext
{
    /// <summary>
    /// As <c>Default</c>, but accents and quotes are not escaped: the frames are never part of a page of HTML. What lies beyond the basic
    /// multilingual plane, as emoji, still leaves as an escaped pair.
    /// </summary>
    public static ClientJson Relaxed { get; } = new(new JsonSerializerOptions(JsonSerializerDefaults.Web)
    {
        Converters = { new UtcMillisecondsConverter() },
        MaxDepth = ClientProtocol.MaxDepth,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
