using System.Text.Json.Nodes;
using AkkaChat.Support;
using AkkaChat.Support.Chat;
using Microsoft.Playwright;

namespace AkkaChat.EndToEnd.Tests;

/// <summary>Every view with its text at twice the size, on a phone and on a desktop. A new view is added here.</summary>
[Collection(BrowserCollection.Name)]
public sealed class LargeTextSpecs(Browser browser, AdminSpecs.Server server) : IClassFixture<AdminSpecs.Server>
{
    private const string Long = "A room whose name is rather long for the place that it has";

    private readonly FitReport _fit = new();

    private Uri Url => server.Node.Url;

    [Fact]
    public async Task FirstScreens_ShouldFit()
    {
        await using var ana = await PersonAsync();
        foreach (var form in new[] { "login", "register" })
        {
            await ana.Page.GotoAsync(new Uri(Url, $"#/{form}").ToString());
            await ana.Page.GetByTestId($"{form}-form").GetByTestId("auth-submit").ClickAsync();
            await Assertions.Expect(ana.Page.Locator("[data-testid^=error-]").First).ToBeVisibleAsync();
            await _fit.CheckAsync(ana, form);
        }

        await _fit.CheckOpenedAsync(ana, "theme-toggle", "theme-dark");
        _fit.AssertClean();
    }

    [Fact]
    [Trait("Run", "long")]
    public async Task Chat_ShouldFit()
    {
        await using var bob = await ChatClient.RegisterAsync(Url);
        await bob.ConnectAsync();
        var stranger = Id(await bob.Rest.CreateRoomAsync($"{Long} and nobody has joined", topic: "What one reads before joining"));
        var (room, mentioned) = (Id(await bob.Rest.CreateRoomAsync(Long, topic: "A topic that says in many words what the room is for")), Id(await bob.Rest.CreateRoomAsync("Mentions")));

        await using var ana = await PersonAsync();
        await ana.RegisterAsync("ana");
        await FillAsync(ana, bob, room, mentioned);
        await WalkListAsync(ana, bob, stranger);
        await WalkRoomAsync(ana, room);
        await WalkThreadAsync(ana);
        await WalkOwnRoomAsync(ana);
        _fit.AssertClean();
    }

    [Fact]
    public async Task Installation_ShouldFit()
    {
        await using var owner = await PersonAsync();
        await owner.RegisterAsync(AdminSpecs.Owner, isExact: true);
        await owner.CreateRoomAsync(Long);
        await server.AddDeadWorkAsync("first");
        await owner.Page.GotoAsync(new Uri(Url, "#/admin").ToString());
        foreach (var (page, shows) in new[]
        {
            ("overview", "admin-node"), ("rooms", "admin-room-table"), ("sockets", "admin-socket-table"), ("work", "work-item"),
        })
        {
            await owner.Page.GetByTestId($"admin-{page}").ClickAsync();
            await Assertions.Expect(owner.Page.GetByTestId(shows).First).ToBeVisibleAsync();
            await _fit.CheckAsync(owner, $"admin {page}");
        }

        await _fit.CheckOpenedAsync(owner, "work-drop", "work-drop-dialog");
        _fit.AssertClean();
    }

    private static string Id(System.Text.Json.JsonElement room) => room.GetProperty("id").GetString()!;

    private async Task<Person> PersonAsync()
    {
        var person = await browser.PersonAsync(Url, size: FitReport.Phone);
        await person.Page.Context.AddInitScriptAsync(FitReport.DoubleText);
        await person.Page.ReloadAsync();
        return person;
    }

    private static async Task JoinAsync(Person person, params string[] rooms) => await person.Page.EvaluateAsync(
        "async rooms => { for (const room of rooms) await fetch(`/api/rooms/${room}/join`, { method: 'POST', headers: { 'X-AkkaChat': '1' } }); }", rooms);

    /// <summary>A conversation with one of everything.</summary>
    private static async Task FillAsync(Person person, ChatClient bob, string room, string mentioned)
    {
        await JoinAsync(person, room, mentioned);
        await bob.SendAsync(room, "**Bold**, `code`, a link to https://example.org/with/a/path/that/is/long/enough/to/be/broken and a few more words");
        await bob.SendAsync(room, "```csharp\n// a comment that goes on for longer than a phone is wide, and then some more of it\nvar answer = \"42\" + 1;\n```");
        await bob.SendAsync(room, "| name | value |\n|---|---|\n| first | of a table |\n\n> a quotation\n\n- one\n- two");
        var first = await bob.SendAsync(room, "A question with a thread below it, a pin and reactions");
        await bob.Rest.CallAsync(HttpMethod.Put, $"api/rooms/{room}/messages/{first.Id}/pin");
        foreach (var emoji in new[] { "👍", "🎉", "❤️", "😂", "👀", "🙏" })
        {
            await bob.Rest.CallAsync(HttpMethod.Put, $"api/rooms/{room}/messages/{first.Id}/reactions/{Uri.EscapeDataString(emoji)}");
        }

        await (await bob.SocketAsync()).RequestAsync("message.send", room, new JsonObject
        {
            ["cid"] = bob.NewCid(), ["text"] = "A reply in the thread, long enough to be broken into lines", ["thread"] = first.Id,
        });
        await bob.SendAsync(room, "The last thing that bob said");
        await bob.SendAsync(mentioned, $"This is for @{person.Username}");
    }

    private async Task WalkListAsync(Person ana, ChatClient bob, string stranger)
    {
        await ana.Page.GotoAsync(new Uri(Url, "#/").ToString());
        await ana.Page.ReloadAsync();
        await Assertions.Expect(ana.Page.GetByTestId("mention-count").First).ToBeVisibleAsync();
        await _fit.CheckAsync(ana, "rooms");
        await _fit.CheckOpenedAsync(ana, "room-item-menu", "room-mute");
        await _fit.CheckOpenedAsync(ana, "create-room", "create-room-dialog");
        await ana.Page.GetByTestId("inbox").ClickAsync();
        await Assertions.Expect(ana.Page.GetByTestId("mark-all-read")).ToBeVisibleAsync();
        await _fit.CheckAsync(ana, "inbox");
        await ana.Page.GetByTestId("rooms-all").ClickAsync();
        await ana.Page.GetByTestId("discover-open").ClickAsync();
        await Assertions.Expect(ana.Page.GetByTestId("discover-item").First).ToBeVisibleAsync();
        await _fit.CheckOverlayAsync(ana, "discover-dialog");
        await ana.Page.GetByTestId("new-message").ClickAsync();
        await ana.Page.GetByTestId("people-search").FillAsync(bob.Username);
        await ana.Page.GetByTestId("person-option").First.ClickAsync();
        await _fit.CheckOverlayAsync(ana, "new-message-dialog");
        await _fit.CheckOpenedAsync(ana, "user-menu", "settings-open");
        await ana.Page.GetByTestId("user-menu").ClickAsync();
        await _fit.CheckOpenedAsync(ana, "settings-open", "settings-dialog");
        await ana.Page.GetByTestId("user-menu").ClickAsync();
        await _fit.CheckOpenedAsync(ana, "shortcuts-open", "shortcuts-dialog");
        await ana.Page.Keyboard.PressAsync("Control+k");
        await ana.Page.GetByTestId("switcher-input").FillAsync("a");
        await _fit.CheckOverlayAsync(ana, "room-switcher");
        await ana.Page.GetByTestId("search-open").ClickAsync();
        await ana.Page.GetByTestId("search-input").FillAsync("has:link bold");
        await Assertions.Expect(ana.Page.GetByTestId("search-hit").First).ToBeVisibleAsync();
        await _fit.CheckOverlayAsync(ana, "search-dialog");

        await ana.Page.GotoAsync(new Uri(Url, $"#/r/{stranger}").ToString());
        await Assertions.Expect(ana.Page.GetByTestId("room-preview-page")).ToBeVisibleAsync();
        await _fit.CheckAsync(ana, "preview");
    }

    private async Task WalkRoomAsync(Person ana, string room)
    {
        await ana.Page.GotoAsync(new Uri(Url, $"#/r/{room}").ToString());
        await Assertions.Expect(ana.Page.GetByText("The last thing that bob said").Last).ToBeVisibleAsync();
        await _fit.CheckAsync(ana, "room");
        await _fit.CheckOpenedAsync(ana, "conversation-name", "room-details-dialog");
        await _fit.CheckOpenedAsync(ana, "room-menu", "leave-room");
        await ana.Page.GetByTestId("room-menu").ClickAsync();
        await _fit.CheckOpenedAsync(ana, "leave-room", "leave-dialog");
        await _fit.CheckOpenedAsync(ana, "show-pins", "pins-dialog");
        await ana.Page.GetByTestId("members-toggle").ClickAsync();
        await Assertions.Expect(ana.Page.GetByTestId("member").First).ToBeVisibleAsync();
        await _fit.CheckAsync(ana, "members");
        await ana.Page.GetByTestId("members-close").ClickAsync();

        var message = ana.Page.GetByTestId("message").Filter(new() { HasText = "A question with a thread" }).First;
        await ana.Page.GetByTestId("message-author").First.ClickAsync();
        await Assertions.Expect(ana.Page.GetByTestId("profile-name")).ToBeVisibleAsync();
        await _fit.CheckOverlayAsync(ana, "profile-dialog");
        await message.GetByTestId("message-text").ClickAsync();
        await _fit.CheckOpenedAsync(ana, message.GetByTestId("message-menu"), "message-copy");
        await message.FocusAsync();
        await ana.Page.Keyboard.PressAsync("+");
        await Assertions.Expect(ana.Page.GetByTestId("emoji-often").First).ToBeVisibleAsync();
        await _fit.CheckOverlayAsync(ana, "emoji-picker");
        await message.FocusAsync();
        await ana.Page.Keyboard.PressAsync("s");
        await Assertions.Expect(ana.Page.GetByTestId("message-saved")).ToBeVisibleAsync();
        await message.FocusAsync();
        await ana.Page.Keyboard.PressAsync("r");
        await ana.Page.GetByTestId("file-input").SetInputFilesAsync([
            new FilePayload { Name = "a picture with a long name.png", MimeType = "image/png", Buffer = await ana.PictureAsync(300, 200) },
            new FilePayload { Name = "the annual report of the year.bin", MimeType = "application/octet-stream", Buffer = new byte[2000] },
        ]);
        await ana.UploadedAsync();
        await ana.Page.GetByTestId("composer-input").FillAsync("An answer with files @");
        await _fit.CheckAsync(ana, "composer");
        await ana.Page.GetByTestId("composer-input").FillAsync("An answer with files");
        await ana.Page.GetByTestId("composer-send").ClickAsync();
        await Assertions.Expect(ana.Page.Locator("[data-testid=file-image][data-state=shown]").Last).ToBeVisibleAsync();
        await _fit.CheckAsync(ana, "files");
        await ana.Page.GetByTestId("composer-input").PressAsync("ArrowUp");
        await Assertions.Expect(ana.Page.GetByTestId("message-editor")).ToBeVisibleAsync();
        await _fit.CheckOverlayAsync(ana, "message-editor");
        await ana.Page.GetByTestId("image-open").Last.ClickAsync();
        await _fit.CheckOverlayAsync(ana, "lightbox");
        await ana.Page.GetByTestId("message").Last.FocusAsync();
        await ana.Page.Keyboard.PressAsync("Delete");
        await Assertions.Expect(ana.Page.GetByTestId("toast-action")).ToBeVisibleAsync();
        await _fit.CheckAsync(ana, "undo");
        await MessageSpecs.DismissAsync(ana);
    }

    private async Task WalkThreadAsync(Person ana)
    {
        await ana.Page.GetByTestId("thread-line").ClickAsync();
        await Assertions.Expect(ana.Page.GetByTestId("thread-input")).ToBeVisibleAsync();
        await _fit.CheckAsync(ana, "thread");
        await ana.Page.GetByTestId("thread-follow").ClickAsync();
        await Assertions.Expect(ana.Page.GetByTestId("thread-follow")).ToHaveAttributeAsync("aria-pressed", "true");
        await ana.Page.GetByTestId("thread-close").ClickAsync();
        await ana.Page.GetByTestId("back-to-rooms").ClickAsync();
        await ana.Page.GetByTestId("threads").ClickAsync();
        await Assertions.Expect(ana.Page.GetByTestId("thread-item")).ToBeVisibleAsync();
        await _fit.CheckAsync(ana, "threads");
        await _fit.CheckOpenedAsync(ana, "saved-open", "saved-dialog");
        await ana.Page.GetByTestId("rooms-all").ClickAsync();
    }

    private async Task WalkOwnRoomAsync(Person ana)
    {
        await ana.CreateRoomAsync($"{Long} of {ana.Username}");
        await _fit.CheckAsync(ana, "empty room");
        await _fit.CheckOpenedAsync(ana, "room-menu", "change-topic");
        foreach (var (item, dialog) in new[]
        {
            ("change-topic", "topic-dialog"), ("change-picture", "picture-dialog"), ("room-settings", "room-settings-dialog"), ("invite-people", "invite-dialog"),
        })
        {
            await ana.Page.GetByTestId("room-menu").ClickAsync();
            await ana.Page.GetByTestId(item).ClickAsync();
            if (dialog == "invite-dialog")
            {
                await ana.Page.GetByTestId("invite-create").ClickAsync();
                await Assertions.Expect(ana.Page.GetByTestId("invite-url")).ToBeVisibleAsync();
            }

            await _fit.CheckOverlayAsync(ana, dialog);
        }

        await ana.Page.Context.SetOfflineAsync(true);
        await Assertions.Expect(ana.Page.GetByTestId("retry-now")).ToBeVisibleAsync();
        await _fit.CheckAsync(ana, "offline");
        await ana.Page.Context.SetOfflineAsync(false);
    }
}
