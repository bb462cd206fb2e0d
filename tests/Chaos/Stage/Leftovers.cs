using AkkaChat.Chaos.Checking;
using AkkaChat.Chaos.Clients;
using AkkaChat.Chaos.Histories;
using AkkaChat.Support.Chat;
using Npgsql;

namespace AkkaChat.Chaos.Stage;

/// <summary>Looks at files and work once everything has come to rest: through every edge, in the tables, and in the object store itself.</summary>
internal static class Leftovers
{
    private const int Parallelism = 6;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Waits until no work is left and nothing is left to be removed; what is there in the end is for the checker.</summary>
    public static async Task DrainAsync(Postgres postgres, TimeSpan timeout)
    {
        for (var started = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(started) < timeout;)
        {
            await using var connection = await postgres.OpenAsync();
            await using var command = new NpgsqlCommand(
                "SELECT (SELECT count(*) FROM work WHERE state < 2) + (SELECT count(*) FROM file WHERE state = 3)", connection);
            if ((long)(await command.ExecuteScalarAsync())! == 0)
            {
                return;
            }

            await Task.Delay(250);
        }
    }

    /// <summary>Each file of an acknowledged message from every edge, in every form, by a member of all rooms; and by one of none.</summary>
    public static async Task<IReadOnlyList<FinalLook>> LookAsync(TestCluster cluster, ChatRest member, ChatRest stranger, IReadOnlyList<Entry> history)
    {
        var sent = history.Where(entry => entry is { Op: Op.Invoke, Files: not null }).ToDictionary(entry => (entry.User, entry.Attempt));
        var pictures = history.Where(entry => entry is { Op: Op.UploadBegin } && entry.Hash!.StartsWith("png ", StringComparison.Ordinal))
            .Select(entry => entry.File!).ToHashSet();
        var files = history.Where(entry => entry.Op == Op.Ok && sent.ContainsKey((entry.User, entry.Attempt)))
            .SelectMany(entry => sent[(entry.User, entry.Attempt)].Files!.Split(' ')).Distinct().ToList();
        var looks = new List<FinalLook>();
        var wanted = from file in files
                     from edge in cluster.Edges
                     from form in pictures.Contains(file) ? new[] { "original", "small", "large" } : ["original"]
                     from isMember in form == "original" ? new[] { true, false } : [true]
                     select (file, edge, form, isMember);
        await Parallel.ForEachAsync(wanted, new ParallelOptions { MaxDegreeOfParallelism = Parallelism }, async (look, _) =>
        {
            var answer = await PatientlyAsync(look.isMember ? member : stranger, look.edge.Url, look.file, look.form);
            lock (looks)
            {
                looks.Add(new FinalLook(
                    look.edge.Name, look.isMember, look.file, look.form, answer.Status == 200 ? "ok" : answer.Code,
                    answer.Status == 200 ? FileContent.Describe(answer.Body) : null));
            }
        });
        return looks;
    }

    public static async Task<StoreFacts> ReadAsync(TestCluster cluster)
    {
        await using var connection = await cluster.Postgres.OpenAsync();
        var work = await QueryAsync(
            connection,
            "SELECT kind, key, state, attempts, coalesce(last_error, '') FROM work ORDER BY id",
            row => new WorkFact(row.GetString(0), row.GetString(1), (int)row.GetInt64(2), (int)row.GetInt64(3), row.GetString(4)));
        var files = await QueryAsync(
            connection,
            "SELECT id, state, processed, width IS NOT NULL FROM file",
            row => new FileFact(row.GetString(0), (int)row.GetInt64(1), (int)row.GetInt64(2), row.GetBoolean(3)));
        return new StoreFacts(work, files, cluster.Objects.List());
    }

    private static async Task<FileAnswer> PatientlyAsync(ChatRest rest, Uri edge, string file, string form)
    {
        for (var started = TimeProvider.System.GetTimestamp(); ;)
        {
            var answer = await FileClient.FindAsync(rest, edge, file, form);
            if (answer.Location is { } location)
            {
                answer = await FileClient.ReadAsync(edge, location);
            }

            if ((answer.Status is 200 or 403 or 404 && answer.Code != "processing") || TimeProvider.System.GetElapsedTime(started) > Patience)
            {
                return answer;
            }

            await Task.Delay(500);
        }
    }

    private static async Task<List<T>> QueryAsync<T>(NpgsqlConnection connection, string sql, Func<NpgsqlDataReader, T> read)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await using var rows = await command.ExecuteReaderAsync();
        var all = new List<T>();
        while (await rows.ReadAsync())
        {
            all.Add(read(rows));
        }

        return all;
    }
}
