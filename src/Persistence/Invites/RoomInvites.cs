using System.Buffers.Text;
using System.Data.Common;
using System.Security.Cryptography;
using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.Database;
using Dapper;

namespace AkkaChat.Persistence.Invites;

/// <summary>A link that lets people into a room.</summary>
/// <param name="Code">22 characters of base64url: 128 random bits. Whoever knows it may join.</param>
/// <param name="MaxUses">Null: any number.</param>
/// <param name="User">The only user who may use it; null: anybody.</param>
public sealed record RoomInvite(
    string Code, RoomId Room, UserId CreatedBy, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, int? MaxUses, int Uses, UserId? User);

/// <summary>
/// The invitations of rooms. A use is counted before the room is asked, and given back if the room refuses: so there are never more joins
/// than uses, whatever fails in between. Where the answer is lost, the use stays open, and the same user takes it up again.
/// </summary>
public sealed class RoomInvites(IDatabase database, TimeProvider time)
{
    /// <summary>The most valid invitations of one room.</summary>
    public const int MaxPerRoom = 100;

    private const int CodeBytes = 16;

    private const string Columns = """
        SELECT code AS Code, room_id AS RoomId, created_by AS CreatedBy, created_at AS CreatedAt, expires_at AS ExpiresAt,
            max_uses AS MaxUses, uses AS Uses, user_id AS UserId
        FROM room_invite
        """;

    private const string Valid = "expires_at > @now AND (max_uses IS NULL OR uses < max_uses)";

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <returns>Null: the room has <see cref="MaxPerRoom"/> already.</returns>
    public Task<RoomInvite?> CreateAsync(
        RoomId room,
        UserId by,
        TimeSpan expiresIn,
        int? maxUses,
        UserId? user,
        CancellationToken cancellationToken)
    {
        var now = DateTimeOffset.FromUnixTimeMilliseconds(Now);
        var code = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(CodeBytes));
        var invite = new RoomInvite(code, room, by, now, now + expiresIn, maxUses, 0, user);
        return database.WriteAsync<RoomInvite?>(
            async (connection, transaction) =>
            {
                // What is over is removed here: nobody needs it, and no timer has to.
                await ExecuteAsync(
                    connection, transaction, $"DELETE FROM room_invite WHERE room_id = @room AND NOT ({Valid})",
                    new { room = room.Value, now = Now }, cancellationToken).ConfigureAwait(false);
                var count = await connection.ExecuteScalarAsync<long>(new CommandDefinition(
                    "SELECT count(*) FROM room_invite WHERE room_id = @room",
                    new { room = room.Value },
                    transaction,
                    cancellationToken: cancellationToken)).ConfigureAwait(false);
                if (count >= MaxPerRoom)
                {
                    return null;
                }

                await ExecuteAsync(
                    connection,
                    transaction,
                    """
                    INSERT INTO room_invite (code, room_id, created_by, created_at, expires_at, max_uses, uses, user_id)
                    VALUES (@code, @room, @by, @created, @expires, @max, 0, @user)
                    """,
                    new
                    {
                        code,
                        room = room.Value,
                        by = by.Value,
                        created = invite.CreatedAt.ToUnixTimeMilliseconds(),
                        expires = invite.ExpiresAt.ToUnixTimeMilliseconds(),
                        max = (long?)maxUses,
                        user = user?.Value,
                    },
                    cancellationToken).ConfigureAwait(false);
                return invite;
            },
            cancellationToken);
    }

    /// <summary>The valid ones, the newest first.</summary>
    public async Task<IReadOnlyList<RoomInvite>> ListAsync(RoomId room, CancellationToken cancellationToken) =>
        await QueryAsync($"{Columns} WHERE room_id = @room AND {Valid} ORDER BY created_at DESC, code", new { room = room.Value, now = Now }, cancellationToken)
            .ConfigureAwait(false);

    /// <returns>Null: no such invitation, or it was revoked.</returns>
    public async Task<RoomInvite?> FindAsync(string code, CancellationToken cancellationToken) =>
        (await QueryAsync($"{Columns} WHERE code = @code", new { code }, cancellationToken).ConfigureAwait(false)).SingleOrDefault();

    public bool IsValid(RoomInvite invite) => invite.ExpiresAt > time.GetUtcNow() && (invite.MaxUses is null || invite.Uses < invite.MaxUses);

    /// <returns>False: the room has no such invitation.</returns>
    public Task<bool> RevokeAsync(RoomId room, string code, CancellationToken cancellationToken) =>
        database.WriteAsync(
            async (connection, transaction) => await ExecuteAsync(
                connection, transaction, "DELETE FROM room_invite WHERE room_id = @room AND code = @code",
                new { room = room.Value, code }, cancellationToken).ConfigureAwait(false) > 0,
            cancellationToken);

    /// <summary>Counts a use, unless the user has an open one.</summary>
    /// <returns>False: the invitation is over.</returns>
    public Task<bool> BeginUseAsync(string code, UserId user, CancellationToken cancellationToken) =>
        database.WriteAsync(
            async (connection, transaction) =>
            {
                var use = new { code, user = user.Value, now = Now };
                if (await ExecuteAsync(
                    connection, transaction, "INSERT INTO room_invite_use (code, user_id) VALUES (@code, @user) ON CONFLICT (code, user_id) DO NOTHING",
                    use, cancellationToken).ConfigureAwait(false) == 0)
                {
                    return true;
                }

                if (await ExecuteAsync(
                    connection, transaction, $"UPDATE room_invite SET uses = uses + 1 WHERE code = @code AND {Valid}",
                    use, cancellationToken).ConfigureAwait(false) > 0)
                {
                    return true;
                }

                await DeleteUseAsync(connection, transaction, code, user, cancellationToken).ConfigureAwait(false);
                return false;
            },
            cancellationToken);

    /// <param name="joined">False gives the use back.</param>
    public Task EndUseAsync(string code, UserId user, bool joined, CancellationToken cancellationToken) =>
        database.WriteAsync(
            async (connection, transaction) =>
            {
                var open = await DeleteUseAsync(connection, transaction, code, user, cancellationToken).ConfigureAwait(false) > 0;
                if (open && !joined)
                {
                    await ExecuteAsync(connection, transaction, "UPDATE room_invite SET uses = uses - 1 WHERE code = @code", new { code }, cancellationToken)
                        .ConfigureAwait(false);
                }

                return open;
            },
            cancellationToken);

    private static Task<int> DeleteUseAsync(
        DbConnection connection, DbTransaction transaction, string code, UserId user, CancellationToken cancellationToken) =>
        ExecuteAsync(
            connection, transaction, "DELETE FROM room_invite_use WHERE code = @code AND user_id = @user",
            new { code, user = user.Value }, cancellationToken);

    private static Task<int> ExecuteAsync(
        DbConnection connection, DbTransaction transaction, string sql, object parameters, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(new CommandDefinition(sql, parameters, transaction, cancellationToken: cancellationToken));

    private Task<List<RoomInvite>> QueryAsync(string sql, object parameters, CancellationToken cancellationToken) =>
        database.ReadAsync(
            async connection => (await connection.QueryAsync<Row>(
                new CommandDefinition(sql, parameters, cancellationToken: cancellationToken)).ConfigureAwait(false)).Select(row => row.ToInvite()).ToList(),
            cancellationToken);

    private sealed class Row
    {
        public string Code { get; set; } = "";

        public string RoomId { get; set; } = "";

        public string CreatedBy { get; set; } = "";

        public long CreatedAt { get; set; }

        public long ExpiresAt { get; set; }

        public long? MaxUses { get; set; }

        public long Uses { get; set; }

        public string? UserId { get; set; }

        public RoomInvite ToInvite() => new(
            Code,
            new RoomId(RoomId),
            new UserId(CreatedBy),
            DateTimeOffset.FromUnixTimeMilliseconds(CreatedAt),
            DateTimeOffset.FromUnixTimeMilliseconds(ExpiresAt),
            (int?)MaxUses,
            (int)Uses,
            UserId is null ? null : new UserId(UserId));
    }
}
