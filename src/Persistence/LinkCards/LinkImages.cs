using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.Database;
using Dapper;

namespace AkkaChat.Persistence.LinkCards;

/// <summary>
/// The images of link cards: which are in the object store, and whose they are to see. The projection of <c>link.attached</c> says which
/// messages show them.
/// </summary>
public sealed class LinkImages(IDatabase database, TimeProvider time)
{
    /// <summary>Longer than a page is remembered with its card: until then any message may come to show the image.</summary>
    private static readonly TimeSpan Unused = LinkPages.KeepCard + TimeSpan.FromHours(1);

    /// <summary>Longer than the work of a message takes with all its attempts, and the projection after it.</summary>
    private static readonly TimeSpan Expected = TimeSpan.FromDays(1);

    /// <summary>Enters an image whose objects are about to be written.</summary>
    public Task AddAsync(FileId id, CancellationToken cancellationToken) => ExecuteAsync(
        "INSERT INTO link_image (id, expires_at) VALUES (@id, @expires)", new { id = id.Value, expires = Until(Unused) }, cancellationToken);

    /// <summary>A message of the room is about to show the image, which is kept meanwhile.</summary>
    public Task ExpectAsync(FileId id, RoomId room, CancellationToken cancellationToken) => ExecuteAsync(
        """
        INSERT INTO link_image_use (image_id, room_id, n, expires_at) VALUES (@id, @room, 0, @expires)
        ON CONFLICT (image_id, room_id, n) DO UPDATE SET expires_at = excluded.expires_at
        """,
        new { id = id.Value, room = room.Value, expires = Until(Expected) },
        cancellationToken);

    /// <summary>Whether a message shows the image in a room that the user is a member of, as far as the tables know.</summary>
    public Task<bool> IsSeenByAsync(FileId id, UserId user, CancellationToken cancellationToken) => database.ReadAsync(
        connection => connection.ExecuteScalarAsync<bool>(new CommandDefinition(
            """
            SELECT EXISTS (
                SELECT 1 FROM link_image i JOIN link_image_use u ON u.image_id = i.id JOIN room_member m ON m.room_id = u.room_id
                WHERE i.id = @id AND i.removed = 0 AND u.n > 0 AND m.user_id = @user)
            """,
            new { id = id.Value, user = user.Value },
            cancellationToken: cancellationToken)),
        cancellationToken);

    /// <summary>The rooms of which a message is about to show the image, or has since the tables were last brought up to date.</summary>
    public Task<IReadOnlyList<RoomId>> ListExpectingAsync(FileId id, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<RoomId>>(
            async connection => [.. (await connection.QueryAsync<string>(new CommandDefinition(
                "SELECT room_id FROM link_image_use WHERE image_id = @id AND n = 0 ORDER BY expires_at DESC LIMIT 100",
                new { id = id.Value },
                cancellationToken: cancellationToken)).ConfigureAwait(false)).Select(room => new RoomId(room))],
            cancellationToken);

    /// <summary>Ends images that have expired and that no message shows or is about to: from here on nobody sees them.</summary>
    /// <returns>Some that have been ended: their objects can be removed.</returns>
    public Task<IReadOnlyList<FileId>> ExpireAsync(int limit, CancellationToken cancellationToken) =>
        database.WriteAsync<IReadOnlyList<FileId>>(
            async (connection, transaction) =>
            {
                var parameters = new { now = Until(TimeSpan.Zero), limit };
                await connection.ExecuteAsync(new CommandDefinition(
                    """
                    DELETE FROM link_image_use WHERE n = 0 AND expires_at < @now;
                    UPDATE link_image SET removed = 1 WHERE expires_at < @now AND removed = 0
                        AND NOT EXISTS (SELECT 1 FROM link_image_use u WHERE u.image_id = link_image.id)
                    """,
                    parameters,
                    transaction,
                    cancellationToken: cancellationToken)).ConfigureAwait(false);
                return [.. (await connection.QueryAsync<string>(new CommandDefinition(
                    "SELECT id FROM link_image WHERE expires_at < @now AND removed = 1 ORDER BY expires_at LIMIT @limit",
                    parameters,
                    transaction,
                    cancellationToken: cancellationToken)).ConfigureAwait(false)).Select(id => new FileId(id))];
            },
            cancellationToken);

    /// <summary>Forgets an image that has been ended and whose objects are gone.</summary>
    public Task ForgetAsync(FileId id, CancellationToken cancellationToken) =>
        ExecuteAsync("DELETE FROM link_image WHERE id = @id AND removed = 1", new { id = id.Value }, cancellationToken);

    private long Until(TimeSpan span) => (time.GetUtcNow() + span).ToUnixTimeMilliseconds();

    private Task<int> ExecuteAsync(string sql, object parameters, CancellationToken cancellationToken) => database.WriteAsync(
        (connection, transaction) =>
            connection.ExecuteAsync(new CommandDefinition(sql, parameters, transaction, cancellationToken: cancellationToken)),
        cancellationToken);
}
