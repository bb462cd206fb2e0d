using System.Globalization;
using AkkaChat.Support;
using AkkaChat.Support.Chat;
using AkkaChat.Support.Processes;
using Microsoft.Playwright;

namespace AkkaChat.EndToEnd.Tests;

/// <summary>A room is opened where its reader stopped, and what was not on the screen stays unread.</summary>
[Collection(BrowserCollection.Name)]
public sealed class ReadingSpecs(Browser browser, ReadingSpecs.Server server) : IClassFixture<ReadingSpecs.Server>
{
    private const int Old = 30;

    /// <summary>Of the last row that ends above the lower edge of the list, its number; and whether the divider is in view.</summary>
    private const string ShownScript = """
        () => {
          const list = document.querySelector('[data-testid=message-list]');
          const { top, bottom } = list.getBoundingClientRect();
          const rows = [...list.querySelectorAll('[data-testid=message]')].filter(row => row.getBoundingClientRect().bottom <= bottom + 1);
          const divider = document.querySelector('[data-testid=unread-divider]')?.getBoundingClientRect();
          return [Math.max(...rows.map(row => Number(row.dataset.n))), divider && divider.top >= top && divider.bottom <= bottom ? 1 : 0];
        }
        """;

    [Theory]
    [InlineData(3, 1280, 800)]
    [InlineData(60, 390, 844)]
    [InlineData(400, 1280, 800)]
    public async Task Room_ShouldOpenAtTheFirstUnreadMessage_AndCountAsReadWhatWasOnTheScreen(int unread, int width, int height)
    {
        await using var ana = await AuthorAsync();
        await using var bob = await browser.PersonAsync(server.Url, size: (width, height));
        await bob.RegisterAsync("bob");
        var name = $"Long {unread} {Guid.NewGuid():N}";
        var room = (await ana.Rest.CreateRoomAsync(name)).GetProperty("id").GetString()!;
        await SayAsync(ana, room, "old", Old);
        await bob.DiscoverAndJoinAsync(name);
        await Assertions.Expect(bob.Page.GetByText($"old {Old}", new() { Exact = true })).ToBeVisibleAsync();
        // Whoever joins has nothing unread; he leaves the room's view.
        await bob.Page.GotoAsync(new Uri(server.Url, "#/").ToString());
        await SayAsync(ana, room, "new", unread);
        var count = Item(bob, room).GetByTestId("unread-count");
        await Assertions.Expect(count).ToHaveAttributeAsync("data-count", $"{unread}");

        await Item(bob, room).ClickAsync();
        var divider = bob.Page.GetByTestId("unread-divider");
        await Assertions.Expect(divider).ToBeVisibleAsync();
        await Assertions.Expect(bob.Page.GetByText("new 1", new() { Exact = true })).ToBeInViewportAsync();

        var last = await ReadAsync(bob, room);
        Assert.InRange(last, Old + Math.Min(unread, 3), Old + Math.Min(unread, 40));
        if (last < Old + unread)
        {
            await Assertions.Expect(bob.Page.GetByTestId("unread-bar")).ToHaveAttributeAsync("data-count", $"{Old + unread - last}");
            // After a reload as well: the place is the server's.
            await bob.Page.ReloadAsync();
            await Assertions.Expect(bob.Page.GetByText($"new {last - Old + 1}", new() { Exact = true })).ToBeInViewportAsync();
            await Assertions.Expect(divider).ToBeVisibleAsync();
            await ReadAsync(bob, room);
            await bob.Page.GetByTestId("mark-read").ClickAsync();
        }

        await Assertions.Expect(bob.Page.GetByTestId("unread-bar")).ToHaveCountAsync(0);
        await Eventually.AssertAsync(async () => Assert.Equal(Old + unread, await ServerReadAsync(bob, room)));
        ConversationSpecs.AssertQuiet(bob);
    }

    [Fact]
    public async Task Reader_ShouldReachTheEndByScrolling_AndHaveAllReadThen()
    {
        await using var ana = await AuthorAsync();
        await using var bob = await browser.PersonAsync(server.Url);
        await bob.RegisterAsync("bob");
        var name = $"Scrolled {Guid.NewGuid():N}";
        var room = (await ana.Rest.CreateRoomAsync(name)).GetProperty("id").GetString()!;
        await bob.DiscoverAndJoinAsync(name);
        await bob.Page.GotoAsync(new Uri(server.Url, "#/").ToString());
        await SayAsync(ana, room, "new", 250);
        await Assertions.Expect(Item(bob, room).GetByTestId("unread-count")).ToHaveAttributeAsync("data-count", "250");

        await Item(bob, room).ClickAsync();
        await Assertions.Expect(bob.Page.GetByText("new 1", new() { Exact = true })).ToBeInViewportAsync();
        await bob.Page.GetByTestId("message-list").HoverAsync();
        long before = 0;
        await Eventually.AssertAsync(
            async () =>
            {
                await bob.Page.Mouse.WheelAsync(0, 600);
                var shown = (await bob.Page.EvaluateAsync<int[]>(ShownScript))[0];
                Assert.True(shown >= before, $"the list went back from {before} to {shown}");
                before = shown;
                Assert.Equal(250, shown);
            },
            TimeSpan.FromSeconds(30));
        await Eventually.AssertAsync(async () => Assert.Equal(250, await ServerReadAsync(bob, room)));
        await Assertions.Expect(Item(bob, room).GetByTestId("unread-count")).ToHaveCountAsync(0);
        ConversationSpecs.AssertQuiet(bob);
    }

    [Fact]
    public async Task NextUnread_ShouldBeOneKeyAway()
    {
        await using var ana = await AuthorAsync();
        await using var bob = await browser.PersonAsync(server.Url);
        await bob.RegisterAsync("bob");
        var names = Enumerable.Range(0, 3).Select(i => $"Key {i} {Guid.NewGuid():N}").ToList();
        foreach (var name in names)
        {
            await ana.Rest.CreateRoomAsync(name);
            await bob.DiscoverAndJoinAsync(name);
        }

        var first = (await ana.Rest.RoomsAsync("joined", names[0])).GetProperty("items")[0].GetProperty("id").GetString()!;
        await SayAsync(ana, first, "new", 2);
        await Assertions.Expect(Item(bob, first).GetByTestId("unread-count")).ToHaveAttributeAsync("data-count", "2");

        await bob.Page.Keyboard.PressAsync("Alt+Shift+ArrowDown");
        await bob.InRoomAsync(names[0]);
        await Assertions.Expect(Item(bob, first).GetByTestId("unread-count")).ToHaveCountAsync(0);
    }

    /// <summary>Waits until the server's cursor is where the screen ends.</summary>
    private static async Task<long> ReadAsync(Person person, string room)
    {
        long shown = 0;
        await Eventually.AssertAsync(async () =>
        {
            var state = await person.Page.EvaluateAsync<int[]>(ShownScript);
            shown = state[0];
            Assert.Equal(1, state[1]);
            Assert.Equal(shown, await ServerReadAsync(person, room));
        });
        return shown;
    }

    private static async Task<long> ServerReadAsync(Person person, string room)
    {
        var read = await person.Page.EvaluateAsync<string>("async room => String((await (await fetch(`/api/rooms/${room}`)).json()).readN)", room);
        return long.Parse(read, CultureInfo.InvariantCulture);
    }

    private static ILocator Item(Person person, string room) => person.Page.Locator($"[data-testid=room-item][data-room-id='{room}']");

    private async Task<ChatClient> AuthorAsync()
    {
        var client = await ChatClient.RegisterAsync(server.Url);
        await client.ConnectAsync();
        return client;
    }

    private static async Task SayAsync(ChatClient author, string room, string text, int count)
    {
        for (var i = 1; i <= count; i++)
        {
            await author.SendAsync(room, $"{text} {i}");
        }
    }

    public sealed class Server : IAsyncLifetime
    {
        private SingleNode? _node;

        public Uri Url => _node!.Url;

        public async Task InitializeAsync()
        {
            Assert.True(Product.WebRoot is not null, "src/Web/dist is not built: npm ci && npm run build in src/Web");
            _node = await SingleNode.StartAsync(new Dictionary<string, string>
            {
                ["AkkaChat__Sockets__SendPerSecond"] = "1000",
                ["AkkaChat__Sockets__SendBurst"] = "1000",
            });
        }

        public async Task DisposeAsync()
        {
            if (_node is not null)
            {
                await _node.DisposeAsync();
            }
        }
    }
}
