using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.Consumers;
using AkkaChat.Persistence.Database;
using AkkaChat.Persistence.ReadModel;
using Dapper;

namespace AkkaChat.Persistence.Saved;

/// <summary>A message as it is now, with what is shown of its room.</summary>
public sealed record SavedMessage(
    StoredMessage Message, string RoomName, RoomVisibility Visibility, FileId? Picture, DateTimeOffset SavedAt, long Place);

/// <summary>
/// The messages that users want to find again. Nobody else sees what somebody saves; all of the user's devices are told. A row stays when the user
/// leaves the room: nothing shows it then, and it is there again when they come back.
/// </summary>
public sealed class SavedMessages(IDatabase database, IRoomConsumers consumers, UserStreamSignal signal, TimeProvider time)
{
    /// <summary>The most messages that one user saves.</summary>
    public const int MaxSaved = 1_000;

    /// <summary>The most messages in one page.</summary>
    public const int MaxPage = 50;

    private const string SaveSql = """
        INSERT INTO saved_message (user_id, room_id, seq, n, saved_at, place)
        SELECT @user, @room, @seq, @n, @now, 0 WHERE (SELECT count(*) FROM saved_message WHERE user_id = @user) < @most
        ON CONFLICT (user_id, room_id, seq) DO NOTHING
        """;

    private const string RemoveSql = "DELETE FROM saved_message WHERE user_id = @user AND room_id = @room AND seq = @seq";

    private const string PlaceSql = "UPDATE saved_message SET place = @place WHERE user_id = @user AND room_id = @room AND seq = @seq";

    private const string IsSavedSql = "SELECT count(*) FROM saved_message WHERE user_id = @user AND room_id = @room AND seq = @seq";

    // The membership is decided in the statement that reads the texts.
    private static readonly string ListSql = $"""
        SELECT l.room_id AS RoomId, r.name AS RoomName, r.visibility AS Visibility, r.picture AS Picture, s.saved_at AS SavedAt, s.place AS Place,
            {MessageRow.Columns}, k.cards AS Cards
        FROM saved_message s
        JOIN room_member m ON m.room_id = s.room_id AND m.user_id = s.user_id
        JOIN room r ON r.id = s.room_id
        JOIN room_message l ON l.room_id = s.room_id AND l.n = s.n
        LEFT JOIN message_link k ON k.room_id = l.room_id AND k.n = l.n
        WHERE s.user_id = @user AND s.place < @before
        ORDER BY s.place DESC
        LIMIT @limit
        """;

    private readonly RoomFreshness _freshness = new(database, consumers);

    /// <summary>The caller has checked that the user may see the message. Saving one that is saved changes nothing.</summary>
    /// <returns>False: the user has saved <see cref="MaxSaved"/> others already.</returns>
    public async Task<bool> SaveAsync(UserId user, StoredMessage message, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var row = new
        {
            user = user.Value,
            room = message.Room.Value,
            seq = message.Seq,
            n = message.N,
            now = now.ToUnixTimeMilliseconds(),
            most = MaxSaved,
        };
        return await ChangeAsync(user, message.Id, SaveSql, row, on: true, now, cancellationToken).ConfigureAwait(false)
            || await database.ReadAsync(
                async connection => await connection.ExecuteScalarAsync<long>(
                    new CommandDefinition(IsSavedSql, row, cancellationToken: cancellationToken)).ConfigureAwait(false) > 0,
                cancellationToken).ConfigureAwait(false);
    }

    public Task RemoveAsync(UserId user, MessageId message, CancellationToken cancellationToken) => ChangeAsync(
        user, message, RemoveSql, new { user = user.Value, room = message.Room.Value, seq = message.Seq }, on: false, time.GetUtcNow(), cancellationToken);

    /// <summary>Those of a room. The caller has checked that the user may see it.</summary>
    public async Task<IReadOnlyList<MessageId>> ListIdsAsync(UserId user, RoomId room, CancellationToken cancellationToken)
    {
        var seqs = await database.ReadAsync(
            connection => connection.QueryAsync<long>(new CommandDefinition(
                "SELECT seq FROM saved_message WHERE user_id = @user AND room_id = @room ORDER BY seq",
                new { user = user.Value, room = room.Value },
                cancellationToken: cancellationToken)),
            cancellationToken).ConfigureAwait(false);
        return [.. seqs.Select(seq => new MessageId(room, seq))];
    }

    /// <summary>What the user has saved in the rooms that they are in, the last saved first, as it is now: also what was deleted.</summary>
    public async Task<Page<SavedMessage>> ListAsync(UserId user, string? cursor, int limit, CancellationToken cancellationToken)
    {
        var count = Math.Clamp(limit, 1, MaxPage);
        var before = PageCursor.Parse(cursor)?.Number ?? long.MaxValue;
        var rooms = await database.QueryAsync<string>(
            "SELECT DISTINCT room_id FROM saved_message WHERE user_id = @user", new { user = user.Value }, cancellationToken).ConfigureAwait(false);
        await _freshness.EnsureAsync(rooms, cancellationToken).ConfigureAwait(false);
        var rows = await database.QueryAsync<Row>(ListSql, new { user = user.Value, before, limit = count + 1 }, cancellationToken).ConfigureAwait(false);
        return PageCursor.Page(rows, count, row => row.ToSaved(), row => new PageCursor(row.Place, ""));
    }

    /// <returns>Whether something changed.</returns>
    private async Task<bool> ChangeAsync(
        UserId user, MessageId message, string sql, object row, bool on, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var moved = await database.WriteAsync<UserMoved?>(
            async (connection, transaction) =>
            {
                if (await connection.ExecuteAsync(new CommandDefinition(sql, row, transaction, cancellationToken: cancellationToken)).ConfigureAwait(false) == 0)
                {
                    return null;
                }

                var stream = (await UserStreamTable.AppendAsync(
                    connection,
                    transaction,
                    [new UserEventRow(user, UserEventKind.MessageSaved, message.Room, on ? message.Seq : -message.Seq, now)],
                    cancellationToken).ConfigureAwait(false))[0];
                if (on)
                {
                    await connection.ExecuteAsync(new CommandDefinition(
                        PlaceSql,
                        new { user = user.Value, room = message.Room.Value, seq = message.Seq, place = stream.UserSeq },
                        transaction,
                        cancellationToken: cancellationToken)).ConfigureAwait(false);
                }

                return stream;
            },
            cancellationToken).ConfigureAwait(false);
        if (moved is null)
        {
            return false;
        }

        signal.Raise(moved);
        return true;
    }

    private sealed class Row : MessageRow
    {
        public string RoomId { get; set; } = "";

        public string RoomName { get; set; } = "";

        public long Visibility { get; set; }

        public string Picture { get; set; } = "";

        public long SavedAt { get; set; }

        public long Place { get; set; }

        public SavedMessage ToSaved() => new(
            ToMessage(new RoomId(RoomId)),
            RoomName,
            (RoomVisibility)Visibility,
            Picture.Length == 0 ? null : new FileId(Picture),
            DateTimeOffset.FromUnixTimeMilliseconds(SavedAt),
            Place);
    }
}
