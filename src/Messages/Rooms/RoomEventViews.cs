using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using AkkaChat.Messages.Ids;

namespace AkkaChat.Messages.Rooms;

// How clients see a room's events: each view is the `d` of a frame. Property names are camelCase on the wire.

public sealed record UserView(string Id, string Username, string DisplayName)
{
    public static UserView From(UserRef user) => new(user.Id.Value, user.Username, user.DisplayName);
}

public sealed record RoomCreatedView(string Name, string Topic, string Visibility, UserView By, DateTimeOffset Ts);

public sealed record MemberJoinedView(UserView User, string Role, DateTimeOffset Ts);

public sealed record MemberLeftView(UserView User, string Reason, DateTimeOffset Ts);

/// <param name="Reason">May be empty.</param>
public sealed record MemberKickedView(UserView User, UserView By, string Reason, DateTimeOffset Ts);

/// <param name="Reason">May be empty.</param>
public sealed record MemberBannedView(UserView User, UserView By, string Reason, bool WasMember, DateTimeOffset Ts);

public sealed record MemberUnbannedView(UserView User, UserView By, DateTimeOffset Ts);

public sealed record MemberRoleView(UserView User, string Role, UserView By, DateTimeOffset Ts);

public sealed record RoomRenamedView(string Name, UserView By, DateTimeOffset Ts);

public sealed record VisibilityChangedView(string Visibility, UserView By, DateTimeOffset Ts);

public sealed record RoomArchivedView(bool Archived, UserView By, DateTimeOffset Ts);

public sealed record RoomDeletedView(UserView By, DateTimeOffset Ts);

public sealed record TopicChangedView(string Topic, UserView By, DateTimeOffset Ts);

/// <param name="Image">Null where there is none.</param>
public sealed record LinkCardView(string Url, string Title, string Description, string Site, LinkImageView? Image)
{
    public static LinkCardView From(LinkCard card) =>
        new(card.Url, card.Title, card.Description, card.Site, card.Image is { } image ? LinkImageView.From(image) : null);
}

/// <summary>The image of a link card. Its bytes are at <c>GET /api/files/{id}</c>.</summary>
public sealed record LinkImageView(string Id, int Width, int Height, string? Placeholder)
{
    public static LinkImageView From(LinkImage image) =>
        new(image.Id.Value, image.Width, image.Height, image.Placeholder.Length == 0 ? null : image.Placeholder);
}

/// <summary>The link cards of a message.</summary>
public sealed record PreviewView(IReadOnlyList<LinkCardView> Cards)
{
    /// <summary>Null if there are no cards.</summary>
    public static PreviewView? From(IReadOnlyList<LinkCard> cards) => cards.Count == 0 ? null : new([.. cards.Select(LinkCardView.From)]);
}

/// <param name="Id">The message.</param>
/// <param name="Cards">All cards that the message now has.</param>
public sealed record LinkAttachedView(string Id, long N, IReadOnlyList<LinkCardView> Cards);

public sealed record LinkCardsChangedView(bool LinkCards, UserView By, DateTimeOffset Ts);

/// <param name="Picture">Null where there is none any more. Its bytes are at <c>GET /api/files/{id}</c>.</param>
public sealed record PictureChangedView(string? Picture, UserView By, DateTimeOffset Ts);

/// <param name="Id">The message.</param>
/// <param name="Mentions">All members that it now mentions.</param>
public sealed record MessageEditedView(string Id, long N, string Text, DateTimeOffset EditedAt, IReadOnlyList<string> Mentions)
{
    /// <inheritdoc cref="MessageCreatedView.Audience"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Audience { get; init; }
}

/// <param name="Id">The message.</param>
public sealed record MessageDeletedView(string Id, long N, UserView By, DateTimeOffset Ts);

/// <param name="Id">The message.</param>
/// <param name="Count">How many users react with this emoji now.</param>
public sealed record ReactionSetView(string Id, long N, UserView User, string Emoji, bool On, long Count);

/// <param name="Id">The message.</param>
public sealed record MessagePinnedView(string Id, long N, UserView By, bool On, DateTimeOffset Ts);

/// <summary>What a message has of one emoji.</summary>
/// <param name="Count">How many users react with it.</param>
/// <param name="Users">Some of them: the first, and before them whoever asks, if they are one.</param>
public sealed record ReactionView(string Emoji, long Count, IReadOnlyList<string> Users);

public sealed record ThumbnailView(int Width, int Height);

/// <summary>A file of a message. Its bytes are at <c>GET /api/files/{id}</c>.</summary>
/// <param name="Width">Null unless it is an image.</param>
/// <param name="Placeholder">Null if there is none, or was none when the message was sent.</param>
/// <param name="Thumbnails">Of an image: small and large, in this order.</param>
public sealed record FileView(
    string Id, string Name, string Type, long Size, int? Width, int? Height, string? Placeholder, IReadOnlyList<ThumbnailView> Thumbnails)
{
    public static FileView Of(MessageFile file) => file.Width == 0
        ? new FileView(file.Id.Value, file.Name, file.Type, file.Size, null, null, null, [])
        : new FileView(
            file.Id.Value,
            file.Name,
            file.Type,
            file.Size,
            file.Width,
            file.Height,
            file.Placeholder.Length == 0 ? null : file.Placeholder,
            [.. Rooms.Thumbnails.Edges.Select(edge => Rooms.Thumbnails.Fit(file.Width, file.Height, edge)).Select(size => new ThumbnailView(size.Width, size.Height))]);
}

/// <summary>
/// A message as an event: the frame has the room and the <c>seq</c>, and the author's id is a separate field. History uses another shape,
/// derived from this one; both are public contract.
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
    IReadOnlyList<FileView> Files,
    PreviewView? Preview,
    IReadOnlyList<ReactionView> Reactions,
    IReadOnlyList<string> Mentions)
{
    /// <summary>Absent, <c>room</c> (every member is mentioned) or <c>here</c> (those who were online, who are among the mentions).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Audience { get; init; }

    /// <summary>The only mapping of a message, whether it comes as an event or from the tables.</summary>
    /// <param name="replyToSeq">The <c>seq</c> of the message that this one replies to, or 0.</param>
    public static MessageCreatedView Of(
        RoomId room,
        long seq,
        long n,
        Guid clientId,
        UserRef author,
        string text,
        DateTimeOffset time,
        long replyToSeq,
        IReadOnlyList<UserId> mentions,
        IReadOnlyList<MessageFile> files) => new(
        new MessageId(room, seq).ToString(),
        n,
        clientId.ToString("D"),
        author.Id.Value,
        UserView.From(author),
        text,
        time,
        EditedAt: null,
        Deleted: false,
        replyToSeq == 0 ? null : new MessageId(room, replyToSeq).ToString(),
        files.Count == 0 ? [] : [.. files.Select(FileView.Of)],
        Preview: null,
        Reactions: [],
        mentions.Count == 0 ? [] : [.. mentions.Select(user => user.Value)]);
}

public sealed record EventFrame<T>(
    string Ev,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Room,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? Seq,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? Useq,
    T D);

public static class RoomNames
{
    public static string WireName(this RoomVisibility visibility) => visibility switch
    {
        RoomVisibility.Private => "private",
        RoomVisibility.Direct => "direct",
        _ => "public",
    };

    /// <returns>Null for <see cref="Audience.None"/>.</returns>
    public static string? WireName(this Audience audience) => audience switch
    {
        Audience.Room => "room",
        Audience.Here => "here",
        _ => null,
    };

    public static string WireName(this MemberRole role) => role switch
    {
        MemberRole.Owner => "owner",
        MemberRole.Admin => "admin",
        _ => "member",
    };

    public static string WireName(this LeaveReason reason) => reason switch
    {
        LeaveReason.Left => "left",
        LeaveReason.Kicked => "kicked",
        LeaveReason.Banned => "banned",
        LeaveReason.Deleted => "deleted",
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, null),
    };
}

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

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, Converters = [typeof(UtcMillisecondsConverter)])]
[JsonSerializable(typeof(EventFrame<RoomCreatedView>))]
[JsonSerializable(typeof(EventFrame<MemberJoinedView>))]
[JsonSerializable(typeof(EventFrame<MemberLeftView>))]
[JsonSerializable(typeof(EventFrame<MemberKickedView>))]
[JsonSerializable(typeof(EventFrame<MemberBannedView>))]
[JsonSerializable(typeof(EventFrame<MemberUnbannedView>))]
[JsonSerializable(typeof(EventFrame<MemberRoleView>))]
[JsonSerializable(typeof(EventFrame<MessageCreatedView>))]
[JsonSerializable(typeof(EventFrame<TopicChangedView>))]
[JsonSerializable(typeof(EventFrame<RoomRenamedView>))]
[JsonSerializable(typeof(EventFrame<VisibilityChangedView>))]
[JsonSerializable(typeof(EventFrame<RoomArchivedView>))]
[JsonSerializable(typeof(EventFrame<RoomDeletedView>))]
[JsonSerializable(typeof(EventFrame<LinkAttachedView>))]
[JsonSerializable(typeof(EventFrame<LinkCardsChangedView>))]
[JsonSerializable(typeof(EventFrame<PictureChangedView>))]
[JsonSerializable(typeof(EventFrame<MessageEditedView>))]
[JsonSerializable(typeof(EventFrame<MessageDeletedView>))]
[JsonSerializable(typeof(EventFrame<ReactionSetView>))]
[JsonSerializable(typeof(EventFrame<MessagePinnedView>))]
internal sealed partial class RoomEventJson : JsonSerializerContext
{
    /// <summary>Does not escape accents and quotes: frames are never embedded in HTML.</summary>
    public static RoomEventJson Relaxed { get; } = new(new JsonSerializerOptions(JsonSerializerDefaults.Web)
    {
        Converters = { new UtcMillisecondsConverter() },
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
