using AkkaChat.Support;
using AkkaChat.Support.Chat;
using Microsoft.Playwright;

namespace AkkaChat.EndToEnd.Tests;

/// <summary>How somebody wants his rooms, and what he marks as unread: the same in every window of his.</summary>
[Collection(BrowserCollection.Name)]
public sealed class RoomMenuSpecs(Browser browser, ReadingSpecs.Server server) : IClassFixture<ReadingSpecs.Server>
{
    private static readonly string? Shots = Environment.GetEnvironmentVariable("AKKACHAT_TEST_SHOTS");

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
        await ShootAsync(bob.Page, "room-menu");
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
        await ShootAsync(bob.Page, "room-list");
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

    private static ILocator Names(IPage page) => page.GetByTestId("room-item").GetByTestId("room-name");

    private static ILocator Item(IPage page, string room) => page.Locator($"[data-testid=room-item][data-room-id='{room}']");

    private static async Task ChooseAsync(IPage page, string room, string choice)
    {
        await Item(page, room).ClickAsync(new() { Button = MouseButton.Right });
        await page.GetByTestId(choice).ClickAsync();
        await Assertions.Expect(page.GetByTestId("room-item-popup")).ToHaveCountAsync(0);
    }

    private static async Task ShootAsync(IPage page, string name)
    {
        if (Shots is not null)
        {
            Directory.CreateDirectory(Shots);
            await page.ScreenshotAsync(new() { Path = Path.Combine(Shots, $"{name}.png") });
        }
    }
}
