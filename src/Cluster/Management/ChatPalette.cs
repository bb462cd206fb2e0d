using System.Globalization;
using System.Runtime.CompilerServices;
using AkkaChat.Cluster.Hosting;
using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.Journal;
using AkkaChat.Persistence.ReadModel;
using AkkaChat.Persistence.Work;

namespace AkkaChat.Cluster.Management;

/// <summary>Rooms, durable work and the journal. Every node answers for the whole installation: all of it is in the database.</summary>
public sealed class ChatPalette(RunningSystem running, RoomCensus rooms, WorkOperations work, WorkQueue queue, JournalAudit journal) : ICommandPalette
{
    public const string PaletteName = "chat";
    public const string PaletteSummary = "Rooms, sockets, durable work and the journal";

    private const int DefaultCount = 50;
    private const int MaxCount = 10_000;
    private static readonly CommandSwitch RoomSwitch = new("r", "ROOM", "the id of the room", IsRequired: true);
    private static readonly CommandSwitch ItemSwitch = new("i", "ID", "the number of the item, from 'chat work'", IsRequired: true);

    public string Name => PaletteName;

    public string Summary => PaletteSummary;

    public IReadOnlyList<PaletteCommand> Commands =>
    [
        new("rooms", "Lists rooms, the last active first", RoomsAsync)
        {
            Switches =
            [
                new("s", "TEXT", "only rooms with this in their name or topic"),
                new("n", "COUNT", $"the most rooms; without it {DefaultCount}"),
            ],
        },
        new("room", "Shows a room's location, head and storage", RoomAsync) { Switches = [RoomSwitch] },
        new("work", "Lists durable work that is not done", WorkAsync)
        {
            Switches =
            [
                new("k", "KIND", "only this kind"),
                new("s", "STATE", "only this state: waiting, running or dead"),
                new("n", "COUNT", $"the most items; without it {DefaultCount}"),
            ],
        },
        new("work-depth", "Counts durable work of each kind and state", (_, stopped) => DepthAsync(stopped)),
        new("work-retry", "Retries an item that is dead or waiting at once, with all its attempts again", RetryAsync) { Switches = [ItemSwitch] },
        new("work-drop", "Deletes an item that is dead or waiting", DropAsync) { Switches = [ItemSwitch] },
        new("journal-check", "Reads journals and checks that nothing is missing", JournalAsync)
        {
            Switches = [new("r", "ROOM", "the id of the room; without it all rooms")],
        },
    ];

    private static RoomId ParseRoom(string text) =>
        RoomId.TryParse(text, out var room) ? room : throw new CommandUsageException($"'{text}' is not the id of a room.");

    private static long ParseItem(CommandCall call) =>
        long.TryParse(call.Get("i"), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            ? id
            : throw new CommandUsageException($"-i must be a number, not '{call.Get("i")}'.");

    private async IAsyncEnumerable<CommandRow> RoomsAsync(CommandCall call, [EnumeratorCancellation] CancellationToken stopped)
    {
        var found = await rooms.ListAsync(call.Find("s"), call.Number("n", DefaultCount, MaxCount), stopped);
        foreach (var room in found)
        {
            yield return new CommandRow(
                $"{room.Id} | {room.Name} | {room.Visibility.ToString().ToLowerInvariant()} | members: {room.Members} | seq: {room.Head.Seq} "
                + $"| messages: {room.Head.N} | active: {Text(room.LastActive)}",
                View(room));
        }

        yield return new CommandRow($"Count: {found.Count} rooms");
    }

    private async IAsyncEnumerable<CommandRow> RoomAsync(CommandCall call, [EnumeratorCancellation] CancellationToken stopped)
    {
        var id = ParseRoom(call.Get("r"));
        var room = await rooms.FindAsync(id, stopped) ?? throw new CommandException($"There is no room {id}.");
        var storage = await rooms.GetStorageAsync(id, stopped);
        var location = await ShardingPalette.FindAsync(running.Running(), id.Value);
        yield return new CommandRow(
            $"{room.Id} | {room.Name} | {room.Visibility.ToString().ToLowerInvariant()} | members: {room.Members} | created: {Text(room.CreatedAt)}",
            new { room = View(room), location, storage });
        yield return new CommandRow($"location | shard: {location.Shard} | {location.Node ?? "nowhere"} | {(location.Runs ? "runs" : "does not run")}");
        yield return new CommandRow($"head | seq: {room.Head.Seq} | messages: {room.Head.N} | active: {Text(room.LastActive)}");
        yield return new CommandRow($"journal | row: {storage.JournalRow} | snapshot of row: {storage.SnapshotRow}");
        foreach (var consumer in storage.Consumers)
        {
            yield return new CommandRow($"consumer {consumer.Consumer} | row: {consumer.Row} | behind: {Math.Max(0, storage.JournalRow - consumer.Row)}");
        }
    }

    private async IAsyncEnumerable<CommandRow> WorkAsync(CommandCall call, [EnumeratorCancellation] CancellationToken stopped)
    {
        var (kind, state, limit) = (call.Find("k"), call.Choice<WorkState>("s"), call.Number("n", DefaultCount, MaxCount));
        var (shown, after) = (0, 0L);
        while (shown < limit)
        {
            var page = await work.ListAsync(kind, state, after, Math.Min(limit - shown, WorkOperations.MaxPage), stopped);
            foreach (var item in page)
            {
                yield return new CommandRow(
                    $"{item.Id} | {item.Kind} | {item.State.ToString().ToLowerInvariant()} | attempts: {item.Attempts} | due: {Text(item.DueAt)} "
                    + $"| {item.Key}{(item.LastError is null ? "" : $" | {item.LastError}")}",
                    item);
            }

            shown += page.Count;
            if (page.Count == 0)
            {
                break;
            }

            after = page[^1].Id;
        }

        yield return new CommandRow($"Count: {shown} items");
    }

    private async IAsyncEnumerable<CommandRow> DepthAsync([EnumeratorCancellation] CancellationToken stopped)
    {
        var depths = await work.GetDepthsAsync(stopped);
        foreach (var depth in depths)
        {
            var oldestSeconds = (long)depth.OldestAge.TotalSeconds;
            yield return new CommandRow(
                $"{depth.Kind} | {depth.State.ToString().ToLowerInvariant()} | items: {depth.Count} | oldest: {oldestSeconds} s",
                new { depth.Kind, depth.State, depth.Count, oldestSeconds });
        }

        yield return new CommandRow($"Count: {depths.Sum(depth => depth.Count)} items");
    }

    private async IAsyncEnumerable<CommandRow> RetryAsync(CommandCall call, [EnumeratorCancellation] CancellationToken stopped)
    {
        var id = ParseItem(call);
        if (!await work.RetryAsync(id, queue, stopped))
        {
            throw new CommandException($"There is no dead or waiting item {id}.");
        }

        yield return new CommandRow($"Item {id} is retried", new { id });
    }

    private async IAsyncEnumerable<CommandRow> DropAsync(CommandCall call, [EnumeratorCancellation] CancellationToken stopped)
    {
        var id = ParseItem(call);
        if (!await work.DropAsync(id, stopped))
        {
            throw new CommandException($"There is no dead or waiting item {id}.");
        }

        yield return new CommandRow($"Item {id} is deleted", new { id });
    }

    private async IAsyncEnumerable<CommandRow> JournalAsync(CommandCall call, [EnumeratorCancellation] CancellationToken stopped)
    {
        var (checkedRooms, rows, events, defects) = (0L, 0L, 0L, 0L);
        var audits = call.Find("r") is { } room ? OneAsync(ParseRoom(room), stopped) : journal.CheckAllAsync(stopped);
        await foreach (var audit in audits.WithCancellation(stopped))
        {
            checkedRooms++;
            rows += audit.Rows;
            events += audit.Events;
            defects += audit.Defects.Count;
            foreach (var defect in audit.Defects)
            {
                yield return new CommandRow($"{defect.Room} | row {defect.Row} | {defect.Message}", new { room = defect.Room.Value, defect.Row, defect.Message });
            }
        }

        yield return new CommandRow(
            $"Checked: {checkedRooms} rooms, {rows} rows, {events} events; defects: {defects}", new { rooms = checkedRooms, rows, events, defects });
        if (defects > 0)
        {
            throw new CommandException("The journal has defects.");
        }
    }

    private async IAsyncEnumerable<RoomAudit> OneAsync(RoomId room, [EnumeratorCancellation] CancellationToken stopped)
    {
        var audit = await journal.CheckAsync(room, stopped);
        yield return audit.Rows > 0 ? audit : throw new CommandException($"There is no room {room}.");
    }

    private static object View(RoomEntry room) => new
    {
        id = room.Id.Value,
        room.Name,
        visibility = room.Visibility,
        room.Members,
        room.Head.Seq,
        messages = room.Head.N,
        room.CreatedAt,
        room.LastActive,
    };

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
