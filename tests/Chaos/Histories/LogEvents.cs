using System.Text.Json;
using AkkaChat.Messages.Rooms;

namespace AkkaChat.Chaos.Histories;

public static class EventKind
{
    public const string Created = "room.created";
    public const string Joined = "member.joined";

    /// <summary>The end of a membership, whoever decided it.</summary>
    public const string Left = "member.left";

    public const string Kicked = "member.kicked";
    public const string Banned = "member.banned";
    public const string Unbanned = "member.unbanned";
    public const string Message = "message.created";
    public const string Linked = "link.attached";
    public const string Edited = "message.edited";
    public const string Deleted = "message.deleted";
    public const string Reacted = "reaction.set";
}

/// <summary>One durable event as some reader of the whole room has it.</summary>
public sealed record LogEvent(long Seq, string Kind, string? By, string? Cid, string? Hash)
{
    /// <summary>The ids of a message's files, in their order, with blanks between; null without any.</summary>
    public string? Files { get; init; }

    /// <summary>Of what happens to a message its <c>seq</c>.</summary>
    public long Of { get; init; }

    /// <summary>Of a message in a thread the <c>seq</c> of the root; 0 of any other.</summary>
    public long Thread { get; init; }

    /// <summary>The links that have cards, in their order, each as <see cref="Card"/> writes it, a line each; null where there are none.</summary>
    public string? Cards { get; init; }

    /// <summary>The ids of the cards' images, with blanks between; null without any.</summary>
    public string? Images { get; init; }
}

/// <summary>Events as they are on the wire and in the journal, made comparable.</summary>
internal static class LogEvents
{
    public static string Card(string url, string title) => $"{url} {title}";

    public static LogEvent Of(JsonElement frame)
    {
        var d = frame.GetProperty("d");
        var kind = frame.GetProperty("ev").GetString()!;
        var seq = frame.GetProperty("seq").GetInt64();
        return kind switch
        {
            EventKind.Message => Message(
                seq,
                d.GetProperty("author").GetString()!,
                d.GetProperty("cid").GetString()!,
                d.GetProperty("text").GetString()!,
                [.. d.GetProperty("files").EnumerateArray().Select(file => file.GetProperty("id").GetString()!)],
                d.TryGetProperty("thread", out var thread) ? SeqOf(thread.GetString()!) : 0),
            EventKind.Kicked or EventKind.Banned => Removal(seq, d.GetProperty("user").GetProperty("id").GetString()!),
            EventKind.Joined or EventKind.Left => new LogEvent(seq, kind, d.GetProperty("user").GetProperty("id").GetString(), null, null),
            EventKind.Linked => Linked(
                seq,
                SeqOf(d.GetProperty("id").GetString()!),
                d.GetProperty("cards").EnumerateArray().Select(card => Card(card.GetProperty("url").GetString()!, card.GetProperty("title").GetString()!)),
                d.GetProperty("cards").EnumerateArray().Select(card => card.GetProperty("image")).Where(image => image.ValueKind == JsonValueKind.Object)
                    .Select(image => image.GetProperty("id").GetString()!)),
            EventKind.Edited => Edited(seq, SeqOf(d.GetProperty("id").GetString()!), d.GetProperty("text").GetString()!),
            EventKind.Deleted => Deleted(seq, SeqOf(d.GetProperty("id").GetString()!), d.GetProperty("by").GetProperty("id").GetString()!),
            EventKind.Reacted => Reacted(
                seq,
                SeqOf(d.GetProperty("id").GetString()!),
                d.GetProperty("user").GetProperty("id").GetString()!,
                d.GetProperty("emoji").GetString()!,
                d.GetProperty("on").GetBoolean()),
            _ => new LogEvent(seq, kind, null, null, null),
        };
    }

    public static LogEvent Of(RoomEvent e) => e switch
    {
        MessagePosted posted => Message(
            posted.Seq, posted.Author.Id.Value, posted.ClientId.ToString(), posted.Text, [.. posted.Files.Select(file => file.Id.Value)], posted.ThreadSeq),
        MemberJoined joined => new LogEvent(joined.Seq, EventKind.Joined, joined.User.Id.Value, null, null),
        IMemberRemoval removal => Removal(removal.Seq, removal.User.Id.Value),
        MemberUnbanned => new LogEvent(e.Seq, EventKind.Unbanned, null, null, null),
        LinkAttached linked => Linked(linked.Seq, linked.MessageSeq, linked.Cards.Select(card => Card(card.Url, card.Title)), linked.Cards.Where(card => card.Image is not null).Select(card => card.Image!.Id.Value)),
        MessageEdited edited => Edited(edited.Seq, edited.MessageSeq, edited.Text),
        MessageDeleted deleted => Deleted(deleted.Seq, deleted.MessageSeq, deleted.By.Id.Value),
        ReactionSet reaction => Reacted(reaction.Seq, reaction.MessageSeq, reaction.User.Id.Value, reaction.Emoji, reaction.On),
        _ => new LogEvent(e.Seq, EventKind.Created, null, null, null),
    };

    /// <summary>How a reader has an event whose message was edited or deleted since.</summary>
    /// <param name="hash">Of the message's text as it is now; null: it is deleted.</param>
    public static LogEvent Now(LogEvent e, string? hash) => e.Kind switch
    {
        EventKind.Message => e with { Hash = hash ?? Nothing, Files = hash is null ? null : e.Files },
        EventKind.Edited => e with { Hash = hash ?? Nothing },
        EventKind.Linked when hash is null => Linked(e.Seq, e.Of, [], []),
        _ => e,
    };

    public static string Reaction(string emoji, bool on) => $"{emoji} {(on ? "on" : "off")}";

    /// <summary>Of a message of which nothing is left.</summary>
    public static string Nothing { get; } = HistoryFile.Hash("", []);

    private static LogEvent Removal(long seq, string user) => new(seq, EventKind.Left, user, null, null);

    private static LogEvent Edited(long seq, long of, string text) =>
        new(seq, EventKind.Edited, null, null, HistoryFile.Hash(text, [])) { Of = of };

    private static LogEvent Deleted(long seq, long of, string by) => new(seq, EventKind.Deleted, by, null, null) { Of = of };

    private static LogEvent Reacted(long seq, long of, string user, string emoji, bool on) =>
        new(seq, EventKind.Reacted, user, null, Reaction(emoji, on)) { Of = of };

    /// <summary>The <c>seq</c> in a message's id, <c>r_1.1045</c>.</summary>
    public static long SeqOf(string messageId) =>
        long.Parse(messageId.AsSpan(messageId.LastIndexOf('.') + 1), System.Globalization.CultureInfo.InvariantCulture);

    private static LogEvent Message(long seq, string author, string cid, string text, IReadOnlyList<string> files, long thread) =>
        new(seq, EventKind.Message, author, cid, HistoryFile.Hash(text, files)) { Files = files.Count == 0 ? null : string.Join(' ', files), Thread = thread };

    private static LogEvent Linked(long seq, long of, IEnumerable<string> cards, IEnumerable<string> images)
    {
        var (all, pictures) = (string.Join('\n', cards), images.ToList());
        return new LogEvent(seq, EventKind.Linked, null, null, HistoryFile.Hash($"{of}\n{all}", pictures))
        {
            Of = of, Cards = all.Length == 0 ? null : all, Images = pictures.Count == 0 ? null : string.Join(' ', pictures),
        };
    }
}
