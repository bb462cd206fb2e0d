using System.Globalization;
using System.Runtime.CompilerServices;
using AkkaChat.Cluster.Management;
using AkkaChat.Edge.Sockets;

namespace AkkaChat.Edge.Management;

/// <summary>What an edge adds to the palette <c>chat</c>: its sockets.</summary>
internal sealed class EdgePalette(ConnectionRegistry connections) : ICommandPalette
{
    private const int DefaultCount = 100;
    private const int MaxCount = 100_000;

    public string Name => ChatPalette.PaletteName;

    public string Summary => ChatPalette.PaletteSummary;

    public IReadOnlyList<PaletteCommand> Commands =>
    [
        new("sessions", "Lists the sockets of this edge", (call, _) => Sessions(call))
        {
            Switches =
            [
                new("u", "USERNAME", "only this user's"),
                new("n", "COUNT", $"the most sockets; without it {DefaultCount}"),
            ],
        },
        new("drain", "Takes no new sockets and closes the open ones, which come back on other edges; the process stays", (_, stopped) => DrainAsync(stopped)),
        new("resume", "Takes sockets again after a drain", (_, _) => Resume()),
    ];

    private async IAsyncEnumerable<CommandRow> Sessions(CommandCall call)
    {
        await Task.CompletedTask;
        var count = call.Number("n", DefaultCount, MaxCount);
        var username = call.Find("u");
        var sessions = connections.Sessions
            .Select(session => (User: session.AfterHello?.User.Username, Session: session))
            .Where(entry => username is null || string.Equals(entry.User, username, StringComparison.OrdinalIgnoreCase))
            .OrderBy(entry => entry.User, StringComparer.Ordinal)
            .ToList();
        foreach (var (user, session) in sessions.Take(count))
        {
            var view = new
            {
                user,
                userId = session.AfterHello?.User.Id.Value,
                openSeconds = Math.Round(session.Watchdog.Age.TotalSeconds, 1),
                silentSeconds = Math.Round(session.Connection.SinceReceived.TotalSeconds, 1),
                rooms = session.AfterHello?.Rooms.Count ?? 0,
                queued = session.Connection.Queued,
            };
            yield return new CommandRow(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{user ?? "(no hello yet)"} | open: {view.openSeconds} s | silent: {view.silentSeconds} s | rooms: {view.rooms} | queued: {view.queued}"),
                view);
        }

        yield return new CommandRow($"Count: {sessions.Count} sockets");
    }

    private async IAsyncEnumerable<CommandRow> DrainAsync([EnumeratorCancellation] CancellationToken stopped)
    {
        var open = connections.Sessions.Count;
        yield return new CommandRow($"Draining {open} sockets");
        var left = await connections.DrainAsync(stopped);
        if (left > 0)
        {
            throw new CommandException($"{left} sockets do not answer the close. The node takes no new ones until 'chat resume'.");
        }

        yield return new CommandRow($"Closed {open} sockets; the node takes no new ones until 'chat resume'", new { closed = open, left });
    }

    private async IAsyncEnumerable<CommandRow> Resume()
    {
        await Task.CompletedTask;
        connections.Resume();
        yield return new CommandRow("The node takes sockets again", new { resumed = true });
    }
}
