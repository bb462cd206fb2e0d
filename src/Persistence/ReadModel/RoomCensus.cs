using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.Database;
using AkkaChat.Persistence.Journal;
using Dapper;

namespace AkkaChat.Persistence.ReadModel;

/// <summary>A room as operators see it, without its messages.</summary>
public sealed record RoomEntry(
    RoomId Id, string Name, RoomVisibility Visibility, int Members, RoomHead Head, DateTimeOffset CreatedAt, DateTimeOffset LastActive);

/// <param name="Row">The last journal row that it has consumed.</param>
public sealed record ConsumerProgress(string Consumer, long Row);

/// <param name="JournalRow">The newest row.</param>
/// <param name="SnapshotRow">The row that the newest snapshot reaches; 0 if there is none.</param>
public sealed record RoomStorage(long JournalRow, long SnapshotRow, IReadOnlyList<ConsumerProgress> Consumers);

/// <summary>Lists rooms and how they are stored. Reads the tables without catching up: they may be slightly behind the journal.</summary>
public sealed class RoomCensus(IDatabase database)
{
    private const string Columns = """
        id AS RoomId, name AS Name, visibility AS Visibility, member_count AS Members, head_seq AS Seq, head_n AS N,
        created_at AS CreatedAt, last_active AS LastActive
        """;

    /// <summary>The last active first.</summary>
    /// <param name="search">Matched in name and topic, ignoring case and accents; null for all.</param>
    public async Task<IReadOnlyList<RoomEntry>> ListAsync(string? search, int limit, CancellationToken cancellationToken = default)
    {
        var sql = $"""
            SELECT {Columns} FROM room WHERE deleted = 0 AND (@pattern IS NULL OR search_text LIKE @pattern ESCAPE '\')
            ORDER BY last_active DESC, id LIMIT @limit
            """;
        return await QueryAsync(sql, new { pattern = SearchText.Pattern(search), limit }, cancellationToken).ConfigureAwait(false);
    }

    /// <returns>Null if there is no such room.</returns>
    public async Task<RoomEntry?> FindAsync(RoomId room, CancellationToken cancellationToken = default) =>
        (await QueryAsync($"SELECT {Columns} FROM room WHERE id = @room", new { room = room.Value }, cancellationToken).ConfigureAwait(false))
        .SingleOrDefault();

    public async Task<RoomStorage> GetStorageAsync(RoomId room, CancellationToken cancellationToken = default)
    {
        var parameters = new { room = room.Value };
        var journal = await database.WithJournalAsync(
            connection => connection.ExecuteScalarAsync<long?>(new CommandDefinition(
                "SELECT max(sequence_number) FROM journal WHERE persistence_id = @room", parameters, cancellationToken: cancellationToken)),
            cancellationToken).ConfigureAwait(false);
        var snapshot = await database.WithSnapshotsAsync(
            connection => connection.ExecuteScalarAsync<long?>(new CommandDefinition(
                "SELECT max(sequence_number) FROM snapshot WHERE persistence_id = @room", parameters, cancellationToken: cancellationToken)),
            cancellationToken).ConfigureAwait(false);
        var consumers = await database.ReadAsync(
            connection => connection.QueryAsync<(string Consumer, long Row)>(new CommandDefinition(
                "SELECT consumer, journal_nr FROM consumer_offset WHERE room_id = @room ORDER BY consumer",
                parameters,
                cancellationToken: cancellationToken)),
            cancellationToken).ConfigureAwait(false);
        return new RoomStorage(journal ?? 0, snapshot ?? 0, [.. consumers.Select(row => new ConsumerProgress(row.Consumer, row.Row))]);
    }

    private async Task<IReadOnlyList<RoomEntry>> QueryAsync(string sql, object parameters, CancellationToken cancellationToken)
    {
        var rows = await database.ReadAsync(
            connection => connection.QueryAsync<Row>(new CommandDefinition(sql, parameters, cancellationToken: cancellationToken)),
            cancellationToken).ConfigureAwait(false);
        return [.. rows.Select(row => row.ToEntry())];
    }

    private sealed class Row
    {
        public string RoomId { get; set; } = "";

        public string Name { get; set; } = "";

        public long Visibility { get; set; }

        public long Members { get; set; }

        public long Seq { get; set; }

        public long N { get; set; }

        public long CreatedAt { get; set; }

        public long LastActive { get; set; }

        public RoomEntry ToEntry() => new(
            new RoomId(RoomId),
            Name,
            (RoomVisibility)Visibility,
            (int)Members,
            new RoomHead(Seq, N),
            DateTimeOffset.FromUnixTimeMilliseconds(CreatedAt),
            DateTimeOffset.FromUnixTimeMilliseconds(LastActive));
    }
}
