using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;

namespace AkkaChat.Messages.Client;

// The JSON shapes that the WebSocket and REST interfaces share. Property names are camelCase on the wire.

public sealed record HeadView(long Seq, long N);

// What a client sends in `d`.

public sealed record HelloData(string? Token, ResumeData? Resume);

public sealed record ResumeData(string? Epoch, Dictionary<string, long>? Rooms);

public sealed record SendData(string? Cid, string? Text, string? ReplyTo, JsonElement? Files, string? Thread = null);

/// <param name="Back">Whether the cursor may move back.</param>
public sealed record ReadData(long? N, bool? Back = null);

public sealed record SyncData(long? From);

public sealed record LinkRemoveData(string? Message);

public sealed record MessageEditData(string? Message, string? Text);

public sealed record MessageDeleteData(string? Message);

public sealed record ReactionSetData(string? Message, string? Emoji, bool? On);

public sealed record MessagePinData(string? Message, bool? On);

// What a client gets in `d`.

public sealed record HelloView(
    string Session,
    string Epoch,
    UserView User,
    long UserSeq,
    DateTimeOffset Time,
    int HeartbeatMs,
    LimitsView Limits,
    SettingsView Settings);

/// <summary>What the user is told of, on all devices.</summary>
/// <param name="Notify">In rooms without a preference of their own.</param>
/// <param name="QuietUntil">Nothing until then; null for not now.</param>
/// <param name="Push">Whether some browser of the user gets pushes.</param>
public sealed record SettingsView(string Notify, DateTimeOffset? QuietUntil, QuietHoursView? QuietHours, bool Push);

/// <param name="From">As in <c>22:00</c>.</param>
public sealed record QuietHoursView(string From, string To, string TimeZone);

/// <param name="FileBytes">The largest file.</param>
/// <param name="FileTypes">The types that may be uploaded, as in <c>image/*</c>; none means any.</param>
/// <param name="MessageFiles">The most files in a message.</param>
public sealed record LimitsView(
    int FrameBytes, int TextBytes, double SendPerSec, int Burst, long FileBytes, IReadOnlyList<string> FileTypes, int MessageFiles);

public sealed record SentView(long Seq, long N, string Id, DateTimeOffset Ts, bool Dup);

public sealed record ErrorView(
    string Code,
    string Message,
    bool Retryable,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? RetryAfterMs);

/// <param name="Preferences">Absent where the user has changed none.</param>
public sealed record DigestView(
    string Room,
    long Head,
    long N,
    long ReadN,
    long Unread,
    long Mentions,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] PreferencesView? Preferences = null);

/// <summary>How the caller wants a room.</summary>
/// <param name="Notify">Null: as the caller's settings say.</param>
/// <param name="Order">The place among the caller's favourites.</param>
public sealed record PreferencesView(string? Notify, bool Muted, bool Favourite, long Order);

public sealed record ResetView(long Head, long N, string Reason);

public sealed record LaggedView(long Head);

public sealed record RoomHeadView(string Room, long Head, long N);

/// <param name="Back">Present where the cursor has moved back.</param>
public sealed record ReadView(
    long N, long Unread, long Mentions, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] bool? Back = null);

public sealed record TypingView(IReadOnlyList<string> Users, int TtlMs);

/// <param name="Online">Null in a room too large to list names; empty when presence is unknown.</param>
public sealed record PresenceView(string State, IReadOnlyList<string>? Online, int? OnlineCount);

public sealed record PresenceDeltaView(string State, IReadOnlyList<string>? Joined, IReadOnlyList<string>? Left, int? OnlineCount);

public sealed record DrainView(int[] ReconnectMs);

public sealed record MembershipRemovedView(string Room, string Reason);

public sealed record MembershipAddedView(RoomView Room);

/// <summary>What others see of a user.</summary>
/// <param name="Avatar">A file; null if there is none.</param>
/// <param name="Status">Null if there is none.</param>
public sealed record PersonView(string Id, string Username, string DisplayName, string? Avatar, StatusView? Status = null);

/// <summary>What a user says of themselves. Either may be empty, not both.</summary>
public sealed record StatusView(string Emoji, string Text)
{
    /// <summary>Null where both are empty.</summary>
    public static StatusView? Of(string emoji, string text) => emoji.Length == 0 && text.Length == 0 ? null : new StatusView(emoji, text);
}

/// <summary>A user does not want to hear from another, or does again.</summary>
public sealed record UserBlockedView(string User, bool On);

public sealed record UnknownView;

/// <summary>Whether a direct room is out of the user's list until its next message.</summary>
public sealed record DirectHiddenView(bool Hidden);

/// <summary>The user has saved a message, or has it saved no more.</summary>
public sealed record MessageSavedView(string Message, bool On);

/// <summary>A message in the history.</summary>
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
    IReadOnlyList<FileView> Files,
    PreviewView? Preview,
    IReadOnlyList<ReactionView> Reactions,
    IReadOnlyList<string> Mentions)
{
    /// <summary>The root of its thread; absent where it is in none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Thread { get; init; }

    /// <summary>The thread of which it is the root; absent where nobody has replied, and where the message is not shown in a room or a thread.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RepliesView? Replies { get; init; }

    /// <inheritdoc cref="MessageCreatedView.Audience"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Audience { get; init; }

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
        message.Mentions)
    {
        Thread = message.Thread,
        Audience = message.Audience,
    };
}

/// <summary>A room as the caller sees it.</summary>
/// <param name="OnlineCount">Null when presence is unknown.</param>
/// <param name="LinkCards">Whether messages get link cards.</param>
/// <param name="Picture">A file; null where there is none.</param>
/// <param name="Name">Of a direct room: the names of the others.</param>
/// <param name="Preferences">The caller's.</param>
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
    DateTimeOffset CreatedAt,
    bool LinkCards,
    string? Picture,
    PreferencesView Preferences)
{
    /// <summary>The others in a direct room; of another room none.</summary>
    public IReadOnlyList<PersonView> People { get; init; } = [];

    /// <summary>Whether the caller has hidden the direct room, and nobody has written since.</summary>
    public bool Hidden { get; init; }

    /// <summary>Whether nobody writes in the room any more.</summary>
    public bool Archived { get; init; }
}

// The envelopes.

public sealed record ReplyFrame<T>(string? Re, bool Ok, T D);

public sealed record ErrorFrame(string? Re, ErrorView Err);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, Converters = [typeof(UtcMillisecondsConverter)], MaxDepth = ClientProtocol.MaxDepth)]
[JsonSerializable(typeof(HelloData))]
[JsonSerializable(typeof(SendData))]
[JsonSerializable(typeof(ReadData))]
[JsonSerializable(typeof(SyncData))]
[JsonSerializable(typeof(LinkRemoveData))]
[JsonSerializable(typeof(MessageEditData))]
[JsonSerializable(typeof(MessageDeleteData))]
[JsonSerializable(typeof(ReactionSetData))]
[JsonSerializable(typeof(MessagePinData))]
[JsonSerializable(typeof(ThreadReadData))]
[JsonSerializable(typeof(ErrorFrame))]
[JsonSerializable(typeof(ReplyFrame<HelloView>))]
[JsonSerializable(typeof(ReplyFrame<SentView>))]
[JsonSerializable(typeof(ReplyFrame<ReadView>))]
[JsonSerializable(typeof(ReplyFrame<PresenceView>))]
[JsonSerializable(typeof(ReplyFrame<ThreadStateView>))]
[JsonSerializable(typeof(EventFrame<ThreadStateView>))]
[JsonSerializable(typeof(EventFrame<IReadOnlyList<ThreadDigestView>>))]
[JsonSerializable(typeof(EventFrame<ResetView>))]
[JsonSerializable(typeof(EventFrame<LaggedView>))]
[JsonSerializable(typeof(EventFrame<IReadOnlyList<DigestView>>))]
[JsonSerializable(typeof(EventFrame<IReadOnlyList<RoomHeadView>>))]
[JsonSerializable(typeof(EventFrame<ReadView>))]
[JsonSerializable(typeof(EventFrame<PreferencesView>))]
[JsonSerializable(typeof(EventFrame<SettingsView>))]
[JsonSerializable(typeof(EventFrame<TypingView>))]
[JsonSerializable(typeof(EventFrame<PresenceView>))]
[JsonSerializable(typeof(EventFrame<PresenceDeltaView>))]
[JsonSerializable(typeof(EventFrame<DrainView>))]
[JsonSerializable(typeof(EventFrame<PersonView>))]
[JsonSerializable(typeof(EventFrame<UserBlockedView>))]
[JsonSerializable(typeof(EventFrame<UnknownView>))]
[JsonSerializable(typeof(EventFrame<DirectHiddenView>))]
[JsonSerializable(typeof(EventFrame<MessageSavedView>))]
[JsonSerializable(typeof(EventFrame<MembershipAddedView>))]
[JsonSerializable(typeof(EventFrame<MembershipRemovedView>))]
[JsonSerializable(typeof(MessageView))]
[JsonSerializable(typeof(RoomView))]
public sealed partial class ClientJson : JsonSerializerContext
{
    /// <summary>
    /// As <c>Default</c>, but accents and quotes are not escaped: frames are never embedded in HTML. Characters beyond the basic
    /// multilingual plane, such as emoji, are still escaped as surrogate pairs.
    /// </summary>
    public static ClientJson Relaxed { get; } = new(new JsonSerializerOptions(JsonSerializerDefaults.Web)
    {
        Converters = { new UtcMillisecondsConverter() },
        MaxDepth = ClientProtocol.MaxDepth,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
