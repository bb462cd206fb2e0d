using System.Data.Common;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using Dapper;

namespace AkkaChat.Persistence.ReadModel;

/// <summary>
/// Shows the messages in former events as they are now. The journal keeps what was said; whoever reads its events back gets no text that was edited
/// away and nothing of a deleted message.
/// </summary>
internal static class EventRedaction
{
    private const string ChangedSql = $"""
        SELECT {MessageRow.Columns} FROM room_message l WHERE l.room_id = @room AND l.n BETWEEN @from AND @to AND l.changed_at > 0
        """;

    public static async Task<IReadOnlyList<RoomEvent>> ApplyAsync(
        DbConnection connection, RoomId room, RoomTail tail, IReadOnlyList<RoomEvent> events, CancellationToken cancellationToken)
    {
        var numbers = events.Select(NumberOf).Where(n => n > 0).ToList();
        if (numbers.Count == 0)
        {
            return events;
        }

        // Read after the events: never older than they are.
        var parameters = new { room = room.Value, from = numbers.Min(), to = numbers.Max() };
        var rows = await connection.QueryAsync<MessageRow>(new CommandDefinition(ChangedSql, parameters, cancellationToken: cancellationToken))
            .ConfigureAwait(false);
        var changed = rows.ToDictionary(row => row.N, row => new Form(row.IsDeleted, row.Text, row.MentionedUsers, (Audience)row.Audience, row.EditedAt));
        foreach (var change in tail.Events)
        {
            Take(changed, change);
        }

        return changed.Count == 0 ? events : [.. events.Select(e => changed.TryGetValue(NumberOf(e), out var form) ? Show(e, form) : e)];
    }

    private static void Take(Dictionary<long, Form> changed, RoomEvent change)
    {
        switch (change)
        {
            case MessageEdited e when changed.GetValueOrDefault(e.N) is not { IsDeleted: true }:
                changed[e.N] = new Form(IsDeleted: false, StoredText.Of(e.Text), e.Mentions, e.Audience, e.Time);
                break;
            case MessageDeleted e:
                changed[e.N] = new Form(IsDeleted: true, "", [], Audience.None, null);
                break;
        }
    }

    private static RoomEvent Show(RoomEvent @event, Form form) => @event switch
    {
        MessagePosted e when form.IsDeleted => e with { Text = "", Mentions = [], Audience = Audience.None, Files = [], IsDeleted = true },
        MessagePosted e => e with { Text = form.Text, Mentions = form.Mentions, Audience = form.Audience, EditedAt = form.EditedAt },
        MessageEdited e => e with { Text = form.Text, Mentions = form.Mentions, Audience = form.Audience },
        LinkAttached e when form.IsDeleted => e with { Cards = [] },
        _ => @event,
    };

    /// <summary>The number of the message whose content the event has; 0 if it has none.</summary>
    private static long NumberOf(RoomEvent @event) => @event switch
    {
        MessagePosted e => e.N,
        MessageEdited e => e.N,
        LinkAttached e => e.N,
        _ => 0,
    };

    private sealed record Form(bool IsDeleted, string Text, IReadOnlyList<UserId> Mentions, Audience Audience, DateTimeOffset? EditedAt);
}
