using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.Database;

namespace AkkaChat.Persistence.People;

/// <summary>When users were last online, to the minute.</summary>
public sealed class LastSeenTable(IDatabase database)
{
    private static readonly long Minute = (long)TimeSpan.FromMinutes(1).TotalMilliseconds;

    /// <summary>An earlier time changes nothing.</summary>
    public Task WriteAsync(IEnumerable<KeyValuePair<UserId, DateTimeOffset>> seen, CancellationToken cancellationToken)
    {
        var rows = seen
            .Select(user => (Id: user.Key.Value, At: user.Value.ToUnixTimeMilliseconds() / Minute * Minute))
            .OrderBy(row => row.Id, StringComparer.Ordinal)
            .ToList();
        return database.WriteAsync(
            async (connection, transaction) =>
            {
                await MultiRow.ExecuteAsync(
                    connection,
                    transaction,
                    values => $"""
                        UPDATE account SET last_seen = v.at FROM {values}
                        WHERE account.id = v.id AND (account.last_seen IS NULL OR account.last_seen < v.at)
                        """,
                    [RowColumn.Text("id", rows.Select(row => row.Id)), RowColumn.Number("at", rows.Select(row => row.At))],
                    cancellationToken).ConfigureAwait(false);
                return rows.Count;
            },
            cancellationToken);
    }
}
