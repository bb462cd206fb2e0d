using System.Data.Common;
using AkkaChat.Persistence.Database;

namespace AkkaChat.Persistence.Work;

/// <summary>Adds work in the transaction of what asks for it, so that neither exists without the other.</summary>
public sealed class WorkQueue(IDatabase database)
{
    /// <summary>The longest key, in characters.</summary>
    public const int MaxKey = 512;

    /// <summary>Work of the kind was added by this process. Handlers must neither block nor throw.</summary>
    public event Action<string>? Added;

    /// <summary>
    /// Adds work within the caller's transaction. The caller calls <see cref="Signal"/> after its commit; without that the work starts a
    /// few seconds later.
    /// </summary>
    public Task AddAsync(
        DbConnection connection,
        DbTransaction transaction,
        IReadOnlyCollection<NewWork> work,
        CancellationToken cancellationToken = default)
    {
        if (work.FirstOrDefault(item => item.Key.Length is 0 or > MaxKey) is { } wrong)
        {
            throw new ArgumentException($"A key of {wrong.Kind} has {wrong.Key.Length} characters: 1 to {MaxKey} are allowed.", nameof(work));
        }

        // In the order of the unique key, so that two transactions with the same work cannot deadlock.
        var rows = work.OrderBy(item => item.Kind, StringComparer.Ordinal).ThenBy(item => item.Key, StringComparer.Ordinal).ToList();
        return MultiRow.ExecuteAsync(
            connection,
            transaction,
            values => $"""
                INSERT INTO work (kind, key, payload, subject, state, attempts, due_at, created_at)
                SELECT kind, key, payload, subject, 0, 0, {WorkTable.NowSql(database.Provider)} + delay, {WorkTable.NowSql(database.Provider)} FROM {values} WHERE true
                ON CONFLICT (kind, key) DO NOTHING
                """,
            [
                RowColumn.Text("kind", rows.Select(item => item.Kind)),
                RowColumn.Text("key", rows.Select(item => item.Key)),
                RowColumn.Text("payload", rows.Select(item => item.Payload)),
                RowColumn.Text("subject", rows.Select(item => item.Subject)),
                RowColumn.Number("delay", rows.Select(item => (long)item.Delay.TotalMilliseconds)),
            ],
            cancellationToken);
    }

    /// <summary>Adds work in a transaction of its own.</summary>
    public async Task AddAsync(IReadOnlyCollection<NewWork> work, CancellationToken cancellationToken = default)
    {
        await database.WriteAsync(
            async (connection, transaction) =>
            {
                await AddAsync(connection, transaction, work, cancellationToken).ConfigureAwait(false);
                return true;
            },
            cancellationToken).ConfigureAwait(false);
        foreach (var kind in work.Select(item => item.Kind).Distinct())
        {
            Signal(kind);
        }
    }

    /// <summary>Makes this node look for work of the kind at once. Other nodes look every few seconds.</summary>
    public void Signal(string kind) => Added?.Invoke(kind);
}
