using AkkaChat.Persistence.Database;
using Dapper;

namespace AkkaChat.Persistence.Journal;

/// <summary>The journal has no unique key that keeps two writers of a room apart. The message says what to create.</summary>
public sealed class JournalFenceException(string message) : Exception(message);

/// <summary>
/// The fence is the journal's unique key over (persistence_id, sequence_number): of two incarnations of a room that run at once, only one
/// can append at each position. Without it a partition could produce two histories, so a node must not start without it.
/// </summary>
public static class JournalFence
{
    private const string PostgresSql = """
        SELECT count(*)
        FROM pg_index i
        WHERE i.indrelid = to_regclass('journal')
          AND i.indisunique AND i.indisvalid AND i.indisready AND i.indimmediate
          AND i.indpred IS NULL AND i.indexprs IS NULL AND i.indnkeyatts = 2 AND i.indnatts = 2
          AND (SELECT array_agg(a.attname::text ORDER BY a.attname)
               FROM pg_attribute a
               WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey))
              = ARRAY['persistence_id', 'sequence_number']
        """;

    // The key columns of each unique index; a partial index does not fence.
    private const string SqliteSql = """
        SELECT count(*) FROM pragma_index_list('journal') l
        WHERE l."unique" = 1 AND l.partial = 0
          AND (SELECT group_concat(name, ',') FROM (SELECT name FROM pragma_index_info(l.name) ORDER BY name))
              = 'persistence_id,sequence_number'
        """;

    /// <exception cref="JournalFenceException">There is no journal table, or it lacks the key.</exception>
    public static async Task AssertAsync(IDatabase database, CancellationToken cancellationToken = default)
    {
        var sql = database.Provider == DatabaseProvider.Postgres ? PostgresSql : SqliteSql;
        var keys = await database.WithJournalAsync(
            connection => connection.ExecuteScalarAsync<long>(new CommandDefinition(sql, cancellationToken: cancellationToken)),
            cancellationToken).ConfigureAwait(false);
        if (keys == 0)
        {
            throw new JournalFenceException(
                "The table journal has no valid unique key over (persistence_id, sequence_number), so two writers of one room could both "
                + "succeed. Run the migrations, or: ALTER TABLE journal ADD CONSTRAINT journal_fence UNIQUE (persistence_id, sequence_number)");
        }
    }
}
