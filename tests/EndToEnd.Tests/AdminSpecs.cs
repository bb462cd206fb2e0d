using AkkaChat.Support;
using AkkaChat.Support.Processes;
using Microsoft.Data.Sqlite;
using Microsoft.Playwright;

namespace AkkaChat.EndToEnd.Tests;

/// <summary>The page of those who own the installation.</summary>
[Collection(BrowserCollection.Name)]
public sealed class AdminSpecs(Browser browser, AdminSpecs.Server server) : IClassFixture<AdminSpecs.Server>
{
    internal const string Owner = "keeper_of_it";

    [Fact]
    public async Task Owner_ShouldSeeTheInstallationLive_AndNobodyElse()
    {
        await using var owner = await browser.PersonAsync(server.Node.Url);
        await using var bob = await browser.PersonAsync(server.Node.Url, "pt-BR");
        await owner.RegisterAsync(Owner, isExact: true);
        await bob.RegisterAsync("bob");
        await bob.CreateRoomAsync("Watched");
        await bob.SayAsync("is anybody looking?");
        await bob.Page.GetByTestId("user-menu").ClickAsync();
        await Assertions.Expect(bob.Page.GetByTestId("admin-open")).ToHaveCountAsync(0);
        await bob.Page.GotoAsync(new Uri(server.Node.Url, "#/admin/work").ToString());
        await Assertions.Expect(bob.Page.GetByTestId("room-list")).ToBeVisibleAsync();
        await Assertions.Expect(bob.Page.GetByTestId("admin-page")).ToHaveCountAsync(0);

        // By keyboard, as a mouse does it in the other specs.
        await owner.Page.GetByTestId("user-menu").FocusAsync();
        await owner.Page.Keyboard.PressAsync("Enter");
        await owner.Page.GetByTestId("admin-open").FocusAsync();
        await owner.Page.Keyboard.PressAsync("Enter");
        var node = owner.Page.GetByTestId("admin-node");
        await Assertions.Expect(node).ToContainTextAsync("shard coordinator");
        await Assertions.Expect(owner.Page.GetByTestId("chart-sockets").GetByRole(AriaRole.Img)).ToHaveAttributeAsync("aria-label", new System.Text.RegularExpressions.Regex("now [1-9]"));
        await Screens.FitAsync(owner, "admin-overview");

        await owner.Page.GetByTestId("admin-rooms").ClickAsync();
        await owner.Page.GetByTestId("admin-room-search").FillAsync("watch");
        var room = owner.Page.GetByTestId("admin-room-table").Locator("tbody tr");
        await Assertions.Expect(room).ToHaveCountAsync(1);
        await Assertions.Expect(room.Locator("td").Nth(1)).ToHaveTextAsync("1");
        await bob.Page.GetByTestId("room-item").ClickAsync();
        await bob.SayAsync("somebody is");
        await Assertions.Expect(room.Locator("td").Nth(1)).ToHaveTextAsync("2");
        await Screens.FitAsync(owner, "admin-rooms");

        await owner.Page.GetByTestId("admin-sockets").ClickAsync();
        await Assertions.Expect(owner.Page.GetByTestId("admin-socket-table")).ToContainTextAsync($"@{bob.Username}");
        await Screens.FitAsync(owner, "admin-sockets");

        await server.AddDeadWorkAsync("first", "second");
        await owner.Page.GetByTestId("admin-work").ClickAsync();
        var items = owner.Page.GetByTestId("work-item");
        await Assertions.Expect(items).ToHaveCountAsync(2);
        await Assertions.Expect(items.First).ToContainTextAsync("it broke");
        await Screens.FitAsync(owner, "admin-work");
        await items.First.GetByTestId("work-retry").ClickAsync();
        await Assertions.Expect(items.First).ToHaveAttributeAsync("data-state", "waiting");
        await items.Last.GetByTestId("work-drop").ClickAsync();
        await Assertions.Expect(owner.Page.GetByTestId("work-drop-confirm")).ToBeFocusedAsync();
        await Screens.FitAsync(owner, "admin-drop");
        await owner.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(items).ToHaveCountAsync(1);
        await owner.Page.GetByTestId("work-dead").CheckAsync(new() { Force = true });
        await Assertions.Expect(owner.Page.GetByTestId("work-empty")).ToBeVisibleAsync();

        await owner.Page.GetByTestId("admin-back").ClickAsync();
        await Assertions.Expect(owner.Page.GetByTestId("room-list")).ToBeVisibleAsync();
        ConversationSpecs.AssertQuiet(owner, bob);
    }

    /// <summary>Each node has a card, from whichever edge it is looked at; one that dies is told apart, and then it is gone.</summary>
    [Fact]
    [Trait("Run", "long")]
    public async Task Owner_ShouldSeeEveryNodeOfACluster_AndTheOneThatDies()
    {
        await using var cluster = await ChatCluster.StartAsync(new ClusterShape
        {
            Settings = new Dictionary<string, string> { ["AkkaChat__Auth__Owners__0"] = Owner },
        });
        await cluster.WatchAsync(async () =>
        {
            await using var owner = await browser.PersonAsync(cluster.Edges[0].Url);
            await using var bob = await browser.PersonAsync(cluster.Edges[1].Url);
            await owner.RegisterAsync(Owner, isExact: true);
            await bob.RegisterAsync("bob");
            for (var i = 1; i <= 3; i++)
            {
                await bob.CreateRoomAsync($"Somewhere {i}");
                await bob.SayAsync("hello");
            }

            await owner.Page.GotoAsync(new Uri(owner.Url, "#/admin").ToString());
            var nodes = owner.Page.GetByTestId("admin-node");
            await Assertions.Expect(nodes).ToHaveCountAsync(4);
            await Assertions.Expect(nodes.Filter(new() { HasText = "shard coordinator" })).ToHaveCountAsync(1);
            await Assertions.Expect(nodes.Filter(new() { HasText = "leader" })).ToHaveCountAsync(1);
            await Assertions.Expect(owner.Page.GetByTestId("chart-memory")).ToContainTextAsync($":{cluster.Edges[1].ClusterPort}");
            await Screens.FitAsync(owner, "admin-nodes");

            var dead = cluster.OldestRoom;
            var card = owner.Page.Locator($"[data-testid=admin-node][data-address$=':{dead.ClusterPort}']");
            await dead.KillAsync();
            await Assertions.Expect(card).ToContainTextAsync("unreachable");
            await Screens.FitAsync(owner, "admin-node-dies");
            await Assertions.Expect(card).ToHaveCountAsync(0, new() { Timeout = 40_000 });
            await Assertions.Expect(nodes.Filter(new() { HasText = "shard coordinator" })).ToHaveCountAsync(1, new() { Timeout = 40_000 });
            ConversationSpecs.AssertQuiet(bob);
        });
    }

    public sealed class Server : IAsyncLifetime
    {
        private SingleNode? _node;

        public SingleNode Node => _node!;

        public async Task InitializeAsync()
        {
            Assert.True(Product.WebRoot is not null, "src/Web/dist is not built: npm ci && npm run build in src/Web");
            _node = await SingleNode.StartAsync(new Dictionary<string, string> { ["AkkaChat__Auth__Owners__0"] = Owner });
        }

        public async Task DisposeAsync()
        {
            if (_node is not null)
            {
                await _node.DisposeAsync();
            }
        }

        /// <summary>Of a kind that nothing runs, so that it stays until somebody does something about it.</summary>
        public async Task AddDeadWorkAsync(params string[] keys)
        {
            await using var connection = new SqliteConnection($"Data Source={Path.Combine(Node.Data, "akkachat.db")};Pooling=False");
            await connection.OpenAsync();
            foreach (var key in keys)
            {
                await using var command = connection.CreateCommand();
                command.CommandText =
                    """
                    INSERT INTO work (kind, key, payload, state, attempts, due_at, created_at, last_error)
                    VALUES ('spec.admin', $key, '', 2, 4, unixepoch() * 1000, unixepoch() * 1000, 'it broke: the other side closed the connection before it had answered')
                    """;
                command.Parameters.AddWithValue("$key", $"{key}-{new string('0', 60)}");
                await command.ExecuteNonQueryAsync();
            }
        }
    }
}
