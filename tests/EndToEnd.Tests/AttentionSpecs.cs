using AkkaChat.Support;
using AkkaChat.Support.Chat;
using Microsoft.Playwright;

namespace AkkaChat.EndToEnd.Tests;

/// <summary>What waits for somebody, and how he gets to it: the list of rooms, the inbox, the switcher, links to rooms.</summary>
[Collection(BrowserCollection.Name)]
public sealed class AttentionSpecs(Browser browser, ReadingSpecs.Server server) : IClassFixture<ReadingSpecs.Server>
{
    [Fact]
    public async Task List_ShouldKeepItsOrder_WhileTheInboxGathersWhatIsUnread()
    {
        await using var ana = await ChatClient.RegisterAsync(server.Url);
        await ana.ConnectAsync();
        await using var bob = await browser.PersonAsync(server.Url);
        await bob.RegisterAsync("bob");
        var tag = Guid.NewGuid().ToString("N")[..6];
        string[] names = [$"{tag} room 2", $"{tag} room 9", $"{tag} room 10"];
        var ids = new List<string>();
        foreach (var name in names)
        {
            ids.Add((await ana.Rest.CreateRoomAsync(name)).GetProperty("id").GetString()!);
            await bob.DiscoverAndJoinAsync(name);
        }

        var list = bob.Page.GetByTestId("room-item").GetByTestId("room-name");
        await Assertions.Expect(list).ToHaveTextAsync(names);
        await ana.SendAsync(ids[1], "for everybody");
        await ana.SendAsync(ids[0], $"for @{bob.Username}");
        await Assertions.Expect(bob.Page.GetByTestId("inbox")).ToHaveAttributeAsync("data-count", "2");
        await Assertions.Expect(list).ToHaveTextAsync(names);

        // Without the page's own colours, edges say what is open and what is a count.
        await bob.Page.EmulateMediaAsync(new() { ForcedColors = ForcedColors.Active });
        await Assertions.Expect(bob.Page.GetByTestId("rooms-all")).ToHaveCSSAsync("outline-style", "solid");
        await Assertions.Expect(bob.Page.Locator("[data-testid=room-item][aria-current]")).ToHaveCSSAsync("outline-style", "solid");
        await Assertions.Expect(bob.Page.GetByTestId("unread-count").First).ToHaveCSSAsync("border-top-style", "solid");
        await bob.Page.EmulateMediaAsync(new() { ForcedColors = ForcedColors.None });

        await bob.Page.GetByTestId("inbox").ClickAsync();
        await Assertions.Expect(list).ToHaveTextAsync([names[0], names[1]]); // the mention first
        await bob.Page.GetByTestId("mark-all-read").ClickAsync();
        await Assertions.Expect(bob.Page.GetByTestId("unread-count")).ToHaveCountAsync(0);
        await bob.Page.Keyboard.PressAsync("Control+z");
        await Assertions.Expect(bob.Page.GetByTestId("mention-count")).ToHaveAttributeAsync("data-count", "1");
        await Assertions.Expect(bob.Page.GetByTestId("unread-count")).ToHaveCountAsync(2);
        await Eventually.AssertAsync(async () => Assert.Equal(2, await UnreadAsync()));
        await bob.Page.GetByTestId("mark-all-read").ClickAsync();
        await Assertions.Expect(bob.Page.GetByTestId("unread-count")).ToHaveCountAsync(0);
        await Assertions.Expect(list).ToHaveTextAsync([names[0], names[1]]); // nothing moves while it is open
        await Eventually.AssertAsync(async () => Assert.Equal(0, await UnreadAsync()));
        await bob.Page.ReloadAsync();
        await Assertions.Expect(list).ToHaveTextAsync(names);
        await Assertions.Expect(bob.Page.GetByTestId("inbox")).ToHaveAttributeAsync("data-count", "0");
        ConversationSpecs.AssertQuiet(bob);

        Task<int> UnreadAsync() => bob.Page.EvaluateAsync<int>(
            "async () => (await (await fetch('/api/rooms?filter=joined')).json()).items.reduce((sum, room) => sum + room.unread, 0)");
    }

    [Fact]
    public async Task Switcher_ShouldFindByLettersLeftOut_AndRoomsToJoin()
    {
        await using var ana = await ChatClient.RegisterAsync(server.Url);
        await using var bob = await browser.PersonAsync(server.Url);
        await bob.RegisterAsync("bob");
        var word = $"Zeppelin{Guid.NewGuid():N}"[..14];
        await bob.CreateRoomAsync($"{word} 150");
        await bob.CreateRoomAsync($"{word} 151");
        await ana.Rest.CreateRoomAsync($"{word} of others");

        await bob.Page.Keyboard.PressAsync("Control+k");
        await bob.Page.GetByTestId("switcher-input").FillAsync("zpl150"); // as "prj150" finds "Project 150"
        await bob.Page.Keyboard.PressAsync("Enter");
        await bob.InRoomAsync($"{word} 150");

        await bob.Page.Keyboard.PressAsync("Control+k");
        await bob.Page.GetByTestId("switcher-input").FillAsync($"{word} of");
        await Assertions.Expect(bob.Page.Locator("[data-testid=switcher-item][data-join]")).ToHaveCountAsync(1);
        await bob.Page.Keyboard.PressAsync("Enter");
        await bob.InRoomAsync($"{word} of others");
        await Assertions.Expect(bob.Page.GetByTestId("room-switcher")).ToHaveCountAsync(0);
        ConversationSpecs.AssertQuiet(bob);
    }

    [Fact]
    public async Task LinkToARoom_ShouldOfferToJoin_WhereItIsPublic()
    {
        await using var ana = await ChatClient.RegisterAsync(server.Url);
        await using var bob = await browser.PersonAsync(server.Url);
        await bob.RegisterAsync("bob");
        var name = $"Open house {Guid.NewGuid():N}";
        var room = (await ana.Rest.CreateRoomAsync(name)).GetProperty("id").GetString()!;

        await bob.Page.GotoAsync(new Uri(server.Url, $"#/r/{room}").ToString());
        await Assertions.Expect(bob.Page.GetByTestId("room-preview-page")).ToContainTextAsync(name);
        await bob.Page.GetByTestId("join-room").ClickAsync();
        await bob.InRoomAsync(name);
        await Assertions.Expect(bob.Page.GetByTestId("message-list")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Room_ShouldBeCreatedFromWhatWasLookedFor_WithAWordOnItsName()
    {
        await using var ana = await ChatClient.RegisterAsync(server.Url);
        await using var bob = await browser.PersonAsync(server.Url);
        await bob.RegisterAsync("bob");
        var taken = $"Taken {Guid.NewGuid():N}";
        var wanted = $"Wanted {Guid.NewGuid():N}{new string('W', 41)}"; // as long as a name may be
        await ana.Rest.CreateRoomAsync(taken);
        await bob.Page.GetByTestId("discover-open").ClickAsync();
        await bob.Page.GetByTestId("discover-search").FillAsync(wanted);
        await bob.Page.GetByTestId("discover-empty").GetByRole(AriaRole.Button).ClickAsync();
        var name = bob.Page.GetByTestId("create-room-name");
        await Assertions.Expect(name).ToHaveValueAsync(wanted);

        await name.FillAsync(" ");
        await bob.Page.GetByTestId("create-room-submit").ClickAsync();
        await Assertions.Expect(bob.Page.GetByTestId("error-name")).ToHaveTextAsync("Please fill this in.");
        await Assertions.Expect(name).ToHaveAttributeAsync("aria-describedby", (await bob.Page.GetByTestId("error-name").GetAttributeAsync("id"))!);
        await name.FillAsync(taken.ToUpperInvariant());
        await Assertions.Expect(bob.Page.GetByTestId("create-room-taken")).ToContainTextAsync("already");
        await name.FillAsync(wanted);
        await Assertions.Expect(bob.Page.GetByTestId("create-room-taken")).ToBeHiddenAsync();
        await bob.Page.GetByTestId("create-room-submit").ClickAsync();

        await bob.InRoomAsync(wanted);
        foreach (var place in new[] { bob.Page.GetByTestId("room-item").GetByTestId("room-name"), bob.Page.GetByTestId("conversation-title") })
        {
            await Assertions.Expect(place).ToHaveCSSAsync("text-overflow", "ellipsis");
            Assert.True(await place.EvaluateAsync<bool>("e => e.scrollWidth > e.clientWidth"), "The name is not longer than its place.");
        }

        // While it is typed in, the browser shows as much as there is room for.
        await bob.Page.GetByTestId("conversation-name").FocusAsync();
        Assert.Equal("ellipsis nowrap", await bob.Page.GetByTestId("composer-input").EvaluateAsync<string>(
            "e => { const { textOverflow, whiteSpace } = getComputedStyle(e, '::placeholder'); return `${textOverflow} ${whiteSpace}`; }"));
        ConversationSpecs.AssertQuiet(bob);
    }

    [Fact]
    public async Task Theme_ShouldBeThereBeforeTheFirstFrame()
    {
        await using var bob = await browser.PersonAsync(server.Url);
        await bob.Page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light });
        await bob.Page.EvaluateAsync("localStorage.setItem('akkachat.theme', 'dark')");
        await bob.Page.Context.AddInitScriptAsync(
            """
            window.themes = new Set();
            const look = () => {
              if (document.body) window.themes.add(`${getComputedStyle(document.documentElement).colorScheme} ${document.querySelector('meta[name=color-scheme]').content}`);
              requestAnimationFrame(look);
            };
            requestAnimationFrame(look);
            """);
        await bob.Page.ReloadAsync();
        await Assertions.Expect(bob.Page.GetByTestId("login-form").Or(bob.Page.GetByTestId("register-form"))).ToBeVisibleAsync();
        // Before the styles are there, the page has the colours of its meta element.
        Assert.All(await bob.Page.EvaluateAsync<string[]>("() => [...window.themes]"), theme => Assert.EndsWith("dark", theme, StringComparison.Ordinal));
        Assert.Equal("rgb(22, 23, 31)", await bob.Page.EvaluateAsync<string>("() => getComputedStyle(document.body).backgroundColor"));

        // The button offers the three themes, and says which is in use.
        await bob.Page.GetByTestId("theme-toggle").ClickAsync();
        await Assertions.Expect(bob.Page.GetByRole(AriaRole.Menuitemradio)).ToHaveCountAsync(3);
        await Assertions.Expect(bob.Page.GetByTestId("theme-dark")).ToHaveAttributeAsync("aria-checked", "true");
        await bob.Page.GetByTestId("theme-light").ClickAsync();
        await Assertions.Expect(bob.Page.Locator("body")).ToHaveCSSAsync("background-color", "rgb(255, 255, 255)");
        await Assertions.Expect(bob.Page.GetByTestId("theme-toggle")).ToBeFocusedAsync();
    }

    [Fact]
    public async Task Offline_ShouldBeShownAtOnce_AndEndWithIt()
    {
        await using var bob = await browser.PersonAsync(server.Url);
        await bob.RegisterAsync("bob");
        await bob.CreateRoomAsync($"Tunnels {Guid.NewGuid():N}");
        await bob.Page.Context.SetOfflineAsync(true);
        // Far below the 35 seconds in which the heartbeat would notice.
        await Assertions.Expect(bob.Page.GetByTestId("connection-banner")).ToBeVisibleAsync(new() { Timeout = 5_000 });
        await bob.SayAsync("from the tunnel");
        await bob.Page.Context.SetOfflineAsync(false);
        await bob.SeesAsync(["from the tunnel"]);
        await Assertions.Expect(bob.Page.GetByTestId("connection-banner")).ToHaveCountAsync(0);
        Assert.Empty(bob.Complaints);
    }

    [Fact]
    public async Task List_ShouldStayAtItsEnd_WhileTheComposerGrows()
    {
        await using var ana = await ChatClient.RegisterAsync(server.Url);
        await ana.ConnectAsync();
        await using var bob = await browser.PersonAsync(server.Url);
        await bob.RegisterAsync("bob");
        var name = $"Poets {Guid.NewGuid():N}";
        var room = (await ana.Rest.CreateRoomAsync(name)).GetProperty("id").GetString()!;
        await bob.DiscoverAndJoinAsync(name);
        for (var i = 1; i <= 40; i++)
        {
            await ana.SendAsync(room, $"line {i}");
        }

        await Assertions.Expect(bob.Page.GetByText("line 40", new() { Exact = true })).ToBeInViewportAsync();
        for (var i = 0; i < 9; i++)
        {
            await bob.Page.GetByTestId("composer-input").PressAsync("Shift+Enter");
        }

        await Assertions.Expect(bob.Page.GetByText("line 40", new() { Exact = true })).ToBeInViewportAsync();
        await ana.SendAsync(room, "line 41");
        await Assertions.Expect(bob.Page.GetByText("line 41", new() { Exact = true })).ToBeInViewportAsync();
        await Assertions.Expect(bob.Page.GetByTestId("jump-latest")).ToHaveCountAsync(0);
        ConversationSpecs.AssertQuiet(bob);
    }
}
