using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.Database;
using Dapper;

namespace AkkaChat.Persistence.Files;

/// <summary>The rows of complete files: their messages, how they are shown, and which have expired.</summary>
public sealed class FileStore(IDatabase database, TimeProvider time)
{
    /// <summary>
    /// Reserves files for the message <paramref name="clientId"/>, all or none, so that no other message takes them and none is removed
    /// meanwhile. Repeating it for the same message returns the same files.
    /// </summary>
    /// <param name="lifetime">How long the reservation lasts.</param>
    /// <returns> The files in the requested order; null if one of them is not a complete file of this room and owner, belongs to another
    /// message, or is damaged. </returns>
    public Task<IReadOnlyList<StoredFile>?> ClaimAsync(
        RoomId room, UserId owner, Guid clientId, IReadOnlyList<FileId> ids, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        var forUpdate = database.Provider == DatabaseProvider.Postgres ? "FOR UPDATE" : "";
        return database.WriteAsync<IReadOnlyList<StoredFile>?>(
            async (connection, transaction) =>
            {
                var parameters = new
                {
                    ids = RowFilter.Value(database.Provider, ids.Select(id => id.Value)),
                    room = room.Value,
                    owner = owner.Value,
                    cid = clientId.ToByteArray(bigEndian: true),
                    expires = Until(lifetime),
                };

                // Always in the same order, so that two claims of the same files cannot deadlock.
                var rows = (await connection.QueryAsync<FileRow>(new CommandDefinition(
                    $"""
                    SELECT {FileRow.Columns} FROM file
                    WHERE {RowFilter.Sql(database.Provider, "id")} AND room_id = @room AND owner_id = @owner AND purpose = 0 AND state IN (1, 2)
                        AND (claimed_by = @cid OR (claimed_by IS NULL AND processed <> 2))
                    ORDER BY id {forUpdate}
                    """,
                    parameters,
                    transaction,
                    cancellationToken: cancellationToken)).ConfigureAwait(false)).ToDictionary(row => new FileId(row.Id), row => row.ToFile());
                if (rows.Count != ids.Count)
                {
                    return null;
                }

                await connection.ExecuteAsync(new CommandDefinition(
                    $"UPDATE file SET claimed_by = @cid, expires_at = @expires WHERE {RowFilter.Sql(database.Provider, "id")} AND state = 1",
                    parameters,
                    transaction,
                    cancellationToken: cancellationToken)).ConfigureAwait(false);
                return [.. ids.Select(id => rows[id])];
            },
            cancellationToken);
    }

    /// <summary>Releases the files of a message that is known not to be stored: other messages may use them.</summary>
    public Task UnclaimAsync(Guid clientId, IReadOnlyList<FileId> ids, CancellationToken cancellationToken) => database.WriteAsync(
        (connection, transaction) => connection.ExecuteAsync(new CommandDefinition(
            $"UPDATE file SET claimed_by = NULL WHERE {RowFilter.Sql(database.Provider, "id")} AND claimed_by = @cid AND state = 1",
            new { ids = RowFilter.Value(database.Provider, ids.Select(id => id.Value)), cid = clientId.ToByteArray(bigEndian: true) },
            transaction,
            cancellationToken: cancellationToken)),
        cancellationToken);

    /// <summary>Records how an image is shown, once its thumbnails are in the object store. Only the first call has an effect.</summary>
    public Task SetProcessedAsync(FileId id, FileProcessing outcome, string? placeholder, CancellationToken cancellationToken) => database.WriteAsync(
        (connection, transaction) => connection.ExecuteAsync(new CommandDefinition(
            "UPDATE file SET processed = @outcome, placeholder = @placeholder WHERE id = @id AND processed = 0",
            new { id = id.Value, outcome = (long)outcome, placeholder },
            transaction,
            cancellationToken: cancellationToken)),
        cancellationToken);

    /// <summary>Takes the lease of the collector: one node at a time collects.</summary>
    public Task<bool> TryLeaseSweepAsync(TimeSpan duration, CancellationToken cancellationToken) => database.WriteAsync(
        async (connection, transaction) => await connection.ExecuteAsync(new CommandDefinition(
            "UPDATE file_sweep SET lease_until = @until WHERE id = 1 AND lease_until < @now",
            new { until = Until(duration), now = Until(TimeSpan.Zero) },
            transaction,
            cancellationToken: cancellationToken)).ConfigureAwait(false) == 1,
        cancellationToken);

    /// <summary>Files that have expired or been removed, oldest first.</summary>
    public Task<IReadOnlyList<StoredFile>> ListExpiredAsync(int limit, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<StoredFile>>(
            async connection => [.. (await connection.QueryAsync<FileRow>(new CommandDefinition(
                $"SELECT {FileRow.Columns} FROM file WHERE state <> 2 AND (expires_at < @now OR state = 3) AND lease_until < @now ORDER BY expires_at LIMIT @limit",
                new { now = Until(TimeSpan.Zero), limit },
                cancellationToken: cancellationToken)).ConfigureAwait(false)).Select(row => row.ToFile())],
            cancellationToken);

    /// <summary>
    /// Marks an expired file as removed, so that no message can use it. False if a message has claimed it meanwhile, or has it.
    /// </summary>
    public Task<bool> ExpireAsync(FileId id, CancellationToken cancellationToken) => database.WriteAsync(
        async (connection, transaction) => await connection.ExecuteAsync(new CommandDefinition(
            "UPDATE file SET state = 3, lease = NULL WHERE id = @id AND (state = 3 OR (state < 2 AND expires_at < @now AND lease_until < @now))",
            new { id = id.Value, now = Until(TimeSpan.Zero) },
            transaction,
            cancellationToken: cancellationToken)).ConfigureAwait(false) == 1,
        cancellationToken);

    /// <summary>Deletes the row of a file whose objects are deleted, and returns its bytes to the owner's quota, once.</summary>
    public Task ForgetAsync(StoredFile file, CancellationToken cancellationToken) => database.WriteAsync(
        async (connection, transaction) =>
        {
            var gone = await connection.ExecuteAsync(new CommandDefinition(
                "DELETE FROM file WHERE id = @id AND state = 3", new { id = file.Id.Value }, transaction, cancellationToken: cancellationToken))
                .ConfigureAwait(false) == 1;
            if (gone)
            {
                await FileUsage.ReleaseAsync(connection, transaction, file.Owner.Value, file.Size, cancellationToken).ConfigureAwait(false);
            }

            return gone;
        },
        cancellationToken);

    private long Until(TimeSpan span) => (time.GetUtcNow() + span).ToUnixTimeMilliseconds();
}
