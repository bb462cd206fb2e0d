using System.Data.Common;
using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.Consumers;
using AkkaChat.Persistence.Database;
using Dapper;

namespace AkkaChat.Persistence.ReadModel;

/// <inheritdoc cref="IReadCursors"/>
public sealed class ReadCursors(IDatabase database, IRoomConsumers consumers, UserStreamSignal signal, TimeProvider time) : IReadCursors
{
    private const string PlaceSql = """
        SELECT r.head_n AS HeadN, COALESCE(c.n, 0) AS N
        FROM room r
        JOIN room_member m ON m.room_id = r.id AND m.user_id = @user
        LEFT JOIN read_cursor c ON c.room_id = r.id AND c.user_id = @user
        WHERE r.id = @room
        """;

    private const string MoveSql = """
        INSERT INTO read_cursor (user_id, room_id, n) VALUES (@user, @room, @n)
        ON CONFLICT (user_id, room_id) DO UPDATE SET n = excluded.n WHERE read_cursor.n < excluded.n
        """;

    private const string MoveBackSql = "UPDATE read_cursor SET n = @n WHERE user_id = @user AND room_id = @room AND n > @n";

    private static readonly string CountsSql = $"""
        SELECT c.n AS N, r.head_n AS HeadN, r.visibility AS Visibility,
            {Unread.CountMentions("c.user_id", "c.room_id", "c.n")} AS Mentions,
            {Unread.CountThreadMentions("c.user_id", "c.room_id")} AS ThreadMentions,
            {Unread.CountHidden("c.room_id", "c.n")} AS Hidden
        FROM read_cursor c JOIN room r ON r.id = c.room_id
        WHERE c.user_id = @user AND c.room_id = @room
        """;

    private readonly RoomFreshness _freshness = new(database, consumers);

    public async Task<CursorState?> SetAsync(UserId user, RoomId room, long n, bool back = false, CancellationToken cancellationToken = default)
    {
        var place = await ReadAsync(PlaceSql, user, room, cancellationToken).ConfigureAwait(false);
        if (place is null || n > place.HeadN || back)
        {
            // The message, or the membership, may have been acknowledged without being in the tables yet. And the author's own, which moves
            // the cursor to it, must not arrive after a move back.
            await _freshness.EnsureAsync([room.Value], cancellationToken).ConfigureAwait(false);
            place = await ReadAsync(PlaceSql, user, room, cancellationToken).ConfigureAwait(false);
        }

        if (place is null)
        {
            return null;
        }

        var target = Math.Min(n, place.HeadN);
        var userSeq = target > place.N || (back && target < place.N)
            ? await database.WriteAsync(
                (connection, transaction) => MoveAsync(connection, transaction, user, room, target, isBack: target < place.N, cancellationToken),
                cancellationToken).ConfigureAwait(false)
            : null;
        if (userSeq is { } moved)
        {
            signal.Raise(new UserMoved(user, moved));
        }

        var state = await ReadAsync(CountsSql, user, room, cancellationToken).ConfigureAwait(false);
        return state is null
            ? new CursorState(0, place.HeadN, 0, null)
            : new CursorState(state.N, state.Unread, Unread.Mentions(state.Visibility, state.Unread, state.Mentions, state.ThreadMentions), userSeq);
    }

    // The cursor's row is locked before the stream's, as in RoomTables.
    private async Task<long?> MoveAsync(
        DbConnection connection,
        DbTransaction transaction,
        UserId user,
        RoomId room,
        long n,
        bool isBack,
        CancellationToken cancellationToken)
    {
        var moved = await connection.ExecuteAsync(new CommandDefinition(
            isBack ? MoveBackSql : MoveSql, new { user = user.Value, room = room.Value, n }, transaction, cancellationToken: cancellationToken)).ConfigureAwait(false);
        if (moved == 0)
        {
            return null;
        }

        var row = new UserEventRow(user, isBack ? UserEventKind.ReadMovedBack : UserEventKind.ReadUpdated, room, n, time.GetUtcNow());
        var streams = await UserStreamTable
            .AppendAsync(connection, transaction, [row], cancellationToken)
            .ConfigureAwait(false);
        return streams[0].UserSeq;
    }

    private Task<Row?> ReadAsync(string sql, UserId user, RoomId room, CancellationToken cancellationToken) =>
        database.ReadAsync(
            connection => connection.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(
                sql, new { user = user.Value, room = room.Value }, cancellationToken: cancellationToken)),
            cancellationToken);

    private sealed class Row
    {
        public long N { get; set; }

        public long HeadN { get; set; }

        public long Mentions { get; set; }

        public long ThreadMentions { get; set; }

        public long Hidden { get; set; }

        public long Visibility { get; set; }

        public long Unread => ReadModel.Unread.Of(HeadN, N, Hidden);
    }
}
