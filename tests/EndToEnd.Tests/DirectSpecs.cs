using Microsoft.Playwright;

namespace AkkaChat.EndToEnd.Tests;

/// <summary>People who write to each other, and who do not want to; a room's settings and its end.</summary>
[Collection(BrowserCollection.Name)]
public sealed class DirectSpecs(Browser browser, ConversationSpecs.Server server) : IClassFixture<ConversationSpecs.Server>
{
    private Uri Url => server.Node.Url;

    [Fact]
    public async Task Conversation_ShouldBeginByName_AndEndWithABlock()
    {
        await using var ana = await browser.PersonAsync(Url);
        await using var bob = await browser.PersonAsync(Url);
        await ana.RegisterAsync("ana");
        await bob.RegisterAsync("bob");

        await ana.Page.GetByTestId("new-message").ClickAsync();
        await ana.Page.GetByTestId("people-search").FillAsync(bob.Username[..^1]);
        await Assertions.Expect(Option(ana, bob)).ToBeVisibleAsync();
        await Screens.FitAsync(ana, "direct-new-message");
        await Option(ana, bob).ClickAsync();
        await Assertions.Expect(ana.Page.GetByTestId("person-chip")).ToHaveCountAsync(1);
        await ana.Page.GetByTestId("people-search").PressAsync("Enter");
        await Assertions.Expect(ana.Page.GetByTestId("conversation-title")).ToContainTextAsync("bob");
        await Assertions.Expect(bob.Page.GetByTestId("people-list").GetByTestId("room-item")).ToHaveCountAsync(0);
        await ana.SayAsync($"Hello @{bob.Username} there");

        // The first message brings it into the other's list, with a mark and the green dot.
        var item = bob.Page.GetByTestId("people-list").GetByTestId("room-item");
        await Assertions.Expect(item.GetByTestId("mention-count")).ToHaveAttributeAsync("data-count", "1");
        await Assertions.Expect(item).ToHaveAttributeAsync("data-online", "true");
        await item.ClickAsync();
        await bob.SeesAsync([$"Hello @{bob.Username} there"]);
        await bob.SayAsync("Hi");
        await ana.SeesAsync([$"Hello @{bob.Username} there", "Hi"]);
        await Screens.FitAsync(bob, "direct-direct");

        // Whoever one has a conversation with is found once.
        await bob.Page.Keyboard.PressAsync("Control+k");
        await bob.Page.RunAndWaitForResponseAsync(
            () => bob.Page.GetByTestId("switcher-input").FillAsync(ana.Username), answer => answer.Url.Contains("/api/users?", StringComparison.Ordinal));
        await Assertions.Expect(bob.Page.GetByTestId("switcher-item")).ToHaveCountAsync(1);
        await Assertions.Expect(bob.Page.GetByTestId("switcher-person")).ToHaveCountAsync(0);
        await bob.Page.Keyboard.PressAsync("Escape");

        // It has the menu of a room, and what is begun in it and not sent is shown.
        await item.ClickAsync(new() { Button = MouseButton.Right });
        await bob.Page.GetByTestId("room-mute").ClickAsync();
        await Assertions.Expect(item).ToHaveAttributeAsync("data-muted", "true");
        await Assertions.Expect(item.GetByTestId("room-muted")).ToBeVisibleAsync();
        await bob.Page.GetByTestId("conversation-name").ClickAsync();
        await Assertions.Expect(bob.Page.GetByTestId("profile-name")).ToBeVisibleAsync();
        await bob.Page.Keyboard.PressAsync("Escape");
        await bob.Page.GetByTestId("composer-input").FillAsync("What I wanted to say");
        await bob.CreateRoomAsync("Where bob went");
        await Assertions.Expect(item.GetByTestId("room-draft")).ToBeVisibleAsync();
        await bob.Page.GetByTestId("composer-input").FillAsync("Another one");
        await item.ClickAsync();
        await Assertions.Expect(bob.Page.GetByTestId("composer-input")).ToHaveValueAsync("What I wanted to say");
        await Assertions.Expect(bob.Page.GetByTestId("room-list").GetByTestId("room-draft")).ToBeVisibleAsync();
        await bob.Page.GetByTestId("composer-input").FillAsync("");

        await ana.Page.GetByTestId("message-author").Last.ClickAsync();
        await Assertions.Expect(ana.Page.GetByTestId("profile-presence")).ToHaveAttributeAsync("data-online", "true");
        await Screens.FitAsync(ana, "direct-profile");
        await ana.Page.GetByTestId("profile-block").ClickAsync();
        await Assertions.Expect(ana.Page.GetByTestId("profile-block")).ToHaveAttributeAsync("data-on", "true");
        await ana.Page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(ana.Page.GetByTestId("blocked-notice")).ToBeVisibleAsync();
        await Assertions.Expect(ana.Page.GetByTestId("message-blocked")).ToHaveCountAsync(1);
        await Screens.FitAsync(ana, "direct-blocked");
        await bob.SayAsync("Are you there?");
        await Assertions.Expect(bob.Page.GetByTestId("message-error")).ToContainTextAsync("cannot write");
        await ana.Page.GetByTestId("message-reveal").ClickAsync();
        await ana.SeesAsync([$"Hello @{bob.Username} there", "Hi"]);
        await ana.Page.GetByTestId("unblock-here").ClickAsync();
        await Assertions.Expect(ana.Page.GetByTestId("blocked-notice")).ToHaveCountAsync(0);

        await ana.Page.GetByTestId("room-menu").ClickAsync();
        await ana.Page.GetByTestId("hide-direct").ClickAsync();
        await Assertions.Expect(ana.Page.GetByTestId("people-list").GetByTestId("room-item")).ToHaveCountAsync(0);
        await bob.Page.GetByTestId("message-retry").ClickAsync();
        await Assertions.Expect(ana.Page.GetByTestId("people-list").GetByTestId("room-item")).ToHaveCountAsync(1);
        Assert.Empty(ana.Complaints);
        Assert.DoesNotContain(bob.Complaints, complaint => !complaint.Contains("403", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Room_ShouldBeRenamedArchivedAndDeleted_BeforeTheEyesOfItsMembers()
    {
        await using var ana = await browser.PersonAsync(Url);
        await using var bob = await browser.PersonAsync(Url);
        await ana.RegisterAsync("ana");
        await bob.RegisterAsync("bob");
        var name = $"Plans {Guid.NewGuid().ToString("N")[..6]}";
        await ana.CreateRoomAsync(name);
        await bob.DiscoverAndJoinAsync(name);

        await SettingsAsync(ana);
        await ana.Page.GetByTestId("room-name-input").FillAsync($"{name} B");
        await Screens.FitAsync(ana, "direct-room-settings");
        await ana.Page.GetByTestId("room-settings-save").ClickAsync();
        await bob.InRoomAsync($"{name} B");
        await ana.Page.GetByTestId("archive-room").ClickAsync();
        await Assertions.Expect(bob.Page.GetByTestId("archived-notice")).ToBeVisibleAsync();
        await ana.Page.GetByTestId("archive-room").ClickAsync();
        await Assertions.Expect(bob.Page.GetByTestId("composer-input")).ToBeVisibleAsync();
        await ana.Page.GetByTestId("settings-audit").ClickAsync();
        await Assertions.Expect(ana.Page.GetByTestId("audit-entry")).ToHaveCountAsync(4);
        await Screens.FitAsync(ana, "direct-room-audit");
        await ana.Page.GetByTestId("settings-general").ClickAsync();
        await ana.Page.GetByTestId("delete-room").ClickAsync();
        await Assertions.Expect(ana.Page.GetByTestId("delete-room-confirm")).ToBeDisabledAsync();
        await ana.Page.GetByTestId("delete-room-name").FillAsync($"{name} B");
        await ana.Page.GetByTestId("delete-room-confirm").ClickAsync();
        await Assertions.Expect(ana.Page.GetByTestId("conversation")).ToHaveCountAsync(0);
        await Assertions.Expect(bob.Page.GetByTestId("conversation")).ToHaveCountAsync(0);
        await Assertions.Expect(bob.Page.GetByTestId("toast")).ToContainTextAsync("was deleted");
        Assert.Empty(ana.Complaints);
        Assert.Empty(bob.Complaints);
    }

    private static ILocator Option(Person at, Person other) =>
        at.Page.GetByTestId("person-option").Filter(new LocatorFilterOptions { HasText = $"@{other.Username}" });

    private static async Task SettingsAsync(Person person)
    {
        await person.Page.GetByTestId("room-menu").ClickAsync();
        await person.Page.GetByTestId("room-settings").ClickAsync();
    }
}
