using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;

namespace AkkaChat.Persistence.ReadModel;

/// <summary>A row of room_message.</summary>
internal class MessageRow
{
    /// <summary>Its columns, for a table called <c>l</c>.</summary>
    public const string Columns = """
        l.n AS N, l.seq AS Seq, l.cid AS Cid, l.author_id AS AuthorId, l.author_username AS AuthorUsername,
        l.author_display_name AS AuthorDisplayName, l.text AS Text, l.ts AS Ts, l.reply_to_seq AS ReplyToSeq, l.mentions AS Mentions,
        l.files AS Files, l.changed_at AS ChangedAt, l.deleted AS Deleted, l.audience AS Audience
        """;

    public long N { get; set; }

    public long Seq { get; set; }

    public byte[] Cid { get; set; } = [];

    public string AuthorId { get; set; } = "";

    public string AuthorUsername { get; set; } = "";

    public string AuthorDisplayName { get; set; } = "";

    public string Text { get; set; } = "";

    public long Ts { get; set; }

    public long ReplyToSeq { get; set; }

    public string Mentions { get; set; } = "";

    /// <summary>JSON; null if there are none, or if the query does not select them.</summary>
    public string? Cards { get; set; }

    public string Files { get; set; } = "";

    /// <summary>Of the last edit or the deletion; 0 if there was none.</summary>
    public long ChangedAt { get; set; }

    public long Deleted { get; set; }

    public long Audience { get; set; }

    public bool IsDeleted => Deleted != 0;

    public DateTimeOffset? EditedAt => ChangedAt == 0 || IsDeleted ? null : DateTimeOffset.FromUnixTimeMilliseconds(ChangedAt);

    public IReadOnlyList<UserId> MentionedUsers => [.. Mentions.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(id => new UserId(id))];

    public StoredMessage ToMessage(RoomId room) => new(
        room,
        Seq,
        N,
        new Guid(Cid, bigEndian: true),
        new UserRef(new UserId(AuthorId), AuthorUsername, AuthorDisplayName),
        Text,
        DateTimeOffset.FromUnixTimeMilliseconds(Ts),
        ReplyToSeq,
        MentionedUsers)
    {
        Cards = StoredCards.FromJson(Cards),
        Files = FilesColumn.Read(Files),
        Audience = (Audience)Audience,
        EditedAt = EditedAt,
        IsDeleted = IsDeleted,
    };

    /// <summary>The message that <see cref="ToMessage"/> returns once the event is projected.</summary>
    public static StoredMessage ToMessage(RoomId room, MessagePosted e) => new(
        room,
        e.Seq,
        e.N,
        e.ClientId,
        new UserRef(e.Author.Id, StoredText.Of(e.Author.Username), StoredText.Of(e.Author.DisplayName)),
        StoredText.Of(e.Text),
        e.Time,
        e.ReplyToSeq,
        e.Mentions)
    {
        Files = e.Files,
        Audience = e.Audience,
    };
}
