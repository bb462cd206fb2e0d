using AkkaChat.Support;
using Microsoft.Playwright;

namespace AkkaChat.EndToEnd.Tests;

/// <summary>Messages that are saved, that mention everybody, and what can be taken back.</summary>
[Collection(BrowserCollection.Name)]
public sealed class MarkSpecs(Browser browser, ConversationSpecs.Server server) : IClassFixture<ConversationSpecs.Server>
{
    private Uri Url => server.Node.Url;

    [Fact]
    public async Task SavedMessages_ShouldBeTheSameOnAllDevices_AndAsTheMessagesAre()
    {
        await using var ana = await browser.PersonAsync(Url);
        await ana.RegisterAsync("ana");
        await ana.CreateRoomAsync("Keepers");
        foreach (var text in new[] { "one", "two", "three" })
        {
            await ana.SayAsync(text);
        }

        await ana.SeesAsync(["one", "two", "three"]);
        var other = await ana.Page.Context.NewPageAsync();
        await other.GotoAsync(Url.ToString());
        await other.GetByTestId("saved-open").ClickAsync();
        await Assertions.Expect(other.GetByTestId("saved-empty")).ToBeVisibleAsync();

        await Message(ana, "one").HoverAsync();
        await Message(ana, "one").GetByTestId("message-save").ClickAsync();
        await Message(ana, "three").FocusAsync();
        await ana.Page.Keyboard.PressAsync("s");
        var list = other.GetByTestId("saved-item");
        await Assertions.Expect(list).ToHaveCountAsync(2);
        await Assertions.Expect(list.First).ToContainTextAsync("three");
        await Assertions.Expect(ana.Page.GetByTestId("message-saved")).ToHaveCountAsync(2);

        await Message(ana, "one").HoverAsync();
        await Message(ana, "one").GetByTestId("message-edit").ClickAsync();
        await ana.Page.GetByTestId("message-editor-input").FillAsync("one, mended");
        await ana.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(list.Last).ToContainTextAsync("one, mended");
        await Screens.KeepThemesAsync(other, "mark-saved");

        await other.GetByTestId("saved-remove").First.ClickAsync();
        await Assertions.Expect(other.GetByTestId("saved-undo")).ToBeFocusedAsync();
        await other.Keyboard.PressAsync("Enter");
        await Assertions.Expect(other.GetByTestId("saved-undo")).ToHaveCountAsync(0);
        await Message(ana, "three").FocusAsync();
        await ana.Page.Keyboard.PressAsync("s");
        await MessageSpecs.DismissAsync(ana);
        await Assertions.Expect(list).ToHaveCountAsync(1);
        await list.First.ClickAsync();
        await Assertions.Expect(other.Locator("[data-testid=message][data-flash]")).ToContainTextAsync("one, mended");
        ConversationSpecs.AssertQuiet(ana);
    }

    [Fact]
    public async Task Menu_ShouldComeByRightClickAndByKey_AndLeaveLinksToTheBrowser()
    {
        await using var ana = await browser.PersonAsync(Url);
        await ana.RegisterAsync("ana");
        await ana.CreateRoomAsync("Menus");
        await ana.SayAsync("plain words");
        await ana.SayAsync("see https://example.org/there for more");
        await ana.SayAsync("the end");
        await ana.SeesAsync(["plain words", "see https://example.org/there for more", "the end"]);
        // The list is one tab stop: of what is in its messages, only what is in that one.
        Assert.Equal(["the end"], await ana.Page.EvaluateAsync<string[]>(
            "() => [...document.querySelectorAll('[data-testid=message-list] :is(a, button, [tabindex])')].filter(e => e.tabIndex >= 0).map(e => e.closest('[data-testid=message]')).filter((row, i, all) => all.indexOf(row) === i).map(row => row.querySelector('[data-testid=message-text]').textContent)"));
        var popup = ana.Page.GetByTestId("message-popup");

        await Message(ana, "plain").GetByTestId("message-text").ClickAsync(new() { Button = MouseButton.Right });
        await Assertions.Expect(popup).ToBeVisibleAsync();
        await Screens.KeepThemesAsync(ana.Page, "mark-menu");
        await ana.Page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(popup).ToHaveCountAsync(0);
        await Message(ana, "see").GetByRole(AriaRole.Link).ClickAsync(new() { Button = MouseButton.Right });
        await Assertions.Expect(popup).ToHaveCountAsync(0);

        // What is copied is said, also on a page that came over plain HTTP.
        await ana.Page.Context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);
        await CopyAsync("plain", "plain words");
        await ana.Page.EvaluateAsync("() => Object.defineProperty(window, 'isSecureContext', { value: false })");
        await CopyAsync("the end", "the end");

        await Message(ana, "plain").FocusAsync();
        await ana.Page.Keyboard.PressAsync("Shift+F10");
        await Assertions.Expect(popup.GetByTestId("context-react")).ToBeFocusedAsync();
        await ana.Page.Keyboard.PressAsync("ArrowDown");
        await ana.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(ana.Page.GetByTestId("composer-reply")).ToContainTextAsync("plain words");

        // Selected text has the browser's own menu; beside it the message's comes.
        await Message(ana, "plain").GetByTestId("message-text").DblClickAsync(new() { Position = new() { X = 10, Y = 10 } });
        Assert.Equal("plain", await ana.Page.EvaluateAsync<string>("() => getSelection().toString().trim()"));
        await Message(ana, "plain").GetByTestId("message-text").ClickAsync(new() { Button = MouseButton.Right, Position = new() { X = 10, Y = 10 } });
        await Message(ana, "see").GetByTestId("message-text").ClickAsync(new() { Button = MouseButton.Right, Position = new() { X = 10, Y = 10 } });
        await Assertions.Expect(popup).ToBeVisibleAsync();
        ConversationSpecs.AssertQuiet(ana);

        async Task CopyAsync(string message, string text)
        {
            await Message(ana, message).GetByTestId("message-text").ClickAsync(new() { Button = MouseButton.Right });
            await ana.Page.GetByTestId("message-copy").ClickAsync();
            await Assertions.Expect(ana.Page.GetByTestId("toast")).ToContainTextAsync("Copied");
            await MessageSpecs.DismissAsync(ana);
            Assert.Equal(text, await ana.Page.EvaluateAsync<string>("() => navigator.clipboard.readText()"));
        }
    }

    [Fact]
    public async Task LongPress_ShouldOpenTheMenu_AndOneToolbarIsThereOnTouch()
    {
        await using var ana = await browser.PersonAsync(Url, size: (390, 844));
        await ana.RegisterAsync("ana");
        await ana.CreateRoomAsync("Fingers");
        await ana.SayAsync("first");
        await ana.SayAsync("second");
        await ana.SeesAsync(["first", "second"]);

        await Message(ana, "first").GetByTestId("message-text").TapAsync();
        await Message(ana, "second").GetByTestId("message-text").TapAsync();
        Assert.True(1 >= await ana.Page.EvaluateAsync<int>(
            "() => [...document.querySelectorAll('[data-testid=message-menu]')].filter(e => getComputedStyle(e.closest('[class*=actions]')).opacity === '1').length"));

        var box = (await Message(ana, "first").GetByTestId("message-text").BoundingBoxAsync())!;
        var session = await ana.Page.Context.NewCDPSessionAsync(ana.Page);
        await TouchAsync("touchStart", new { x = box.X + 10, y = box.Y + 8 });
        await Assertions.Expect(ana.Page.GetByTestId("message-popup")).ToBeVisibleAsync();
        await TouchAsync("touchEnd");
        await ana.Page.GetByTestId("context-save").TapAsync();
        await Assertions.Expect(Message(ana, "first").GetByTestId("message-saved")).ToBeVisibleAsync();

        // A finger that moves scrolls.
        await TouchAsync("touchStart", new { x = box.X + 10, y = box.Y + 8 });
        await TouchAsync("touchMove", new { x = box.X + 10, y = box.Y + 40 });
        await TouchAsync("touchEnd");
        await Message(ana, "second").GetByTestId("message-text").TapAsync();
        await Assertions.Expect(ana.Page.GetByTestId("message-popup")).ToHaveCountAsync(0);
        ConversationSpecs.AssertQuiet(ana);

        Task TouchAsync(string type, params object[] points) =>
            session.SendAsync("Input.dispatchTouchEvent", new Dictionary<string, object> { ["type"] = type, ["touchPoints"] = points });
    }

    [Fact]
    public async Task Leaving_ShouldBeTakenBack_AndHappenWhenThePageIsClosed()
    {
        await using var ana = await browser.PersonAsync(Url);
        await using var bob = await browser.PersonAsync(Url);
        await ana.RegisterAsync("ana");
        await bob.RegisterAsync("bob");
        await ana.CreateRoomAsync("Exits");
        await bob.DiscoverAndJoinAsync("Exits");

        await LeaveAsync();
        await Assertions.Expect(bob.Page.GetByTestId("room-item")).ToHaveCountAsync(0);
        await bob.Page.Keyboard.PressAsync("F8");
        await Assertions.Expect(bob.Page.GetByTestId("toast-action")).ToBeFocusedAsync();
        await bob.Page.Keyboard.PressAsync("Enter");
        await bob.Page.GetByTestId("room-item").ClickAsync();
        await bob.SayAsync("still here");
        await ana.SeesAsync(["still here"]);
        await Assertions.Expect(ana.Page.GetByTestId("members-count")).ToContainTextAsync("2");

        await LeaveAsync();
        await bob.Page.CloseAsync();
        await Assertions.Expect(ana.Page.GetByTestId("member")).ToHaveCountAsync(1);

        async Task LeaveAsync()
        {
            await bob.Page.GetByTestId("room-menu").ClickAsync();
            await bob.Page.GetByTestId("leave-room").ClickAsync();
            await bob.Page.GetByTestId("leave-confirm").ClickAsync();
        }
    }

    [Fact]
    public async Task Room_ShouldMentionEverybody_PickedFromTheSuggestions()
    {
        await using var ana = await browser.PersonAsync(Url);
        await using var bob = await browser.PersonAsync(Url);
        await ana.RegisterAsync("ana");
        await bob.RegisterAsync("bob");
        await ana.CreateRoomAsync("Announcements");
        await bob.DiscoverAndJoinAsync("Announcements");
        await bob.CreateRoomAsync("Elsewhere");

        await ana.Page.GetByTestId("composer-input").PressSequentiallyAsync("@roo");
        await Assertions.Expect(ana.Page.GetByTestId("suggestion")).ToHaveTextAsync("@roomEverybody in the room");
        await ana.Page.Keyboard.PressAsync("Enter");
        await ana.Page.Keyboard.TypeAsync("lunch");
        await ana.Page.Keyboard.PressAsync("Enter");

        await Assertions.Expect(bob.Page.GetByTestId("mention-count")).ToHaveAttributeAsync("data-count", "1");
        await Assertions.Expect(bob.Page.Locator("[data-testid=toast][data-tone=mention]")).ToContainTextAsync("lunch");
        await Assertions.Expect(ana.Page.GetByTestId("mention-all")).ToHaveTextAsync("@room");
        await bob.Page.GetByTestId("room-item").Filter(new() { HasText = "Announcements" }).ClickAsync();
        await Assertions.Expect(bob.Page.Locator("[data-testid=message][data-mentioned]")).ToContainTextAsync("@room lunch");
        await Screens.KeepThemesAsync(bob.Page, "mark-room-mention");
        ConversationSpecs.AssertQuiet(ana, bob);
    }

    private static ILocator Message(Person person, string text) => person.Page.GetByTestId("message").Filter(new() { HasText = text }).First;
}
