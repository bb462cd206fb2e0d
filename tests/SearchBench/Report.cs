using AkkaChat.Persistence.Database;
using Dapper;

namespace AkkaChat.SearchBench;

internal static class Report
{
    private static readonly string[] Tables = ["room_message", "search_tail", "search_segment", "search_segment_room", "search_posting"];

    public static void Cost(string provider, IndexCost cost, TimeSpan elapsed)
    {
        Queries.Say($"{provider}: {cost.Messages:N0} messages in {elapsed.TotalSeconds:F0} s");
        Queries.Say($"  per message: consumer {Micro(cost.Consumer):F1} us, {PerMessage(cost.ConsumerWal):F0} bytes of WAL; indexer {Micro(cost.Indexer):F1} us, {PerMessage(cost.IndexerWal):F0} bytes of WAL");

        double Micro(TimeSpan time) => time.TotalMicroseconds / cost.Messages;

        double PerMessage(long bytes) => (double)bytes / cost.Messages;
    }

    public static async Task SizesAsync(IDatabase database)
    {
        await using var connection = await database.OpenAsync(CancellationToken.None);
        foreach (var table in Tables)
        {
            var sql = database.Provider == DatabaseProvider.Postgres
                ? $"SELECT pg_total_relation_size('{table}')"
                : $"SELECT COALESCE((SELECT sum(pgsize) FROM dbstat WHERE name IN (SELECT name FROM sqlite_master WHERE tbl_name = '{table}')), 0)";
            var rows = await connection.ExecuteScalarAsync<long>($"SELECT count(*) FROM {table}");
            Queries.Say($"  {table}: {rows:N0} rows, {await SizeAsync(sql):N0} bytes");
        }

        async Task<long> SizeAsync(string sql)
        {
            try
            {
                return await connection.ExecuteScalarAsync<long>(sql);
            }
            catch (Microsoft.Data.Sqlite.SqliteException)
            {
                return -1; // SQLite was built without the table that tells
            }
        }
    }
}
