using System.Text.Json;
using System.Text.Json.Nodes;
using AkkaChat.Chaos.Checking;
using AkkaChat.Chaos.Histories;
using AkkaChat.Messages.Rooms;
using AkkaChat.Support.Chat;
using Npgsql;

namespace AkkaChat.Chaos.Stage;

/// <summary>Reads every room whole, from every edge over WebSocket and REST, and from the journal itself.</summary>
internal static class Readers
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public static async Task<Dictionary<string, IReadOnlyDictionary<string, IReadOnlyList<LogEvent>>>> ReadEdgesAsync(
        TestCluster cluster, ChatRest auditor, IReadOnlyList<string> rooms, List<string> failures)
    {
        var all = new Dictionary<string, IReadOnlyDictionary<string, IReadOnlyList<LogEvent>>>();
        foreach (var edge in cluster.Edges)
        {
            foreach (var (way, read) in new (string, Func<Task<Dictionary<string, IReadOnlyList<LogEvent>>>>)[]
            {
                ("ws", () => OverSocketAsync(edge.Url, auditor, rooms)),
                ("rest", () => OverRestAsync(edge.Url, auditor, rooms)),
            })
            {
                var name = $"{edge.Name} {way}";
                all[name] = await TryAsync(read, name, failures) ?? [];
            }
        }

        return all;
    }

    public static async Task<Dictionary<string, IReadOnlyList<JournalRow>>> ReadJournalAsync(Postgres postgres)
    {
        await using var connection = await postgres.OpenAsync();
        await using var command = new NpgsqlCommand(
            "SELECT persistence_id, sequence_number, message, manifest FROM journal ORDER BY persistence_id, sequence_number, ordering", connection);
        await using var rows = await command.ExecuteReaderAsync();
        var rooms = new Dictionary<string, List<JournalRow>>();
        while (await rows.ReadAsync())
        {
            var room = rows.GetString(0);
            if (!rooms.TryGetValue(room, out var list))
            {
                rooms.Add(room, list = []);
            }

            var entry = RoomSerializer.ReadJournalEntry(rows.GetFieldValue<byte[]>(2), rows.GetString(3));
            list.Add(new JournalRow(
                rows.GetInt64(1), entry is RoomFence, entry is RoomEventBatch batch ? [.. batch.Events.Select(LogEvents.Of)] : []));
        }

        return rooms.ToDictionary(room => room.Key, room => (IReadOnlyList<JournalRow>)room.Value);
    }

    private static async Task<T?> TryAsync<T>(Func<Task<T>> read, string name, List<string> failures)
        where T : class
    {
        for (var started = TimeProvider.System.GetTimestamp(); ;)
        {
            try
            {
                return await read();
            }
            catch (Exception e) when (e is ChatException or ChatConnectionLostException or RestException or HttpRequestException or TaskCanceledException)
            {
                if (TimeProvider.System.GetElapsedTime(started) > Patience)
                {
                    failures.Add($"{name} could not read the rooms: {e.Message}");
                    return null;
                }

                await Task.Delay(1_000);
            }
        }
    }

    private static async Task<Dictionary<string, IReadOnlyList<LogEvent>>> OverSocketAsync(Uri edge, ChatRest auditor, IReadOnlyList<string> rooms)
    {
        await using var socket = await ChatSocket.ConnectAsync(edge, auditor, ChatCredential.Bearer, _ => { });
        await socket.RequestAsync("hello");
        var all = new Dictionary<string, IReadOnlyList<LogEvent>>();
        foreach (var room in rooms)
        {
            var log = new List<LogEvent>();
            for (var from = 0L; ;)
            {
                var page = await SyncAsync(socket, room, from);
                log.AddRange(page.GetProperty("events").EnumerateArray().Select(LogEvents.Of));
                var to = page.GetProperty("to").GetInt64();
                if (page.GetProperty("complete").GetBoolean() || to <= from)
                {
                    break;
                }

                from = to;
            }

            all[room] = log;
        }

        return all;
    }

    /// <summary>A long run has more pages than a client may ask for at once; one that asks again too soon, again and again, is disconnected.</summary>
    private static async Task<JsonElement> SyncAsync(ChatSocket socket, string room, long from)
    {
        while (true)
        {
            try
            {
                return await socket.RequestAsync("room.sync", room, new JsonObject { ["from"] = from });
            }
            catch (ChatException e) when (e.Code == "rate_limited")
            {
                await Task.Delay(Math.Max(e.RetryAfterMs, 500));
            }
        }
    }

    private static async Task<Dictionary<string, IReadOnlyList<LogEvent>>> OverRestAsync(Uri edge, ChatRest auditor, IReadOnlyList<string> rooms)
    {
        auditor.BaseUrl = edge;
        var all = new Dictionary<string, IReadOnlyList<LogEvent>>();
        foreach (var room in rooms)
        {
            all[room] = [.. (await auditor.EventsAsync(room)).Select(LogEvents.Of)];
        }

        return all;
    }
}
