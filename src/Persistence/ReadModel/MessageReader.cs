using System.Data.Common;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.Database;
using Dapper;

namespace AkkaChat.Persistence.ReadModel;

/// <summary>Reads messages of one room from the tables, and applies the tail to them.</summary>
internal sealed class MessageReader(
    DbConnection connection, DatabaseProvider provider, RoomId room, RoomTail tail, CancellationToken cancellationToken)
{
    private const string MessagesSql = $"""
        SELECT {MessageRow.Columns}, k.cards AS Cards
        FROM room_message l LEFT JOIN message_link k ON k.room_id = l.room_id AND k.n = l.n
        """;

    // Of each emoji, no more users than a message shows.
    private const string ReactionsSql = """
        SELECT n AS N, emoji AS Emoji, user_id AS UserId, total AS Total
        FROM (
            SELECT r.n, r.emoji, r.user_id,
                count(*) OVER (PARTITION BY r.n, r.emoji) AS total,
                min(r.seq) OVER (PARTITION BY r.n, r.emoji) AS first_seq,
                row_number() OVER (PARTITION BY r.n, r.emoji ORDER BY CASE WHEN r.user_id = @viewer THEN 0 ELSE 1 END, r.seq) AS place
            FROM message_reaction r
            WHERE r.room_id = @room AND {0}
        ) ranked
        WHERE place <= @users
        ORDER BY n, first_seq, place
        """;

    /// <summary>The messages from one number to another, ascending.</summary>
    public async Task<IReadOnlyList<StoredMessage>> ReadAsync(long from, long to, UserId? viewer)
    {
        var last = Math.Min(to, tail.Projected.N);
        var projected = from > last ? [] : await ReadRowsAsync(
            "l.room_id = @room AND l.n BETWEEN @from AND @last",
            "r.n BETWEEN @from AND @last",
            new { room = room.Value, from, last, viewer = viewer?.Value ?? "", users = MessageReaction.MaxUsers }).ConfigureAwait(false);
        var posted = tail.Events.OfType<MessagePosted>().Where(e => e.N >= from && e.N <= to).Select(e => MessageRow.ToMessage(room, e));
        return [.. projected.Concat(posted).Select(tail.Apply)];
    }

    /// <summary>The pinned messages, in the order in which they were pinned.</summary>
    public async Task<IReadOnlyList<StoredMessage>> ReadPinnedAsync(UserId? viewer)
    {
        var pins = (await QueryAsync<(long N, long Seq)>(
            "SELECT n, seq FROM message_pin WHERE room_id = @room", new { room = room.Value }).ConfigureAwait(false)).ToDictionary();
        foreach (var change in tail.Events)
        {
            switch (change)
            {
                case MessagePinned { On: true } e:
                    pins[e.N] = e.Seq;
                    break;
                case MessagePinned e:
                    pins.Remove(e.N);
                    break;
                case MessageDeleted e:
                    pins.Remove(e.N);
                    break;
            }
        }

        var numbers = pins.Keys.Where(n => n <= tail.Projected.N).ToList();
        var projected = await ReadRowsAsync(
            $"l.room_id = @room AND {RowFilter.Sql(provider, "l.n", "ns")}",
            RowFilter.Sql(provider, "r.n", "ns"),
            new { room = room.Value, ns = RowFilter.Value(provider, numbers), viewer = viewer?.Value ?? "", users = MessageReaction.MaxUsers })
            .ConfigureAwait(false);
        var posted = tail.Events.OfType<MessagePosted>().Where(e => pins.ContainsKey(e.N)).Select(e => MessageRow.ToMessage(room, e));
        return [.. projected.Concat(posted).Select(tail.Apply).Where(message => !message.IsDeleted).OrderBy(message => pins[message.N])];
    }

    /// <summary>All reactions to a message.</summary>
    public async Task<IReadOnlyList<(string Emoji, UserId User)>> ReadReactionsAsync(long n)
    {
        var rows = await QueryAsync<(string Emoji, string User)>(
            "SELECT emoji, user_id FROM message_reaction WHERE room_id = @room AND n = @n", new { room = room.Value, n }).ConfigureAwait(false);
        return MessageChanges.Apply(rows.Select(row => (row.Emoji, new UserId(row.User))), tail.Changes[n]);
    }

    private async Task<IReadOnlyList<StoredMessage>> ReadRowsAsync(string messages, string reactions, object parameters)
    {
        var rows = await QueryAsync<MessageRow>($"{MessagesSql} WHERE {messages} ORDER BY l.n", parameters).ConfigureAwait(false);
        var reacted = (await QueryAsync<ReactionRow>(ReactionsSql.Replace("{0}", reactions, StringComparison.Ordinal), parameters)
            .ConfigureAwait(false)).ToLookup(row => row.N);
        return [.. rows.Select(row => row.ToMessage(room) with { Reactions = row.IsDeleted ? [] : ToReactions(reacted[row.N]) })];
    }

    private static List<MessageReaction> ToReactions(IEnumerable<ReactionRow> rows) =>
        [.. rows.GroupBy(row => row.Emoji).Select(emoji => new MessageReaction(
            emoji.Key, emoji.First().Total, [.. emoji.Select(row => new UserId(row.UserId))]))];

    private async Task<List<T>> QueryAsync<T>(string sql, object parameters) =>
        (await connection.QueryAsync<T>(new CommandDefinition(sql, parameters, cancellationToken: cancellationToken)).ConfigureAwait(false)).AsList();

    private sealed class ReactionRow
    {
        public long N { get; set; }

        public string Emoji { get; set; } = "";

        public string UserId { get; set; } = "";

        public long Total { get; set; }
    }
}
