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

    /// <summary>The message with this number; null if there is none.</summary>
    public async Task<StoredMessage?> FindAsync(long n, UserId? viewer)
    {
        var found = n <= tail.Projected.N
            ? (await ReadRowsAsync("l.room_id = @room AND l.n = @n", new { room = room.Value, n }, viewer).ConfigureAwait(false)).SingleOrDefault()
            : tail.Events.OfType<MessagePosted>().Where(e => e.N == n).Select(e => MessageRow.ToMessage(room, e)).SingleOrDefault();
        return found is null ? null : tail.Apply(found);
    }

    /// <summary>A page of the room's own list, or of the replies of a thread, ascending.</summary>
    /// <param name="thread">The <c>seq</c> of the thread's root; 0 for the room's own list.</param>
    public async Task<IReadOnlyList<StoredMessage>> ReadPageAsync(MessageQuery query, int count, long thread, UserId? viewer)
    {
        var list = new MessageList(thread, viewer);
        return query switch
        {
            MessageQuery.Latest => await UpToAsync(list, tail.Head.N, count).ConfigureAwait(false),
            MessageQuery.Before { N: var n } => await UpToAsync(list, Within(n) - 1, count).ConfigureAwait(false),
            MessageQuery.After { N: var n } => await FromAsync(list, Within(n) + 1, count).ConfigureAwait(false),
            MessageQuery.Around { N: var n } => await AroundAsync(list, Within(n), count).ConfigureAwait(false),
            _ => throw new ArgumentException($"{query.GetType().Name} is not a query of messages.", nameof(query)),
        };

        // The numbers come from clients, so they may be anything.
        long Within(long n) => Math.Clamp(n, 0, tail.Head.N + 1);
    }

    private async Task<IReadOnlyList<StoredMessage>> AroundAsync(MessageList list, long n, int count)
    {
        var above = count - (count / 2);
        var from = await FromAsync(list, n, above).ConfigureAwait(false);
        var before = await UpToAsync(list, n - 1, count - from.Count).ConfigureAwait(false);
        if (from.Count == above && before.Count < count - above)
        {
            from = await FromAsync(list, n, count - before.Count).ConfigureAwait(false);
        }

        return [.. before, .. from];
    }

    private async Task<IReadOnlyList<StoredMessage>> UpToAsync(MessageList list, long to, int count)
    {
        var posted = Posted(list).Where(e => e.N <= to).TakeLast(count).Select(e => MessageRow.ToMessage(room, e)).ToList();
        var stored = await ReadListAsync(list, "l.n <= @n", Math.Min(to, tail.Projected.N), "DESC", count - posted.Count).ConfigureAwait(false);
        return [.. stored.Reverse().Concat(posted).Select(tail.Apply)];
    }

    private async Task<IReadOnlyList<StoredMessage>> FromAsync(MessageList list, long from, int count)
    {
        var stored = await ReadListAsync(list, "l.n BETWEEN @n AND @last", from, "", count).ConfigureAwait(false);
        var posted = Posted(list).Where(e => e.N >= from).Take(count - stored.Count).Select(e => MessageRow.ToMessage(room, e));
        return [.. stored.Concat(posted).Select(tail.Apply)];
    }

    private IEnumerable<MessagePosted> Posted(MessageList list) => tail.Events.OfType<MessagePosted>().Where(e => e.ThreadSeq == list.Thread);

    private async Task<IReadOnlyList<StoredMessage>> ReadListAsync(MessageList list, string range, long n, string order, int count)
    {
        if (count <= 0)
        {
            return [];
        }

        // The second condition names the index of replies; the room's own list is nearly all of the room.
        var of = list.Thread == 0 ? "l.thread_seq = 0" : "l.thread_seq = @thread AND l.thread_seq > 0";
        return await ReadRowsAsync(
            $"l.room_id = @room AND {of} AND {range} ORDER BY l.n {order} LIMIT @count",
            new { room = room.Value, thread = list.Thread, n, last = tail.Projected.N, count },
            list.Viewer).ConfigureAwait(false);
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
            new { room = room.Value, ns = RowFilter.Value(provider, numbers) },
            viewer).ConfigureAwait(false);
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

    /// <param name="where">And what follows it.</param>
    private async Task<IReadOnlyList<StoredMessage>> ReadRowsAsync(string where, object parameters, UserId? viewer)
    {
        var rows = await QueryAsync<MessageRow>($"{MessagesSql} WHERE {where}", parameters).ConfigureAwait(false);
        if (rows.Count == 0)
        {
            return [];
        }

        // A page of a room is a range, or nearly; replies of a thread and pins may be far apart.
        var (from, to) = (rows.Min(row => row.N), rows.Max(row => row.N));
        var among = to - from < 2 * rows.Count ? "r.n BETWEEN @from AND @to" : RowFilter.Sql(provider, "r.n", "ns");
        var reacted = (await QueryAsync<ReactionRow>(
            ReactionsSql.Replace("{0}", among, StringComparison.Ordinal),
            new
            {
                room = room.Value,
                from,
                to,
                ns = RowFilter.Value(provider, rows.Select(row => row.N)),
                viewer = viewer?.Value ?? "",
                users = MessageReaction.MaxUsers,
            }).ConfigureAwait(false)).ToLookup(row => row.N);
        return [.. rows.Select(row => row.ToMessage(room) with { Reactions = row.IsDeleted ? [] : ToReactions(reacted[row.N]) })];
    }

    private static List<MessageReaction> ToReactions(IEnumerable<ReactionRow> rows) =>
        [.. rows.GroupBy(row => row.Emoji).Select(emoji => new MessageReaction(
            emoji.Key, emoji.First().Total, [.. emoji.Select(row => new UserId(row.UserId))]))];

    private async Task<List<T>> QueryAsync<T>(string sql, object parameters) =>
        (await connection.QueryAsync<T>(new CommandDefinition(sql, parameters, cancellationToken: cancellationToken)).ConfigureAwait(false)).AsList();

    private sealed record MessageList(long Thread, UserId? Viewer);

    private sealed class ReactionRow
    {
        public long N { get; set; }

        public string Emoji { get; set; } = "";

        public string UserId { get; set; } = "";

        public long Total { get; set; }
    }
}
