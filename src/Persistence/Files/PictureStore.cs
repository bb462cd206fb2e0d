using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.Database;
using Dapper;

namespace AkkaChat.Persistence.Files;

/// <summary>The pictures of people, and the files that are to become rooms' pictures.</summary>
public sealed class PictureStore(IDatabase database, TimeProvider time)
{
    /// <summary>
    /// Makes the file its owner's avatar, in the place of one before it, which is removed; null: there is to be none. Again it changes nothing.
    /// </summary>
    /// <returns>False where it is not a processed avatar of this person's, or has been one before.</returns>
    public Task<bool> SetAvatarAsync(UserId user, FileId? avatar, CancellationToken cancellationToken)
    {
        var forUpdate = database.Provider == DatabaseProvider.Postgres ? "FOR UPDATE" : "";
        return database.WriteAsync(
            async (connection, transaction) =>
            {
                CommandDefinition Command(string sql, object parameters) => new(sql, parameters, transaction, cancellationToken: cancellationToken);
                var before = await connection.QuerySingleOrDefaultAsync<string?>(Command(
                    $"SELECT avatar FROM account WHERE id = @user {forUpdate}", new { user = user.Value })).ConfigureAwait(false);
                if (before == avatar?.Value)
                {
                    return true;
                }

                if (avatar is { } file && await connection.ExecuteAsync(Command(
                    "UPDATE file SET state = 2 WHERE id = @file AND owner_id = @user AND purpose = 1 AND state = 1 AND processed = 1",
                    new { file = file.Value, user = user.Value })).ConfigureAwait(false) == 0)
                {
                    return false;
                }

                await connection.ExecuteAsync(Command(
                    """
                    UPDATE file SET state = 3 WHERE id = @before AND purpose = 1 AND state = 2;
                    UPDATE account SET avatar = @avatar, updated_at = @now WHERE id = @user
                    """,
                    new { before, avatar = avatar?.Value, user = user.Value, now = Until(TimeSpan.Zero) })).ConfigureAwait(false);
                return true;
            },
            cancellationToken);
    }

    /// <summary>Keeps a file that is about to become its room's picture, as long as the room may take to say so.</summary>
    /// <returns>False where it is not a processed picture of this room and owner, or has been the room's before.</returns>
    public Task<bool> ReserveAsync(FileId picture, RoomId room, UserId owner, TimeSpan lifetime, CancellationToken cancellationToken) =>
        database.WriteAsync(
            async (connection, transaction) => await connection.ExecuteAsync(new CommandDefinition(
                """
                UPDATE file SET expires_at = @expires
                WHERE id = @picture AND room_id = @room AND owner_id = @owner AND purpose = 2 AND state IN (1, 2) AND processed = 1
                """,
                new { picture = picture.Value, room = room.Value, owner = owner.Value, expires = Until(lifetime) },
                transaction,
                cancellationToken: cancellationToken)).ConfigureAwait(false) == 1,
            cancellationToken);

    private long Until(TimeSpan span) => (time.GetUtcNow() + span).ToUnixTimeMilliseconds();
}
