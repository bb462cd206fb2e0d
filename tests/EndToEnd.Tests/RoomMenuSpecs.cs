using System.Text.Json.Nodes;
using AkkaChat.Support;
using AkkaChat.Support.Chat;
using Microsoft.Playwright;

namespace AkkaChat.EndToEnd.Tests;

/// <summary>How somebody wants his rooms, and what he marks as unread: the same in every window of his.</summary>
[Collection(BrowserCollection.Name)]
public sealed class RoomMenuSpecs(Browser browser, ReadingSpecs.Server server) : IClassFixture<ReadingSpecs.Server>
{
    [Fact]
    public async Task Menu_ShouldMuteAndOrderRooms_InEveryWindow()
    {
        await using var ana = await ChatClient.RegisterAsync(server.Url);
        await ana.ConnectAsync();
        await using var bob = await browser.PersonAsync(server.Url, size: (1440, 900));
        await bob.RegisterAsync("bob");
        var tag = Guid.NewGuid().ToString("N")[..6];
        string[] names = [$"{tag} a", $"{tag} b", $"{tag} c"];
        var ids = new List<string>();
        foreach (var name in names)
        {
            ids.Add((await ana.Rest.CreateRoomAsync(name)).GetProperty("id").GetString()!);
            await bob.DiscoverAndJoinAsync(name);
        }

        var other = await bob.Page.Context.NewPageAsync();
        await other.GotoAsync(server.Url.ToString());
        await Assertions.Expect(Names(other)).ToHaveTextAsync(names);

        // By the keyboard, by the button and by a right click.
        await Item(bob.Page, ids[2]).FocusAsync();
        await bob.Page.Keyboard.PressAsync("Tab");
        await bob.Page.Keyboard.PressAsync("Enter");
        await bob.Page.GetByTestId("room-favourite").ClickAsync();
        await Item(bob.Page, ids[1]).ClickAsync(new() { Button = MouseButton.Right });
        await Screens.KeepAsync(bob.Page, "room-menu");
        await bob.Page.GetByTestId("room-favourite").ClickAsync();
        string[] ordered = [names[2], names[1], names[0]];
        await Assertions.Expect(Names(bob.Page)).ToHaveTextAsync(ordered);
        await Assertions.Expect(Names(other)).ToHaveTextAsync(ordered);
        await Item(bob.Page, ids[1]).DragToAsync(Item(bob.Page, ids[2]));
        ordered = [names[1], names[2], names[0]];
        await Assertions.Expect(Names(bob.Page)).ToHaveTextAsync(ordered);
        await Assertions.Expect(Names(other)).ToHaveTextAsync(ordered);
        await ChooseAsync(other, ids[1], "favourite-down");
        await Assertions.Expect(Names(bob.Page)).ToHaveTextAsync([names[2], names[1], names[0]]);

        // A muted room counts only where it mentions him.
        await bob.Page.BringToFrontAsync();
        await ChooseAsync(bob.Page, ids[0], "room-mute");
        await Assertions.Expect(Item(other, ids[0])).ToHaveAttributeAsync("data-muted", "true");
        await ana.SendAsync(ids[0], "for everybody");
        await Assertions.Expect(Item(bob.Page, ids[0]).GetByTestId("unread-count")).ToHaveAttributeAsync("data-count", "1");
        await Assertions.Expect(bob.Page.GetByTestId("inbox")).ToHaveAttributeAsync("data-count", "0");
        Assert.DoesNotContain("(", await bob.Page.TitleAsync(), StringComparison.Ordinal);
        await ana.SendAsync(ids[0], $"for @{bob.Username}");
        await Assertions.Expect(bob.Page.GetByTestId("inbox")).ToHaveAttributeAsync("data-count", "1");
        await Assertions.Expect(bob.Page).ToHaveTitleAsync(new System.Text.RegularExpressions.Regex(@"^\(1\) "));
        await ChooseAsync(bob.Page, ids[0], "room-mark-read");
        await Assertions.Expect(Item(other, ids[0]).GetByTestId("unread-count")).ToHaveCountAsync(0);
        await Screens.KeepAsync(bob.Page, "room-list");
        await bob.Page.ReloadAsync();
        await Assertions.Expect(Names(bob.Page)).ToHaveTextAsync([names[2], names[1], names[0]]);
        await Assertions.Expect(Item(bob.Page, ids[0])).ToHaveAttributeAsync("data-muted", "true");
        ConversationSpecs.AssertQuiet(bob);
    }

    [Fact]
    public async Task Preference_ShouldBeTakenBackWithAReason_WhenTheServerRefusesIt()
    {
        await using var bob = await browser.PersonAsync(server.Url);
        await bob.RegisterAsync("bob");
        await bob.CreateRoomAsync($"Refused {Guid.NewGuid():N}");
        await bob.Page.RouteAsync("**/preferences", route => route.FulfillAsync(new()
        {
            Status = 403, ContentType = "application/problem+json", Body = """{"code":"forbidden","title":"no"}""",
        }));
        var item = bob.Page.GetByTestId("room-item");

        await item.ClickAsync(new() { Button = MouseButton.Right });
        await bob.Page.GetByTestId("room-mute").ClickAsync();

        await Assertions.Expect(bob.Page.GetByTestId("toast")).ToHaveAttributeAsync("data-tone", "error");
        await Assertions.Expect(item.And(bob.Page.Locator("[data-muted]"))).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task MarkUnread_ShouldStayUntilTheRoomIsOpenedAgain_InEveryWindow()
    {
        await using var ana = await ChatClient.RegisterAsync(server.Url);
        await ana.ConnectAsync();
        await using var bob = await browser.PersonAsync(server.Url);
        await bob.RegisterAsync("bob");
        var name = $"Later {Guid.NewGuid():N}";
        var room = (await ana.Rest.CreateRoomAsync(name)).GetProperty("id").GetString()!;
        await bob.DiscoverAndJoinAsync(name);
        for (var i = 1; i <= 5; i++)
        {
            await ana.SendAsync(room, $"line {i}");
        }

        await bob.SeesAsync(["line 1", "line 2", "line 3", "line 4", "line 5"]);
        await Assertions.Expect(Item(bob.Page, room).GetByTestId("unread-count")).ToHaveCountAsync(0);
        var third = bob.Page.GetByTestId("message").Filter(new() { HasText = "line 3" });
        await third.HoverAsync();
        await third.GetByTestId("message-menu").ClickAsync();
        await bob.Page.GetByTestId("message-unread").ClickAsync();

        await Assertions.Expect(Item(bob.Page, room).GetByTestId("unread-count")).ToHaveAttributeAsync("data-count", "3");
        await Assertions.Expect(bob.Page.GetByTestId("unread-bar")).ToHaveAttributeAsync("data-count", "3");
        await Eventually.AssertAsync(async () => Assert.Equal(3, await bob.Page.EvaluateAsync<int>(
            "async () => (await (await fetch('/api/rooms?filter=joined')).json()).items[0].unread")));
        await ana.SendAsync(room, "line 6");
        await Assertions.Expect(bob.Page.GetByTestId("unread-bar")).ToHaveAttributeAsync("data-count", "4");
        await bob.Page.GetByTestId("mark-read").ClickAsync();
        await Assertions.Expect(bob.Page.GetByTestId("unread-bar")).ToHaveCountAsync(0);
        await Eventually.AssertAsync(async () => Assert.Equal(0, await bob.Page.EvaluateAsync<int>(
            "async () => (await (await fetch('/api/rooms?filter=joined')).json()).items[0].unread")));
        ConversationSpecs.AssertQuiet(bob);
    }

    [Fact]
    public async Task Details_ShouldSayWhatTheRoomIs_AndLeadOn()
    {
        await using var ana = await ChatClient.RegisterAsync(server.Url);
        await using var cy = await ChatClient.RegisterAsync(server.Url);
        await using var bob = await browser.PersonAsync(server.Url);
        await bob.Page.Context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);
        await bob.RegisterAsync("bob");
        var name = $"Details {Guid.NewGuid():N}";
        var room = (await ana.Rest.CreateRoomAsync(name, topic: "Before")).GetProperty("id").GetString()!;
        await bob.DiscoverAndJoinAsync(name);
        var (title, details) = (bob.Page.GetByTestId("conversation-name"), bob.Page.GetByTestId("room-details-dialog"));

        // What becomes of the room shows while they are open.
        await title.ClickAsync();
        await Assertions.Expect(details.GetByTestId("details-name")).ToHaveTextAsync(name);
        await Assertions.Expect(details.GetByTestId("details-topic")).ToHaveTextAsync("Before");
        await Assertions.Expect(details.GetByTestId("details-members-count")).ToContainTextAsync("2 members");
        await ana.Rest.CallAsync(HttpMethod.Patch, $"api/rooms/{room}", new JsonObject { ["topic"] = "After" });
        await cy.Rest.JoinAsync(room);
        await Assertions.Expect(details.GetByTestId("details-topic")).ToHaveTextAsync("After");
        await Assertions.Expect(details.GetByTestId("details-members-count")).ToContainTextAsync("3 members");
        await Assertions.Expect(details.GetByTestId("details-settings")).ToHaveCountAsync(0);
        await details.GetByTestId("details-link").ClickAsync();
        await Assertions.Expect(bob.Page.GetByTestId("toast")).ToContainTextAsync("The link was copied.");
        Assert.Equal(new Uri(server.Url, $"#/r/{room}").ToString(), await bob.Page.EvaluateAsync<string>("() => navigator.clipboard.readText()"));
        await Assertions.Expect(title).ToBeFocusedAsync();

        // To the members, and from one of them to who that is.
        await bob.Page.GetByTestId("members-close").ClickAsync();
        await title.ClickAsync();
        await details.GetByTestId("details-members").ClickAsync();
        await bob.Page.Locator($"[data-testid=member][data-user-id='{ana.UserId}']").GetByTestId("member-profile").ClickAsync();
        await Assertions.Expect(bob.Page.GetByTestId("profile-name")).ToBeVisibleAsync();
        await bob.Page.Keyboard.PressAsync("Escape");

        // An admin is offered more, at once.
        await title.ClickAsync();
        await ana.Rest.CallAsync(HttpMethod.Put, $"api/rooms/{room}/members/{await MeAsync(bob)}/role", new JsonObject { ["role"] = "admin" });
        await details.GetByTestId("details-settings").ClickAsync();
        await Assertions.Expect(bob.Page.GetByTestId("room-settings-dialog")).ToBeVisibleAsync();
        await bob.Page.Keyboard.PressAsync("Escape");
        await title.ClickAsync();
        await details.GetByTestId("details-invite").ClickAsync();
        await Assertions.Expect(bob.Page.GetByTestId("invite-dialog")).ToBeVisibleAsync();
        ConversationSpecs.AssertQuiet(bob);
    }

    [Fact]
    public async Task Focus_ShouldReturnToWhatOpenedADialog()
    {
        await using var bob = await browser.PersonAsync(server.Url);
        await bob.RegisterAsync("bob");
        await bob.CreateRoomAsync($"Focus {Guid.NewGuid():N}");
        foreach (var (opener, item, dialog) in new[]
        {
            ("create-room", null, "create-room-dialog"), ("discover-open", null, "discover-dialog"), ("search-open", null, "search-dialog"),
            ("saved-open", null, "saved-dialog"), ("new-message", null, "new-message-dialog"), ("conversation-name", null, "room-details-dialog"),
            ("show-pins", null, "pins-dialog"), ("room-menu", "change-topic", "topic-dialog"), ("room-menu", "room-settings", "room-settings-dialog"),
            ("room-menu", "invite-people", "invite-dialog"), ("room-menu", "leave-room", "leave-dialog"), ("user-menu", "settings-open", "settings-dialog"),
            ("user-menu", "shortcuts-open", "shortcuts-dialog"),
        })
        {
            await bob.Page.GetByTestId(opener).ClickAsync();
            if (item is not null)
            {
                await bob.Page.GetByTestId(item).ClickAsync();
            }

            await Assertions.Expect(bob.Page.GetByTestId(dialog)).ToBeVisibleAsync();
            Assert.True(await bob.Page.GetByTestId(dialog).EvaluateAsync<bool>("e => e.contains(document.activeElement)"), $"{dialog} opens without the focus.");
            await bob.Page.Keyboard.PressAsync("Escape");
            await Assertions.Expect(bob.Page.GetByTestId(dialog)).ToHaveCountAsync(0);
            await Assertions.Expect(bob.Page.GetByTestId(opener)).ToBeFocusedAsync();
        }

        ConversationSpecs.AssertQuiet(bob);
    }

    private static Task<string> MeAsync(Person person) => person.Page.EvaluateAsync<string>("async () => (await (await fetch('/api/auth/me')).json()).id");

    private static ILocator Names(IPage page) => page.GetByTestId("room-item").GetByTestId("room-name");

    private static ILocator Item(IPage page, string room) => page.Locator($"[data-testid=room-item][data-room-id='{room}']");

    private static async Task ChooseAsync(IPage page, string room, string choice)
    {
        await Item(page, room).ClickAsync(new() { Button = MouseButton.Right });
        await page.GetByTestId(choice).ClickAsync();
        await Assertions.Expect(page.GetByTestId("room-item-popup")).ToHaveCountAsync(0);
    }
}
