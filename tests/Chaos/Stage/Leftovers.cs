using System.Text.Json;
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
    private const int MostImages = 60;
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
    public static async Task<IReadOnlyList<FinalLook>> LookAsync(
        TestCluster cluster, ChatRest member, ChatRest stranger, IReadOnlyList<Entry> history, IReadOnlyList<string> cards)
    {
        var sent = history.Where(entry => entry is { Op: Op.Invoke, Files: not null }).ToDictionary(entry => (entry.User, entry.Attempt));
        var pictures = history.Where(entry => entry is { Op: Op.UploadBegin } && entry.Hash!.StartsWith("png ", StringComparison.Ordinal))
            .Select(entry => entry.File!).ToHashSet();
        var files = history.Where(entry => entry.Op == Op.Ok && sent.ContainsKey((entry.User, entry.Attempt)))
            .SelectMany(entry => sent[(entry.User, entry.Attempt)].Files!.Split(' ')).Distinct().ToList();
        // Of cards that nobody removed, and not of all where there are many.
        var images = cards.Take(MostImages).ToList();
        var looks = new List<FinalLook>();
        var wanted = from file in files.Concat(images)
                     from edge in cluster.Edges
                     from form in images.Contains(file) ? ["original", "small"] : pictures.Contains(file) ? new[] { "original", "small", "large" } : ["original"]
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

    /// <summary>The images of link cards that messages show.</summary>
    public static async Task<IReadOnlyList<string>> ImagesAsync(Postgres postgres)
    {
        await using var connection = await postgres.OpenAsync();
        return await QueryAsync(connection, "SELECT DISTINCT image_id FROM link_image_use WHERE n > 0 ORDER BY image_id", row => row.GetString(0));
    }

    /// <summary>Everybody's avatar, as each edge tells it.</summary>
    public static async Task<IReadOnlyList<FinalAvatar>> AvatarsAsync(TestCluster cluster, ChatRest anybody, IReadOnlyList<Entry> history)
    {
        var users = history.Where(entry => entry.Op == Op.AvatarInvoke).Select(entry => entry.User).Distinct().ToList();
        var avatars = new List<FinalAvatar>();
        foreach (var (edge, some) in cluster.Edges.SelectMany(edge => users.Chunk(50).Select(some => (edge, some))))
        {
            var answer = await FileClient.PeopleAsync(anybody, edge.Url, some);
            avatars.AddRange(answer.Status != 200
                ? some.Select(user => new FinalAvatar(edge.Name, user, $"not told: {answer.Status} {answer.Code}"))
                : JsonElement.Parse(answer.Body).GetProperty("items").EnumerateArray().Select(person =>
                    new FinalAvatar(edge.Name, person.GetProperty("id").GetString()!, person.GetProperty("avatar").GetString())));
        }

        return avatars;
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
            "SELECT id, state, processed, width IS NOT NULL, CASE WHEN purpose = 1 THEN owner_id END FROM file",
            row => new FileFact(row.GetString(0), (int)row.GetInt64(1), (int)row.GetInt64(2), row.GetBoolean(3))
            {
                AvatarOf = row.IsDBNull(4) ? null : row.GetString(4),
            });
        var images = await QueryAsync(connection, "SELECT id FROM link_image", row => row.GetString(0));
        return new StoreFacts(work, files, cluster.Objects.List()) { LinkImages = images };
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
