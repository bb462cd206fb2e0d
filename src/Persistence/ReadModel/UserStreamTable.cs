using System.Data.Common;
using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.Database;
using Dapper;

namespace AkkaChat.Persistence.ReadModel;

/// <summary>Appends to users' streams within a transaction.</summary>
internal static class UserStreamTable
{
    /// <summary>The number of events kept per user; up to <see cref="TrimEvery"/> more until the next trimming.</summary>
    private const int Kept = 1_000;

    private const int TrimEvery = 100;

    /// <summary>
    /// Gives each event the next <c>useq</c> of its user. The users' rows are locked in the order of their ids, after any read cursors,
    /// so that writers of several users cannot deadlock.
    /// </summary>
    /// <returns>The new head of each stream that moved.</returns>
    public static async Task<IReadOnlyList<UserMoved>> AppendAsync(
        DbConnection connection,
        DbTransaction transaction,
        IReadOnlyList<UserEventRow> events,
        CancellationToken cancellationToken)
    {
        if (events.Count == 0)
        {
            return [];
        }

        var users = events.GroupBy(e => e.User.Value).OrderBy(user => user.Key, StringComparer.Ordinal).ToList();
        var heads = (await MultiRow.InsertReturningAsync(
            connection,
            transaction,
            "user_stream",
            [RowColumn.Text("user_id", users.Select(user => user.Key)), RowColumn.Number("useq", users.Select(user => (long)user.Count()))],
            "ON CONFLICT (user_id) DO UPDATE SET useq = user_stream.useq + excluded.useq RETURNING user_id, useq",
            cancellationToken).ConfigureAwait(false)).ToDictionary();
        var rows = users
            .SelectMany(user => user.Select((e, i) => (Event: e, Useq: heads[user.Key] - user.Count() + i + 1)))
            .ToList();
        await MultiRow.InsertAsync(
            connection,
            transaction,
            "user_event",
            [
                RowColumn.Text("user_id", rows.Select(row => row.Event.User.Value)),
                RowColumn.Number("useq", rows.Select(row => row.Useq)),
                RowColumn.Number("kind", rows.Select(row => (long)row.Event.Kind)),
                RowColumn.Text("room_id", rows.Select(row => row.Event.Room.Value)),
                RowColumn.Number("n", rows.Select(row => row.Event.N)),
                RowColumn.Number("ts", rows.Select(row => row.Event.Time.ToUnixTimeMilliseconds())),
                RowColumn.Text("subject", rows.Select(row => row.Event.Subject?.Value ?? "")),
            ],
            "",
            cancellationToken).ConfigureAwait(false);
        foreach (var user in users.Where(user => heads[user.Key] % TrimEvery < user.Count()))
        {
            await connection.ExecuteAsync(new CommandDefinition(
                "DELETE FROM user_event WHERE user_id = @user AND useq <= @last",
                new { user = user.Key, last = heads[user.Key] - Kept },
                transaction,
                cancellationToken: cancellationToken)).ConfigureAwait(false);
        }

        return [.. users.Select(user => new UserMoved(new UserId(user.Key), heads[user.Key]))];
    }
}
