using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace AkkaChat.EndToEnd.Tests;

/// <summary>What two people do with messages that are there.</summary>
[Collection(BrowserCollection.Name)]
public sealed class MessageSpecs(Browser browser, ConversationSpecs.Server server) : IClassFixture<ConversationSpecs.Server>
{
    private Uri Url => server.Node.Url;

    [Fact]
    public async Task Messages_ShouldBeEditedAnsweredReactedToPinnedAndDeleted_AtBothEnds()
    {
        await using var ana = await browser.PersonAsync(Url);
        await using var bob = await browser.PersonAsync(Url);
        await ana.RegisterAsync("ana");
        await bob.RegisterAsync("bob");
        await ana.CreateRoomAsync("Second thoughts");
        await bob.DiscoverAndJoinAsync("Second thoughts");
        await ana.SayAsync("frist");
        await bob.SeesAsync(["frist"]);

        // The last own message, by keyboard alone.
        await ana.Page.GetByTestId("composer-input").PressAsync("ArrowUp");
        await Assertions.Expect(ana.Page.GetByTestId("message-editor-input")).ToBeFocusedAsync();
        await ana.Page.GetByTestId("message-editor-input").FillAsync("first");
        await ana.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(ana.Page.GetByTestId("composer-input")).ToBeFocusedAsync();
        await bob.SeesAsync(["first"]);
        await Assertions.Expect(bob.Page.GetByTestId("message-edited")).ToBeVisibleAsync();

        await Act(bob, "first", "message-react");
        await bob.Page.Locator("[data-testid=emoji-often][data-emoji='🎉']").ClickAsync();
        await Assertions.Expect(Reaction(ana)).ToHaveTextAsync("🎉1");
        await Reaction(ana).ClickAsync();
        await Assertions.Expect(Reaction(bob)).ToHaveTextAsync("🎉2");
        await Assertions.Expect(Reaction(bob)).ToHaveAttributeAsync("aria-label", new Regex("You"));

        // Any emoji, by its name: the data is the server's own.
        await Act(bob, "first", "message-react");
        await bob.Page.GetByTestId("emoji-search").FillAsync("unicorn");
        await Assertions.Expect(bob.Page.GetByTestId("emoji-picker").GetByRole(AriaRole.Gridcell).First).ToHaveTextAsync("🦄");
        await bob.Page.GetByTestId("emoji-search").PressAsync("Enter");
        await Assertions.Expect(ana.Page.Locator("[data-testid=reaction][data-emoji='🦄']")).ToBeVisibleAsync();

        await Act(bob, "first", "message-reply");
        await bob.SayAsync("second");
        await Assertions.Expect(ana.Page.GetByTestId("message-quote")).ToContainTextAsync("first");

        await Menu(bob, "first", "message-pin");
        await ana.Page.GetByTestId("show-pins").ClickAsync();
        await Assertions.Expect(ana.Page.GetByTestId("pin")).ToContainTextAsync("first");
        await ana.Page.GetByTestId("pin").ClickAsync();
        await Assertions.Expect(ana.Page.Locator("[data-testid=message][data-flash]")).ToContainTextAsync("first");

        await Menu(ana, "first", "message-delete");
        await Assertions.Expect(ana.Page.GetByTestId("message-deleted")).ToBeVisibleAsync();
        await ana.Page.GetByTestId("toast-action").ClickAsync();
        await ana.SeesAsync(["first", "second"]);
        await Menu(ana, "first", "message-delete");
        await DismissAsync(ana); // not to be taken back any more
        foreach (var person in new[] { ana, bob })
        {
            await Assertions.Expect(person.Page.GetByTestId("message-deleted")).ToBeVisibleAsync();
            await person.SeesAsync(["second"], deleted: 1);
            await Assertions.Expect(person.Page.GetByTestId("reaction")).ToHaveCountAsync(0);
            await Assertions.Expect(person.Page.GetByTestId("message-quote")).Not.ToContainTextAsync("first");
        }

        await bob.Page.ReloadAsync();
        await Assertions.Expect(bob.Page.GetByTestId("message-deleted")).ToBeVisibleAsync();
        await Assertions.Expect(bob.Page.GetByText("first", new() { Exact = true })).ToHaveCountAsync(0);
        Assert.Empty(ana.Complaints);
        Assert.Empty(bob.Complaints);
    }

    /// <summary>Puts the notice away that offers to undo: what it is about is done at once.</summary>
    internal static Task DismissAsync(Person person) => person.Page.GetByTestId("toast").Locator("button").Last.ClickAsync();

    private static ILocator Reaction(Person person) => person.Page.Locator("[data-testid=reaction][data-emoji='🎉']");

    private static async Task Act(Person person, string text, string action)
    {
        var message = person.Page.GetByTestId("message").Filter(new() { HasText = text }).First;
        await message.HoverAsync();
        await message.GetByTestId(action).ClickAsync();
    }

    private static async Task Menu(Person person, string text, string item)
    {
        await Act(person, text, "message-menu");
        await person.Page.GetByTestId(item).ClickAsync();
    }
}
