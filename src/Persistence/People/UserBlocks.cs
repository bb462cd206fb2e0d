using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.Database;
using AkkaChat.Persistence.ReadModel;
using Dapper;

namespace AkkaChat.Persistence.People;

/// <summary>Whom a user does not want to hear from. All of the user's devices are told; whoever is blocked is not.</summary>
public sealed class UserBlocks(IDatabase database, UserStreamSignal signal, TimeProvider time)
{
    /// <summary>The most users that one blocks.</summary>
    public const int MaxBlocked = 1_000;

    /// <returns>False: the user blocks <see cref="MaxBlocked"/> others already.</returns>
    public async Task<bool> SetAsync(UserId user, UserId other, bool on, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var (done, moved) = await database.WriteAsync<(bool, UserMoved?)>(
            async (connection, transaction) =>
            {
                var row = new { user = user.Value, other = other.Value, now = now.ToUnixTimeMilliseconds(), most = MaxBlocked };
                var changed = await connection.ExecuteAsync(new CommandDefinition(
                    on
                        ? """
                          INSERT INTO user_block (user_id, blocked_id, created_at)
                          SELECT @user, @other, @now WHERE (SELECT count(*) FROM user_block WHERE user_id = @user) < @most
                          ON CONFLICT (user_id, blocked_id) DO NOTHING
                          """
                        : "DELETE FROM user_block WHERE user_id = @user AND blocked_id = @other",
                    row,
                    transaction,
                    cancellationToken: cancellationToken)).ConfigureAwait(false);
                if (changed == 0)
                {
                    return (!on || await connection.ExecuteScalarAsync<long>(new CommandDefinition(
                        "SELECT count(*) FROM user_block WHERE user_id = @user AND blocked_id = @other", row, transaction, cancellationToken: cancellationToken))
                        .ConfigureAwait(false) > 0, null);
                }

                var streams = await UserStreamTable.AppendAsync(
                    connection,
                    transaction,
                    [new UserEventRow(user, UserEventKind.UserBlocked, new RoomId(""), on ? 1 : 0, now, other)],
                    cancellationToken).ConfigureAwait(false);
                return (true, streams[0]);
            },
            cancellationToken).ConfigureAwait(false);
        if (moved is not null)
        {
            signal.Raise(moved);
        }

        return done;
    }

    /// <summary>The last blocked first.</summary>
    public Task<IReadOnlyList<UserId>> ListAsync(UserId user, CancellationToken cancellationToken) =>
        QueryAsync("SELECT blocked_id FROM user_block WHERE user_id = @user ORDER BY created_at DESC, blocked_id", user, [], cancellationToken);

    /// <summary>Those of <paramref name="others"/> who do not want to hear from the user.</summary>
    public Task<IReadOnlyList<UserId>> ListBlockersAsync(UserId user, IEnumerable<UserId> others, CancellationToken cancellationToken) =>
        QueryAsync(
            $"SELECT user_id FROM user_block WHERE blocked_id = @user AND {RowFilter.Sql(database.Provider, "user_id")}", user, others, cancellationToken);

    /// <summary>Whether the direct room is one of two, and the other does not want to hear from the user.</summary>
    public Task<bool> IsBlockedInAsync(RoomId room, UserId user, CancellationToken cancellationToken) =>
        database.ReadAsync(
            async connection => await connection.ExecuteScalarAsync<long>(new CommandDefinition(
                """
                SELECT count(*) FROM room r
                JOIN room_member m ON m.room_id = r.id
                JOIN user_block b ON b.user_id = m.user_id AND b.blocked_id = @user
                WHERE r.id = @room AND r.visibility = 2 AND r.member_count = 2
                """,
                new { room = room.Value, user = user.Value },
                cancellationToken: cancellationToken)).ConfigureAwait(false) > 0,
            cancellationToken);

    private async Task<IReadOnlyList<UserId>> QueryAsync(
        string sql, UserId user, IEnumerable<UserId> others, CancellationToken cancellationToken)
    {
        var ids = await database.ReadAsync(
            connection => connection.QueryAsync<string>(new CommandDefinition(
                sql,
                new { user = user.Value, ids = RowFilter.Value(database.Provider, others.Select(other => other.Value)) },
                cancellationToken: cancellationToken)),
            cancellationToken).ConfigureAwait(false);
        return [.. ids.Select(id => new UserId(id))];
    }
}
