using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.Database;
using AkkaChat.Persistence.ReadModel;
using Dapper;

namespace AkkaChat.Persistence.People;

/// <summary>The direct rooms that users do not want to see in their lists before somebody writes there.</summary>
public sealed class HiddenRooms(IDatabase database, UserStreamSignal signal, TimeProvider time)
{
    /// <summary>Hides a room up to its newest message.</summary>
    public Task HideAsync(RoomId room, UserId user, CancellationToken cancellationToken) =>
        ChangeAsync(
            """
            INSERT INTO direct_hidden (user_id, room_id, n) SELECT @user, id, head_n FROM room WHERE id = @room
            ON CONFLICT (user_id, room_id) DO UPDATE SET n = excluded.n WHERE direct_hidden.n < excluded.n
            """,
            room,
            user,
            isHidden: true,
            cancellationToken);

    public Task ShowAsync(RoomId room, UserId user, CancellationToken cancellationToken) =>
        ChangeAsync("DELETE FROM direct_hidden WHERE user_id = @user AND room_id = @room", room, user, isHidden: false, cancellationToken);

    /// <summary>Before a room is made: those who did not ask for it see it with its first message.</summary>
    public Task HideNewAsync(RoomId room, IEnumerable<UserId> users, CancellationToken cancellationToken) =>
        database.WriteAsync(
            async (connection, transaction) => await connection.ExecuteAsync(new CommandDefinition(
                "INSERT INTO direct_hidden (user_id, room_id, n) VALUES (@user, @room, 0) ON CONFLICT (user_id, room_id) DO NOTHING",
                users.Select(user => new { user = user.Value, room = room.Value }).OrderBy(row => row.user, StringComparer.Ordinal).ToList(),
                transaction,
                cancellationToken: cancellationToken)).ConfigureAwait(false),
            cancellationToken);

    private async Task ChangeAsync(string sql, RoomId room, UserId user, bool isHidden, CancellationToken cancellationToken)
    {
        var moved = await database.WriteAsync<UserMoved?>(
            async (connection, transaction) =>
            {
                var changed = await connection.ExecuteAsync(new CommandDefinition(
                    sql, new { room = room.Value, user = user.Value }, transaction, cancellationToken: cancellationToken)).ConfigureAwait(false);
                return changed == 0
                    ? null
                    : (await UserStreamTable.AppendAsync(
                        connection,
                        transaction,
                        [new UserEventRow(user, UserEventKind.DirectHidden, room, isHidden ? 1 : 0, time.GetUtcNow())],
                        cancellationToken).ConfigureAwait(false))[0];
            },
            cancellationToken).ConfigureAwait(false);
        if (moved is not null)
        {
            signal.Raise(moved);
        }
    }
}
