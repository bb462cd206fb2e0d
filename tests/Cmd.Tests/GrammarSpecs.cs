using AkkaChat.Support.Processes;

namespace AkkaChat.Cmd.Tests;

/// <summary>What all commands have in common: help, scripts, exit codes, and that the public port knows nothing of them.</summary>
[Collection(PbmCollection.Name)]
public sealed class GrammarSpecs(PbmCluster cluster) : IAsyncLifetime
{
    public Task InitializeAsync() => cluster.Cluster.HealAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    /// <summary>Each command of docs/pbm.md is one of a node, and the other way round.</summary>
    [Fact]
    public async Task Help_ShouldListTheCommandsThatTheDocumentLists()
    {
        var edge = await cluster.CatalogueAsync(cluster.Edge1);
        var offered = edge.Palettes.SelectMany(palette => palette.Commands.Select(command => $"{palette.Name} {command.Name}"));

        Assert.Equal(Document.Commands().Order(StringComparer.Ordinal), offered.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Help_ShouldComeFromTheNode()
    {
        var palettes = await Pbm.RunAsync(cluster.Edge1, "help");
        var commands = await Pbm.RunAsync(cluster.Edge1, "help cluster");
        var switches = await Pbm.RunAsync(cluster.Edge1, "help cluster down");
        var same = await Pbm.RunAsync(cluster.Edge1, "cluster help");
        var unknown = await Pbm.RunAsync(cluster.Edge1, "help nothing");

        Assert.StartsWith(PbmCluster.AddressOf(cluster.Edge1), palettes.Lines[0], StringComparison.Ordinal);
        Assert.Contains(palettes.Lines, line => line.StartsWith("  cluster-sharding ", StringComparison.Ordinal));
        Assert.Contains(commands.Lines, line => line.StartsWith("  down -a ADDRESS ", StringComparison.Ordinal));
        Assert.Contains(switches.Lines, line => line.StartsWith("  -a ADDRESS  ", StringComparison.Ordinal));
        Assert.Equal(commands.Lines, same.Lines);
        Assert.Equal(2, unknown.ExitCode);
    }

    [Theory]
    [InlineData("cluster nothing", "has no command 'nothing'")]
    [InlineData("nothing show", "There is no palette 'nothing'")]
    [InlineData("cluster show -x y", "has no switch -x")]
    [InlineData("cluster down", "needs -a ADDRESS")]
    [InlineData("cluster down -a", "-a needs a value")]
    [InlineData("cluster down -a nowhere", "-a must be of the form")]
    [InlineData("cluster show all", "'all' belongs to no switch")]
    [InlineData("actor hierarchy -d deep", "-d must be a number")]
    [InlineData("--loud cluster show", "'--loud' is not an option")]
    public async Task WrongCommand_ShouldBeExplained_WithExitCode2(string command, string explanation)
    {
        var refused = await Pbm.RunAsync(cluster.Room1, command);

        Assert.Equal(2, refused.ExitCode);
        Assert.Contains(explanation, refused.Errors, StringComparison.Ordinal);
        Assert.Empty(refused.Lines);
    }

    [Fact]
    public async Task Script_ShouldRunALineAfterTheOther_UpToTheFirstThatFails()
    {
        var script = """
            # a remark
            cluster leader
            cluster leader -r nothing
            cluster show
            """;

        var ran = await Pbm.RunAsync(cluster.Room1.Management!.Authority, script);

        Assert.Equal(1, ran.ExitCode);
        Assert.Single(ran.Lines);
        Assert.Equal(0, (await Pbm.RunAsync(cluster.Room1.Management!.Authority, "cluster leader\nexit\nnonsense")).ExitCode);
    }

    [Fact]
    public async Task Unreachable_ShouldBeExitCode3()
    {
        Assert.Equal(3, (await Pbm.RunAsync($"127.0.0.1:{FreePort.Next()} cluster show")).ExitCode);
        // Something else listens there.
        Assert.Equal(3, (await Pbm.RunAsync($"127.0.0.1:{cluster.Edge1.Url.Port} cluster show")).ExitCode);
    }

    [Fact]
    public async Task Host_ShouldComeFromTheEnvironment_WhenTheCommandLineHasNone()
    {
        var environment = new Dictionary<string, string> { ["PBM_HOST"] = cluster.Room1.Management!.Authority };

        Assert.Equal(0, (await Pbm.RunAsync("cluster show", environment: environment)).ExitCode);
        Assert.Equal(2, (await Pbm.RunAsync("here:there cluster show")).ExitCode);
    }

    [Theory]
    [InlineData("GET", "pbm")]
    [InlineData("POST", "pbm/cluster/show")]
    public async Task PublicPort_ShouldServeNoCommands(string method, string path)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(cluster.Edge1.Url, path));
        request.Headers.Add("Accept", "application/json");
        using var answer = await http.SendAsync(request);

        Assert.DoesNotContain("palettes", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.True(method == "GET" || !answer.IsSuccessStatusCode);
    }
}
