using AkkaChat.Support.Chat;
using AkkaChat.Support.Processes;

namespace AkkaChat.Cmd.Tests;

/// <summary>The commands that read the database, on SQLite.</summary>
public sealed class SingleProcessSpecs : IAsyncLifetime
{
    private readonly int _port = FreePort.Next();
    private SingleNode? _node;

    public async Task InitializeAsync() =>
        _node = await SingleNode.StartAsync(new Dictionary<string, string> { ["AkkaChat__Management__Port"] = $"{_port}" });

    public async Task DisposeAsync() => await _node!.DisposeAsync();

    [Fact]
    public async Task ChatCommands_ShouldReadSqlite()
    {
        await using var ana = await ChatClient.RegisterAsync(_node!.Url, "ana");
        await ana.ConnectAsync(_node.Url);
        var room = (await ana.Rest.CreateRoomAsync("Alone")).GetProperty("id").GetString()!;
        await ana.SendAsync(room, "hello");

        await Eventually.AssertAsync(async () => Assert.Contains(
            (await RunAsync("chat rooms -s alone")).Lines,
            line => line.StartsWith($"{room} | Alone | public | members: 1 | seq: 3 | messages: 1 |", StringComparison.Ordinal)));
        Assert.Contains((await RunAsync($"chat room -r {room}")).Lines, line => line.StartsWith("location | ", StringComparison.Ordinal) && line.EndsWith("| runs", StringComparison.Ordinal));
        Assert.EndsWith("defects: 0", (await RunAsync("chat journal-check")).Lines[^1], StringComparison.Ordinal);
        Assert.EndsWith("items", (await RunAsync("chat work-depth")).Lines[^1], StringComparison.Ordinal);
        Assert.EndsWith("items", (await RunAsync("chat work")).Lines[^1], StringComparison.Ordinal);
    }

    private async Task<PbmResult> RunAsync(string command)
    {
        var result = await Pbm.RunAsync($"127.0.0.1:{_port} {command}");
        Assert.True(result.ExitCode == 0, result.Errors);
        return result;
    }
}
