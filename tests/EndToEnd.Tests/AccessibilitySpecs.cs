using AkkaChat.Support;
using Microsoft.Playwright;

namespace AkkaChat.EndToEnd.Tests;

/// <summary>Every view passes axe in both themes, on a desktop and on a phone. A new view is added here.</summary>
[Collection(BrowserCollection.Name)]
public sealed class AccessibilitySpecs(Browser browser, AdminSpecs.Server server) : IClassFixture<AdminSpecs.Server>
{
    /// <summary>Rows of the list that begin before the one above them ends.</summary>
    private const string OverlapScript = """
        () => {
          const rows = [...document.querySelectorAll('[data-testid=message-list] [data-index]')].sort((a, b) => a.dataset.index - b.dataset.index);
          return rows.slice(1).map((row, i) => [rows[i], row])
            .filter(([above, row]) => above.getBoundingClientRect().bottom > row.getBoundingClientRect().top + 1)
            .map(([above, row]) => `${above.offsetHeight} px ${above.style.transform.slice(11)} ${row.style.transform.slice(11)}`);
        }
        """;

    private readonly AxeReport _axe = new();

    private Uri Url => server.Node.Url;

    [Fact]
    public async Task FirstScreens_ShouldPassAxe()
    {
        await using var ana = await browser.PersonAsync(Url);
        foreach (var form in new[] { "login", "register" })
        {
            await ana.Page.GotoAsync(new Uri(Url, $"#/{form}").ToString());
            await Assertions.Expect(ana.Page.GetByTestId($"{form}-form")).ToBeVisibleAsync();
            await _axe.CheckAsync(ana, form);
            await ana.Page.GetByTestId("auth-submit").ClickAsync();
            await Assertions.Expect(ana.Page.Locator("[data-testid^=error-]").First).ToBeVisibleAsync();
            await _axe.CheckAsync(ana, $"{form} refused");
        }

        await _axe.CheckOpenedAsync(ana, "theme-toggle", "theme-dark");
        _axe.AssertClean();
    }

    [Fact]
    public async Task Rooms_ShouldPassAxe()
    {
        await using var ana = await browser.PersonAsync(Url);
        await using var bob = await browser.PersonAsync(Url);
        await ana.RegisterAsync("ana");
        await _axe.CheckAsync(ana, "no rooms");
        await _axe.CheckOpenedAsync(ana, "create-room", "create-room-dialog");
        await ana.CreateRoomAsync("Accessible");
        await _axe.CheckAsync(ana, "empty room");
        await ana.CreateRoomAsync("Accessible secret", isPrivate: true);

        await bob.RegisterAsync("bob");
        var room = await ana.Page.GetByTestId("room-item").First.GetAttributeAsync("data-room-id");
        await bob.Page.GotoAsync(new Uri(Url, $"#/r/{room}").ToString());
        await Assertions.Expect(bob.Page.GetByTestId("room-preview-page")).ToBeVisibleAsync();
        await _axe.CheckAsync(bob, "preview");
        await _axe.CheckOpenedAsync(bob, "discover-open", "discover-dialog");

        await _axe.CheckOpenedAsync(ana, "user-menu", "settings-open");
        await ana.Page.GetByTestId("user-menu").ClickAsync();
        await _axe.CheckOpenedAsync(ana, "settings-open", "settings-dialog");
        await ana.Page.GetByTestId("room-item").First.ClickAsync(new() { Button = MouseButton.Right });
        await _axe.CheckOverlayAsync(ana, "room-item-popup");
        await ana.Page.Keyboard.PressAsync("Control+k");
        await _axe.CheckOverlayAsync(ana, "room-switcher");
        await ana.Page.GetByTestId("user-menu").ClickAsync();
        await _axe.CheckOpenedAsync(ana, "shortcuts-open", "shortcuts-dialog");
        await _axe.CheckOpenedAsync(ana, "conversation-name", "room-details-dialog");
        await _axe.CheckOpenedAsync(ana, "room-menu", "leave-room");
        foreach (var (item, dialog) in new[]
        {
            ("change-topic", "topic-dialog"), ("change-picture", "picture-dialog"), ("leave-room", "leave-dialog"), ("invite-people", "invite-dialog"),
        })
        {
            await ana.Page.GetByTestId("room-menu").ClickAsync();
            await _axe.CheckOpenedAsync(ana, item, dialog);
        }

        await ana.Page.GetByTestId("room-menu").ClickAsync();
        await ana.Page.GetByTestId("invite-people").ClickAsync();
        await ana.Page.GetByTestId("invite-create").ClickAsync();
        var link = await ana.Page.GetByTestId("invite-url").InputValueAsync();
        await _axe.CheckAsync(ana, "an invite");
        await bob.Page.GotoAsync(link);
        await bob.Page.ReloadAsync(); // a hash alone loads no page
        await Assertions.Expect(bob.Page.GetByTestId("accept-invite-dialog")).ToBeVisibleAsync();
        await _axe.CheckAsync(bob, "accept an invite");
        await bob.Page.GetByTestId("invite-accept").ClickAsync();
        await bob.InRoomAsync("Accessible secret");

        await ana.Page.Keyboard.PressAsync("Escape");
        await _axe.CheckOpenedAsync(ana, "member-menu", "kick");
        await ana.Page.GetByTestId("member-menu").ClickAsync();
        await _axe.CheckOpenedAsync(ana, "ban", "removal-dialog");
        _axe.AssertClean();
    }

    [Fact]
    public async Task Conversation_ShouldPassAxe()
    {
        await using var ana = await browser.PersonAsync(Url);
        await using var bob = await browser.PersonAsync(Url, size: (390, 844));
        await ana.RegisterAsync("ana");
        await bob.RegisterAsync("bob");
        await ana.CreateRoomAsync("Colours");
        await bob.DiscoverAndJoinAsync("Colours");
        await ana.SayAsync($"**Bold**, `code`, https://example.org for @{bob.Username}: look");
        await ana.SayAsync("```csharp\n// a comment\nvar answer = \"42\" + 1;\n```");
        await ana.SayAsync("> a quotation\n\n- one\n- two");
        await ana.SayAsync("gone");
        await ana.AttachAsync(
            new FilePayload { Name = "wide.png", MimeType = "image/png", Buffer = await ana.PictureAsync(600, 400) },
            new FilePayload { Name = "report.bin", MimeType = "application/octet-stream", Buffer = new byte[2000] });
        await _axe.CheckAsync(ana, "attachments");
        await ana.SendAsync("files");
        await Assertions.Expect(bob.Page.GetByTestId("message")).ToHaveCountAsync(5);
        await bob.SayAsync("from a phone");
        await Assertions.Expect(ana.Page.GetByTestId("message")).ToHaveCountAsync(6);

        await ActAsync(ana, "Bold", "message-react");
        await _axe.CheckOverlayAsync(ana, "emoji-picker");
        await ActAsync(ana, "Bold", "message-react");
        await ana.Page.GetByTestId("emoji-often").First.ClickAsync();
        await Assertions.Expect(ana.Page.GetByTestId("reaction")).ToBeVisibleAsync();
        await ActAsync(ana, "phone", "message-reply");
        await ana.SayAsync("a reply");
        await Assertions.Expect(ana.Page.Locator("[data-testid=message][data-state=confirmed]")).ToHaveCountAsync(7);
        await ActAsync(ana, "Bold", "message-menu");
        await _axe.CheckOverlayAsync(ana, "message-copy");
        await ActAsync(ana, "Bold", "message-menu");
        await ana.Page.GetByTestId("message-pin").ClickAsync();
        await Assertions.Expect(ana.Page.GetByTestId("message-pinned")).ToBeVisibleAsync();
        await ActAsync(ana, "gone", "message-menu");
        await ana.Page.GetByTestId("message-delete").ClickAsync();
        await ana.Page.GetByTestId("toast-action").HoverAsync();
        await _axe.CheckAsync(ana, "undo");
        await MessageSpecs.DismissAsync(ana);
        await Assertions.Expect(ana.Page.GetByTestId("message-deleted")).ToBeVisibleAsync();
        await ActAsync(ana, "phone", "message-save");
        await Assertions.Expect(ana.Page.GetByTestId("message-saved")).ToBeVisibleAsync();
        await ana.Page.GetByTestId("message").Filter(new() { HasText = "phone" }).First.ClickAsync(new() { Button = MouseButton.Right, Position = new() { X = 60, Y = 4 } });
        await _axe.CheckOverlayAsync(ana, "message-popup");
        await _axe.CheckOpenedAsync(ana, "saved-open", "saved-dialog");
        await Eventually.AssertAsync(async () => Assert.Empty(await ana.Page.EvaluateAsync<string[]>(OverlapScript)));
        await _axe.CheckAsync(ana, "conversation");

        await _axe.CheckOpenedAsync(ana, "show-pins", "pins-dialog");
        await _axe.CheckOpenedAsync(ana, "image-open", "lightbox");
        await ana.Page.GetByTestId("composer-input").FillAsync("@bo");
        await Assertions.Expect(ana.Page.GetByTestId("suggestions")).ToBeVisibleAsync();
        await _axe.CheckAsync(ana, "suggestions");
        await ana.Page.GetByTestId("composer-input").FillAsync("");
        await ActAsync(ana, "a reply", "message-edit");
        await _axe.CheckOverlayAsync(ana, "message-editor");
        await ActAsync(ana, "phone", "message-reply");
        await _axe.CheckOverlayAsync(ana, "composer-reply");

        await _axe.CheckAsync(bob, "conversation on a phone");
        await _axe.CheckOpenedAsync(bob, "members-toggle", "members-panel");
        await bob.Page.GetByTestId("back-to-rooms").ClickAsync();
        await ana.SayAsync($"@{bob.Username} this is unread");
        await Assertions.Expect(bob.Page.GetByTestId("mention-count")).ToBeVisibleAsync();
        await _axe.CheckAsync(bob, "rooms on a phone");
        await bob.Page.GetByTestId("inbox").ClickAsync();
        await _axe.CheckAsync(bob, "inbox");
        _axe.AssertClean();
    }

    [Fact]
    public async Task Installation_ShouldPassAxe()
    {
        await using var owner = await browser.PersonAsync(Url);
        await owner.RegisterAsync(AdminSpecs.Owner, isExact: true);
        await owner.CreateRoomAsync("Watched");
        await server.AddDeadWorkAsync("first");
        await owner.Page.GotoAsync(new Uri(Url, "#/admin").ToString());
        foreach (var (page, shows) in new[]
        {
            ("overview", "admin-node"), ("rooms", "admin-room-table"), ("sockets", "admin-socket-table"), ("work", "work-item"),
        })
        {
            await owner.Page.GetByTestId($"admin-{page}").ClickAsync();
            await Assertions.Expect(owner.Page.GetByTestId(shows).First).ToBeVisibleAsync();
            await _axe.CheckAsync(owner, $"admin {page}");
        }

        await _axe.CheckOpenedAsync(owner, "work-drop", "work-drop-dialog");
        await owner.Page.SetViewportSizeAsync(390, 844);
        await _axe.CheckAsync(owner, "admin work on a phone");
        await owner.Page.GetByTestId("admin-overview").ClickAsync();
        await Assertions.Expect(owner.Page.GetByTestId("admin-node").First).ToBeVisibleAsync();
        await _axe.CheckAsync(owner, "admin overview on a phone");
        _axe.AssertClean();
    }

    /// <summary>What a row offers is there while the mouse is over it; a picture that arrives may move it away.</summary>
    private static Task ActAsync(Person person, string text, string action) => Eventually.AssertAsync(
        async () =>
        {
            var message = person.Page.GetByTestId("message").Filter(new() { HasText = text }).First;
            await message.HoverAsync();
            await message.GetByTestId(action).ClickAsync(new() { Timeout = 2000 });
        },
        TimeSpan.FromSeconds(15));
}
