using System.Globalization;
using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.Consumers;
using AkkaChat.Persistence.Database;
using AkkaChat.Persistence.ReadModel;
using Dapper;

namespace AkkaChat.Persistence.Threads;

/// <summary>A thread that a user follows.</summary>
/// <param name="Root">A tombstone where it is deleted.</param>
/// <param name="Last">The last reply.</param>
public sealed record FollowedThread(StoredMessage Root, StoredMessage Last);

/// <summary>The list of the threads that a user follows, in the rooms that the user is in.</summary>
public sealed class FollowedThreads(IDatabase database, IRoomConsumers consumers)
{
    public const int MaxPage = 50;

    // Those with unread replies come first: a bit above every time in milliseconds.
    private const string RankSql = "t.last_ts + CASE WHEN t.last_n > f.read_n THEN 1125899906842624 ELSE 0 END";

    private static readonly string PageSql = $"""
        SELECT * FROM (
            SELECT f.room_id AS RoomId, t.seq AS Thread, t.n AS RootN, t.last_n AS LastN, {RankSql} AS Rank
            FROM thread_reader f
            JOIN room_member m ON m.room_id = f.room_id AND m.user_id = f.user_id
            JOIN thread t ON t.room_id = f.room_id AND t.seq = f.thread_seq
            WHERE f.user_id = @user AND f.follows = 1 AND t.replies > 0
        ) followed
        WHERE @room IS NULL OR Rank < @rank OR (Rank = @rank AND (RoomId > @room OR (RoomId = @room AND Thread > @thread)))
        ORDER BY Rank DESC, RoomId, Thread
        LIMIT @limit
        """;

    private readonly RoomFreshness _freshness = new(database, consumers);

    /// <summary>Those with unread replies first, then the last active first.</summary>
    /// <param name="cursor">From the previous page; null or an invalid cursor starts at the beginning.</param>
    /// <param name="limit">1 to <see cref="MaxPage"/>; values outside are clamped.</param>
    public async Task<Page<FollowedThread>> ListAsync(UserId user, string? cursor, int limit, CancellationToken cancellationToken = default)
    {
        var rooms = await database.ReadAsync(
            connection => connection.QueryAsync<string>(new CommandDefinition(
                "SELECT room_id FROM room_member WHERE user_id = @user",
                new { user = user.Value },
                cancellationToken: cancellationToken)),
            cancellationToken).ConfigureAwait(false);
        await _freshness.EnsureAsync([.. rooms], cancellationToken).ConfigureAwait(false);
        var count = Math.Clamp(limit, 1, MaxPage);
        var after = Place.Parse(cursor);
        return await database.ReadAsync(
            async connection =>
            {
                var rows = (await connection.QueryAsync<Row>(new CommandDefinition(
                    PageSql,
                    new { user = user.Value, room = after?.Room, thread = after?.Thread ?? 0, rank = after?.Rank ?? 0, limit = count + 1 },
                    cancellationToken: cancellationToken)).ConfigureAwait(false)).AsList();
                var messages = new Dictionary<(string Room, long N), StoredMessage>();
                foreach (var room in rows.Take(count).GroupBy(row => row.RoomId))
                {
                    var found = await connection.QueryAsync<MessageRow>(new CommandDefinition(
                        $"SELECT {MessageRow.Columns} FROM room_message l WHERE l.room_id = @room AND {RowFilter.Sql(database.Provider, "l.n", "ns")}",
                        new { room = room.Key, ns = RowFilter.Value(database.Provider, room.SelectMany(row => new[] { row.RootN, row.LastN })) },
                        cancellationToken: cancellationToken)).ConfigureAwait(false);
                    foreach (var message in found)
                    {
                        messages[(room.Key, message.N)] = message.ToMessage(new RoomId(room.Key));
                    }
                }

                return PageCursor.Page(
                    rows,
                    count,
                    row => new FollowedThread(messages[(row.RoomId, row.RootN)], messages[(row.RoomId, row.LastN)]),
                    row => new PageCursor(row.Rank, string.Create(CultureInfo.InvariantCulture, $"{row.RoomId}.{row.Thread}")));
            },
            cancellationToken).ConfigureAwait(false);
    }

    private sealed record Place(long Rank, string Room, long Thread)
    {
        public static Place? Parse(string? cursor) =>
            PageCursor.Parse(cursor) is { } after && MessageId.TryParse(after.Id, out var thread)
                ? new Place(after.Number, thread.Room.Value, thread.Seq)
                : null;
    }

    private sealed class Row
    {
        public string RoomId { get; set; } = "";

        public long Thread { get; set; }

        public long RootN { get; set; }

        public long LastN { get; set; }

        public long Rank { get; set; }
    }
}
