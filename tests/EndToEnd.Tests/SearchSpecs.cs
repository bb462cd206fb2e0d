using Microsoft.Playwright;

namespace AkkaChat.EndToEnd.Tests;

/// <summary>Search and Ctrl+K, with two people: what one writes, edits and deletes, the other finds, or no longer.</summary>
[Collection(BrowserCollection.Name)]
public sealed class SearchSpecs(Browser browser, ConversationSpecs.Server server) : IClassFixture<ConversationSpecs.Server>
{
    private Uri Url => server.Node.Url;

    [Fact]
    public async Task Message_ShouldBeFoundOpenedAndFollowed_AsItChanges()
    {
        await using var ana = await browser.PersonAsync(Url);
        await using var bob = await browser.PersonAsync(Url);
        await ana.RegisterAsync("ana");
        await bob.RegisterAsync("bob");
        await ana.CreateRoomAsync("Botanists");
        await bob.DiscoverAndJoinAsync("Botanists");
        await ana.SayAsync("Der Ginkgo blüht im Frühling");
        for (var i = 0; i < 40; i++)
        {
            await ana.SayAsync($"filler {i}");
        }

        await ana.SayAsync("東京の桜はきれいです");
        await ana.CreateRoomAsync("Cooks");
        await ana.SayAsync("Tea with Ginkgo leaves https://example.org");

        // Bob is in one of the rooms.
        await bob.Page.Keyboard.PressAsync("Control+Shift+F");
        await Assertions.Expect(bob.Page.GetByTestId("search-input")).ToBeFocusedAsync();
        await ShootAsync(bob, "start");
        await bob.Page.Keyboard.InsertTextAsync("GINK");
        await Assertions.Expect(bob.Page.GetByTestId("search-snippet")).ToHaveTextAsync(["Der Ginkgo blüht im Frühling"]);
        await Assertions.Expect(bob.Page.Locator("mark")).ToHaveTextAsync("Gink");
        await ShootAsync(bob, "hits");
        await bob.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(bob.Page.GetByTestId("search-dialog")).ToHaveCountAsync(0);
        await Assertions.Expect(bob.Page.GetByTestId("message-text").Filter(new() { HasText = "Ginkgo" })).ToBeInViewportAsync();

        // The last search is there again; ideographs need no word of their own.
        await bob.Page.GetByTestId("search-open").ClickAsync();
        await Assertions.Expect(bob.Page.GetByTestId("search-input")).ToHaveValueAsync("GINK");
        await Assertions.Expect(bob.Page.Locator("[data-testid=search-hit][data-opened]")).ToHaveCountAsync(1);
        await bob.Page.GetByTestId("search-input").FillAsync("桜");
        await Assertions.Expect(bob.Page.GetByTestId("search-snippet")).ToHaveTextAsync(["東京の桜はきれいです"]);
        await bob.Page.GetByTestId("search-input").FillAsync("nothing like it");
        await Assertions.Expect(bob.Page.GetByTestId("search-none")).ToBeVisibleAsync();
        await ShootAsync(bob, "none");
        await bob.Page.Keyboard.PressAsync("Escape");

        // Both rooms, then one by its filter.
        await ana.Page.GetByTestId("search-open").ClickAsync();
        await ana.Page.GetByTestId("search-input").FillAsync("ginkgo");
        await Assertions.Expect(ana.Page.GetByTestId("search-snippet")).ToHaveTextAsync(["Tea with Ginkgo leaves https://example.org", "Der Ginkgo blüht im Frühling"]);
        await ShootAsync(ana, "rooms");
        await ana.Page.GetByTestId("search-add-in").ClickAsync();
        await ana.Page.Keyboard.InsertTextAsync("bota");
        await Assertions.Expect(ana.Page.GetByTestId("search-completion")).ToHaveTextAsync(["Botanists"]);
        await ShootAsync(ana, "completion");
        await ana.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(ana.Page.GetByTestId("search-chip")).ToHaveTextAsync(["in:Botanists"]);
        await Assertions.Expect(ana.Page.GetByTestId("search-snippet")).ToHaveTextAsync(["Der Ginkgo blüht im Frühling"]);
        await ana.Page.Keyboard.PressAsync("Enter");
        await ana.InRoomAsync("Botanists");

        // Edited and deleted.
        var message = ana.Page.GetByTestId("message").Filter(new() { HasText = "Ginkgo" });
        await message.HoverAsync();
        await message.GetByTestId("message-edit").ClickAsync();
        await ana.Page.GetByTestId("message-editor-input").FillAsync("Die Linde blüht im Sommer");
        await ana.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(ana.Page.GetByTestId("message-edited").First).ToBeVisibleAsync();
        await FindsAsync(bob, "ginkgo", []);
        await FindsAsync(bob, "linde", ["Die Linde blüht im Sommer"]);

        message = ana.Page.GetByTestId("message").Filter(new() { HasText = "Linde" });
        await message.HoverAsync();
        await message.GetByTestId("message-menu").ClickAsync();
        await ana.Page.GetByTestId("message-delete").ClickAsync();
        await MessageSpecs.DismissAsync(ana);
        await Assertions.Expect(ana.Page.GetByTestId("message-deleted").First).ToBeVisibleAsync();
        await FindsAsync(bob, "linde", []);
        Assert.Empty(ana.Complaints);
        Assert.Empty(bob.Complaints);
    }

    [Fact]
    public async Task Switcher_ShouldLeadToRoomsPeopleAndMessages()
    {
        await using var ana = await browser.PersonAsync(Url);
        await using var bob = await browser.PersonAsync(Url);
        await ana.RegisterAsync("ana");
        await bob.RegisterAsync("bob");
        await bob.CreateRoomAsync($"Project 150 {bob.Username}");
        await ana.CreateRoomAsync($"Own 150 {ana.Username}");
        await ana.SayAsync("the number 150 is round");

        await ana.Page.Keyboard.PressAsync("Control+K");
        await ana.Page.GetByTestId("switcher-input").FillAsync(bob.Username);
        await Assertions.Expect(ana.Page.GetByTestId("switcher-person")).ToContainTextAsync(bob.Username);
        await Assertions.Expect(ana.Page.Locator("[data-testid=switcher-item][data-join]")).ToContainTextAsync("Project 150");
        await ShootAsync(ana, "switcher");
        await ana.Page.GetByTestId("switcher-input").FillAsync("number 150");
        await ana.Page.GetByTestId("switcher-search").ClickAsync();
        await Assertions.Expect(ana.Page.GetByTestId("search-snippet")).ToHaveTextAsync(["the number 150 is round"]);
        await ana.Page.Keyboard.PressAsync("Enter");

        await ana.Page.Keyboard.PressAsync("Control+K");
        await ana.Page.GetByTestId("switcher-input").FillAsync(bob.Username);
        await ana.Page.Locator("[data-testid=switcher-item][data-join]").ClickAsync();
        await ana.InRoomAsync($"Project 150 {bob.Username}");
        Assert.DoesNotContain(ana.Complaints, complaint => !complaint.Contains("404", StringComparison.Ordinal));
    }

    private static async Task FindsAsync(Person person, string query, IReadOnlyList<string> texts)
    {
        await person.Page.GetByTestId("search-open").ClickAsync();
        await person.Page.GetByTestId("search-input").FillAsync(query);
        await Assertions.Expect(texts.Count == 0 ? person.Page.GetByTestId("search-none") : person.Page.GetByTestId("search-hit").First).ToBeVisibleAsync();
        await Assertions.Expect(person.Page.GetByTestId("search-snippet")).ToHaveTextAsync(texts);
        await person.Page.Keyboard.PressAsync("Escape");
    }

    private static Task ShootAsync(Person person, string name) => Screens.AreKept ? Screens.FitAsync(person, $"search-{name}") : Task.CompletedTask;
}
