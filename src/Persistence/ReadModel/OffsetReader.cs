using System.Data.Common;
using System.Text.Json;
using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.Database;
using AkkaChat.Persistence.Journal;
using Dapper;

namespace AkkaChat.Persistence.ReadModel;

/// <summary>Compares rooms' offsets with their journals.</summary>
internal static class OffsetReader
{
    private const string PostgresSql = """
        SELECT room_id AS RoomId, journal_nr AS Nr FROM room_offset WHERE room_id = ANY (@rooms)
        """;

    private const string SqliteSql = """
        SELECT room_id AS RoomId, journal_nr AS Nr FROM room_offset WHERE room_id IN (SELECT value FROM json_each(@rooms))
        """;

    /// <summary>The rooms among <paramref name="heads"/> whose offset is below the head.</summary>
    public static async Task<IReadOnlyList<RoomId>> WhereLaggingAsync(
        DbConnection connection,
        DatabaseProvider provider,
        IEnumerable<JournalHead> heads,
        CancellationToken cancellationToken)
    {
        var newest = heads
            .Where(head => head.RoomId.StartsWith(RoomId.Prefix, StringComparison.Ordinal))
            .GroupBy(head => head.RoomId)
            .ToDictionary(room => room.Key, room => room.Max(head => head.Nr));
        if (newest.Count == 0)
        {
            return [];
        }

        var postgres = provider == DatabaseProvider.Postgres;
        object parameters = postgres ? new { rooms = newest.Keys.ToArray() } : new { rooms = JsonSerializer.Serialize(newest.Keys) };
        var offsets = (await connection.QueryAsync<JournalHead>(new CommandDefinition(
            postgres ? PostgresSql : SqliteSql, parameters, cancellationToken: cancellationToken)).ConfigureAwait(false))
            .ToDictionary(offset => offset.RoomId, offset => offset.Nr);
        return [.. newest.Where(room => room.Value > offsets.GetValueOrDefault(room.Key)).Select(room => new RoomId(room.Key))];
    }
}

/// <summary>Brings rooms up to date before something is read from the tables.</summary>
internal sealed class RoomFreshness(IDatabase database, IRoomProjection projection)
{
    /// <summary>Catches up those of the rooms whose journal is ahead.</summary>
    public async Task EnsureAsync(IReadOnlyCollection<string> rooms, CancellationToken cancellationToken)
    {
        if (rooms.Count == 0)
        {
            return;
        }

        var lagging = await database.ReadAsync(
            async connection =>
            {
                var heads = await database.OnJournalAsync(
                    connection,
                    journal => JournalReader.ReadHeadsAsync(journal, database.Provider, rooms, cancellationToken),
                    cancellationToken).ConfigureAwait(false);
                return await OffsetReader
                    .WhereLaggingAsync(connection, database.Provider, heads, cancellationToken)
                    .ConfigureAwait(false);
            },
            cancellationToken).ConfigureAwait(false);
        await Task.WhenAll(lagging.Select(room => projection.CatchUpAsync(room, cancellationToken))).ConfigureAwait(false);
    }
}
