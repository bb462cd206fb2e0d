using System.Data.Common;
using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.Database;
using Dapper;

namespace AkkaChat.Persistence.Files;

/// <param name="DeclaredType">Given by the uploader; not trusted.</param>
public sealed record NewUpload(FileId Id, FilePurpose Purpose, RoomId Room, UserId Owner, string Name, string DeclaredType, long Size);

/// <param name="QuotaBytes">The space for all files of a user, in bytes.</param>
/// <param name="Unattached">The most unattached files of a user.</param>
public sealed record UploadLimits(long QuotaBytes, int Unattached);

public enum UploadAdmission
{
    Admitted,
    OverQuota,
    TooMany,
}

/// <summary>What was detected in the content of a complete upload.</summary>
/// <param name="Width">Of an image, as shown; null for other files.</param>
public sealed record UploadContent(string Type, int? Width, int? Height);

/// <summary>The right of one request to write to an upload.</summary>
/// <param name="File">As it was when the lease was taken.</param>
/// <param name="IsTakenOver">Whether the previous lease expired instead of being released: its request may still be writing.</param>
public sealed record UploadLease(string Name, StoredFile File, bool IsTakenOver);

/// <summary>
/// The rows of uploads. One request at a time writes to an upload: it holds the lease, and names it in each step, so a request that has
/// lost its lease can record nothing more. Leases use the nodes' clocks: if these differ, a lease may be taken too early or too late, but
/// two requests never both record.
/// </summary>
public sealed class UploadStore(IDatabase database, TimeProvider time)
{
    /// <summary>Adds the upload if the quota allows it. The counter and the row are written in one transaction.</summary>
    public Task<UploadAdmission> CreateAsync(NewUpload upload, UploadLimits limits, TimeSpan lifetime, CancellationToken cancellationToken) =>
        database.WriteAsync(
            async (connection, transaction) =>
            {
                var owner = upload.Owner.Value;
                Task<int> Execute(string sql, object parameters) =>
                    connection.ExecuteAsync(new CommandDefinition(sql, parameters, transaction, cancellationToken: cancellationToken));
                await Execute("INSERT INTO file_usage (user_id, bytes) VALUES (@owner, 0) ON CONFLICT (user_id) DO NOTHING", new { owner })
                    .ConfigureAwait(false);

                // This locks the counter's row, so that uploads of one user are admitted one after the other.
                if (await Execute(
                    "UPDATE file_usage SET bytes = bytes + @Size WHERE user_id = @owner AND bytes + @Size <= @QuotaBytes",
                    new { owner, upload.Size, limits.QuotaBytes }).ConfigureAwait(false) == 0)
                {
                    return UploadAdmission.OverQuota;
                }

                var unattached = await connection.ExecuteScalarAsync<long>(new CommandDefinition(
                    "SELECT count(*) FROM file WHERE owner_id = @owner AND state < 2", new { owner }, transaction, cancellationToken: cancellationToken))
                    .ConfigureAwait(false);
                if (unattached >= limits.Unattached)
                {
                    await FileUsage.ReleaseAsync(connection, transaction, owner, upload.Size, cancellationToken).ConfigureAwait(false);
                    return UploadAdmission.TooMany;
                }

                var now = time.GetUtcNow();
                await Execute(
                    """
                    INSERT INTO file (id, purpose, room_id, owner_id, name, declared_type, type, size, received, state, processed, created_at, expires_at,
                        lease_until)
                    VALUES (@id, @purpose, @room, @owner, @Name, @DeclaredType, '', @Size, 0, 0, 0, @now, @expires, 0)
                    """,
                    new
                    {
                        id = upload.Id.Value,
                        purpose = (long)upload.Purpose,
                        room = upload.Room.Value,
                        owner,
                        upload.Name,
                        upload.DeclaredType,
                        upload.Size,
                        now = now.ToUnixTimeMilliseconds(),
                        expires = (now + lifetime).ToUnixTimeMilliseconds(),
                    }).ConfigureAwait(false);
                return UploadAdmission.Admitted;
            },
            cancellationToken);

    /// <summary>The file in any state; null if there is none, or it has been removed.</summary>
    public Task<StoredFile?> FindAsync(FileId id, CancellationToken cancellationToken) => database.ReadAsync(
        async connection =>
        {
            var row = await connection.QuerySingleOrDefaultAsync<FileRow>(new CommandDefinition(
                $"SELECT {FileRow.Columns} FROM file WHERE id = @id AND state <> 3", new { id = id.Value }, cancellationToken: cancellationToken))
                .ConfigureAwait(false);
            return row?.ToFile();
        },
        cancellationToken);

    /// <summary>
    /// Takes the lease of an upload that is not complete, and reads it. Null if another request holds it, or there is no such upload.
    /// </summary>
    public Task<UploadLease?> TryLeaseAsync(FileId id, TimeSpan duration, CancellationToken cancellationToken)
    {
        var lease = Guid.NewGuid().ToString("N");
        var now = time.GetUtcNow();
        var parameters = new { id = id.Value, lease, until = (now + duration).ToUnixTimeMilliseconds(), now = now.ToUnixTimeMilliseconds() };
        return database.WriteAsync<UploadLease?>(
            async (connection, transaction) =>
            {
                async Task<bool> TakeAsync(string condition) => await connection.ExecuteAsync(new CommandDefinition(
                    $"UPDATE file SET lease = @lease, lease_until = @until WHERE id = @id AND state = 0 AND {condition}",
                    parameters,
                    transaction,
                    cancellationToken: cancellationToken)).ConfigureAwait(false) == 1;
                var isFree = await TakeAsync("lease IS NULL").ConfigureAwait(false);
                if (!isFree && !await TakeAsync("lease_until < @now").ConfigureAwait(false))
                {
                    return null;
                }

                var row = await connection.QuerySingleAsync<FileRow>(new CommandDefinition(
                    $"SELECT {FileRow.Columns} FROM file WHERE id = @id", parameters, transaction, cancellationToken: cancellationToken))
                    .ConfigureAwait(false);
                return new UploadLease(lease, row.ToFile(), IsTakenOver: !isFree);
            },
            cancellationToken);
    }

    /// <summary>Renews the lease. False if it was lost.</summary>
    public Task<bool> RenewAsync(FileId id, string lease, TimeSpan duration, CancellationToken cancellationToken) => ChangeAsync(
        "UPDATE file SET lease_until = @until WHERE id = @id AND lease = @lease AND state = 0",
        new { id = id.Value, lease, until = Until(duration) },
        cancellationToken);

    public Task ReleaseAsync(FileId id, string lease, CancellationToken cancellationToken) => ChangeAsync(
        "UPDATE file SET lease = NULL, lease_until = 0 WHERE id = @id AND lease = @lease", new { id = id.Value, lease }, cancellationToken);

    /// <summary>Records that a piece is durable. False if the lease was lost: then the piece does not count.</summary>
    /// <param name="lifetime">How long the upload may now be idle before it is removed.</param>
    public Task<bool> RecordAsync(
        FileId id, string lease, long received, string progress, TimeSpan duration, TimeSpan lifetime, CancellationToken cancellationToken) =>
        ChangeAsync(
            """
            UPDATE file SET received = @received, progress = @progress, lease_until = @until, expires_at = @expires
            WHERE id = @id AND lease = @lease AND state = 0
            """,
            new { id = id.Value, lease, received, progress, until = Until(duration), expires = Until(lifetime) },
            cancellationToken);

    /// <summary>
    /// Turns the upload, whose object is complete, into a file. False if the lease was lost.
    /// </summary>
    /// <param name="lifetime">How long it may wait for a message.</param>
    /// <param name="alsoInTransaction">Writes in the same transaction; called only if the upload becomes a file.</param>
    public Task<bool> CompleteAsync(
        FileId id,
        string lease,
        UploadContent content,
        TimeSpan lifetime,
        Func<DbConnection, DbTransaction, Task>? alsoInTransaction,
        CancellationToken cancellationToken) => database.WriteAsync(
        async (connection, transaction) =>
        {
            var changed = await connection.ExecuteAsync(new CommandDefinition(
                """
                UPDATE file SET state = 1, type = @Type, width = @Width, height = @Height, processed = @processed, progress = NULL,
                    lease = NULL, lease_until = 0, expires_at = @expires
                WHERE id = @id AND lease = @lease AND state = 0 AND received = size
                """,
                new
                {
                    id = id.Value,
                    lease,
                    content.Type,
                    content.Width,
                    content.Height,
                    processed = content.Width is null ? 1 : 0,
                    expires = Until(lifetime),
                },
                transaction,
                cancellationToken: cancellationToken)).ConfigureAwait(false) == 1;
            if (changed && alsoInTransaction is not null)
            {
                await alsoInTransaction(connection, transaction).ConfigureAwait(false);
            }

            return changed;
        },
        cancellationToken);

    /// <summary>
    /// Marks a file as removed that is neither attached nor reserved: it can no longer be used, and its objects can be deleted. False if it
    /// is attached or reserved. A request that writes to the upload loses the lease.
    /// </summary>
    public Task<bool> RemoveAsync(FileId id, CancellationToken cancellationToken) => ChangeAsync(
        "UPDATE file SET state = 3, lease = NULL WHERE id = @id AND state < 2 AND claimed_by IS NULL", new { id = id.Value }, cancellationToken);

    /// <summary>Removes an upload that cannot become a file. False if the lease was lost.</summary>
    public Task<bool> RefuseAsync(FileId id, string lease, CancellationToken cancellationToken) => ChangeAsync(
        "UPDATE file SET state = 3, lease = NULL, lease_until = 0 WHERE id = @id AND lease = @lease AND state = 0",
        new { id = id.Value, lease },
        cancellationToken);

    private long Until(TimeSpan span) => (time.GetUtcNow() + span).ToUnixTimeMilliseconds();

    private Task<bool> ChangeAsync(string sql, object parameters, CancellationToken cancellationToken) => database.WriteAsync(
        async (connection, transaction) => await connection.ExecuteAsync(
            new CommandDefinition(sql, parameters, transaction, cancellationToken: cancellationToken)).ConfigureAwait(false) == 1,
        cancellationToken);
}

/// <summary>The quota's counters.</summary>
internal static class FileUsage
{
    public static Task ReleaseAsync(
        DbConnection connection, DbTransaction transaction, string owner, long bytes, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(new CommandDefinition(
            "UPDATE file_usage SET bytes = bytes - @bytes WHERE user_id = @owner",
            new { owner, bytes },
            transaction,
            cancellationToken: cancellationToken));
}
