using Microsoft.Playwright;

namespace AkkaChat.EndToEnd.Tests;

/// <summary>Invitations, roles and removals, with three people.</summary>
[Collection(BrowserCollection.Name)]
public sealed class PeopleSpecs(Browser browser, ConversationSpecs.Server server) : IClassFixture<ConversationSpecs.Server>
{
    private Uri Url => server.Node.Url;

    [Fact]
    public async Task PrivateRoom_ShouldBeJoinedByLink_AndItsMembersBeMadeAdminsAndRemoved()
    {
        await using var ana = await browser.PersonAsync(Url);
        await using var bob = await browser.PersonAsync(Url);
        await using var cy = await browser.PersonAsync(Url);
        await ana.RegisterAsync("ana");
        await bob.RegisterAsync("bob");
        await cy.RegisterAsync("cy");
        await ana.CreateRoomAsync("Secret garden", isPrivate: true);

        await ana.Page.GetByTestId("room-menu").ClickAsync();
        await ana.Page.GetByTestId("invite-people").ClickAsync();
        await ana.Page.GetByTestId("invite-create").ClickAsync();
        var link = await ana.Page.GetByTestId("invite-url").InputValueAsync();
        await Screens.FitAsync(ana, "people-invite");
        await ana.Page.Keyboard.PressAsync("Escape");

        foreach (var guest in new[] { bob, cy })
        {
            await guest.Page.GotoAsync(link);
            await guest.Page.ReloadAsync(); // a hash alone loads no page
            await Assertions.Expect(guest.Page.GetByTestId("accept-invite-dialog")).ToContainTextAsync("Secret garden");
            await Screens.FitAsync(guest, "people-accept-invite");
            await guest.Page.GetByTestId("invite-accept").ClickAsync();
            await guest.InRoomAsync("Secret garden");
        }

        if (Screens.AreKept)
        {
            await Member(ana, bob).GetByTestId("member-menu").ClickAsync();
            await Screens.KeepAsync(ana.Page, "people-menu");
            await ana.Page.Keyboard.PressAsync("Escape");
        }

        await ChooseAsync(ana, bob, "make-admin");
        await Assertions.Expect(Member(cy, bob)).ToContainTextAsync("Admin");
        await Member(bob, ana).GetByTestId("member-menu").ClickAsync();
        await Assertions.Expect(bob.Page.GetByTestId("message-member")).ToBeVisibleAsync();
        await Assertions.Expect(bob.Page.GetByTestId("kick")).ToHaveCountAsync(0);
        await bob.Page.Keyboard.PressAsync("Escape");

        await ChooseAsync(bob, cy, "ban");
        await bob.Page.GetByTestId("removal-reason").FillAsync("Too loud");
        await Screens.FitAsync(bob, "people-removal");
        await bob.Page.GetByTestId("removal-submit").ClickAsync();
        await Assertions.Expect(cy.Page.GetByTestId("conversation")).ToHaveCountAsync(0);
        await Assertions.Expect(Member(ana, cy)).ToHaveCountAsync(0);

        await bob.SayAsync("Now it is quiet");
        await ana.SeesAsync(["Now it is quiet"]);
        await cy.Page.GotoAsync(link);
        await cy.Page.ReloadAsync();
        await cy.Page.GetByTestId("invite-accept").ClickAsync();
        await Assertions.Expect(cy.Page.GetByTestId("form-error")).ToContainTextAsync("not allowed");
        Assert.Empty(ana.Complaints);
        Assert.Empty(bob.Complaints);
    }

    private static ILocator Member(Person at, Person member) =>
        at.Page.GetByTestId("member").Filter(new LocatorFilterOptions { HasText = $"@{member.Username}" });

    private static async Task ChooseAsync(Person by, Person member, string action)
    {
        await Member(by, member).GetByTestId("member-menu").ClickAsync();
        await by.Page.GetByTestId(action).ClickAsync();
    }
}
