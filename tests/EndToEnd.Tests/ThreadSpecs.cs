using AkkaChat.Support;
using Microsoft.Playwright;

namespace AkkaChat.EndToEnd.Tests;

/// <summary>Two people in a thread: beside the room, in the list of threads, and on a phone.</summary>
[Collection(BrowserCollection.Name)]
public sealed class ThreadSpecs(Browser browser, ConversationSpecs.Server server) : IClassFixture<ConversationSpecs.Server>
{
    private readonly AxeReport _axe = new();

    [Fact]
    public async Task Thread_ShouldBeOpenedAnsweredFollowedAndRead_AtBothEnds()
    {
        await using var ana = await browser.PersonAsync(server.Node.Url);
        await using var bob = await browser.PersonAsync(server.Node.Url);
        await ana.RegisterAsync("ana");
        await bob.RegisterAsync("bob");
        await ana.CreateRoomAsync("Threaded");
        await bob.DiscoverAndJoinAsync("Threaded");
        await ana.SayAsync("Where do we eat?");
        await bob.SeesAsync(["Where do we eat?"]);

        // Bob answers in a thread. It is not in the room's list, and Ana, whose message it is, has it counted.
        await OpenThreadAsync(bob);
        await ReplyAsync(bob, "At the harbour");
        await ReplyAsync(bob, "At eight");
        await Assertions.Expect(Line(bob)).ToHaveAttributeAsync("data-count", "2");
        await Assertions.Expect(Line(ana)).ToHaveAttributeAsync("data-count", "2");
        await Assertions.Expect(Line(ana)).ToHaveAttributeAsync("data-unread", "2");
        await Assertions.Expect(Listed(ana)).ToHaveCountAsync(1);
        await Assertions.Expect(ana.Page.GetByTestId("threads")).ToHaveAttributeAsync("data-count", "1");
        await _axe.CheckAsync(ana, "thread line");

        // She finds it among her threads; it is read there, and everywhere.
        await ana.Page.GetByTestId("threads").ClickAsync();
        var item = ana.Page.GetByTestId("thread-item");
        await Assertions.Expect(item).ToHaveAttributeAsync("data-unread", "2");
        await _axe.CheckAsync(ana, "threads");
        await item.ClickAsync();
        await Assertions.Expect(Pane(ana).GetByText("At eight", new() { Exact = true })).ToBeVisibleAsync();
        await Assertions.Expect(ana.Page.GetByTestId("threads")).ToHaveAttributeAsync("data-count", "0");
        await ReplyAsync(ana, "I am in");
        await Assertions.Expect(Pane(bob).GetByText("I am in", new() { Exact = true })).ToBeVisibleAsync();
        await _axe.CheckAsync(ana, "thread");

        // Edited and deleted as any message.
        await Pane(bob).GetByTestId("thread-input").PressAsync("ArrowUp");
        await bob.Page.GetByTestId("message-editor-input").FillAsync("At nine");
        await bob.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(Pane(ana).GetByText("At nine", new() { Exact = true })).ToBeVisibleAsync();
        await Pane(bob).GetByTestId("message").Filter(new() { HasText = "At nine" }).HoverAsync();
        await Pane(bob).GetByTestId("message").Filter(new() { HasText = "At nine" }).GetByTestId("message-menu").ClickAsync();
        await bob.Page.GetByTestId("message-delete").ClickAsync();
        await Assertions.Expect(Line(ana)).ToHaveAttributeAsync("data-count", "2");
        await Assertions.Expect(Pane(ana).GetByTestId("thread-count")).ToHaveAttributeAsync("data-count", "2");

        // A right click and the keys do what they do in the room.
        var reply = Pane(bob).GetByTestId("message").Filter(new() { HasText = "I am in" });
        await reply.GetByTestId("message-text").ClickAsync(new() { Button = MouseButton.Right });
        await Assertions.Expect(bob.Page.GetByTestId("message-popup").GetByTestId("context-reply")).ToBeVisibleAsync();
        await Assertions.Expect(bob.Page.GetByTestId("message-thread-menu")).ToHaveCountAsync(0);
        await bob.Page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(bob.Page.GetByTestId("message-popup")).ToHaveCountAsync(0);
        await reply.FocusAsync();
        await bob.Page.Keyboard.PressAsync("s");
        await Assertions.Expect(reply.GetByTestId("message-saved")).ToBeVisibleAsync();

        // Escape ends it, and the focus is where it was; a link opens it again.
        await Pane(bob).GetByTestId("thread-input").FocusAsync();
        await bob.Page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(Pane(bob)).ToHaveCountAsync(0);
        await Assertions.Expect(bob.Page.GetByTestId("message-thread")).ToBeFocusedAsync();
        var address = ana.Page.Url;
        await bob.Page.GotoAsync(address);
        await Assertions.Expect(Pane(bob).GetByText("I am in", new() { Exact = true })).ToBeVisibleAsync();

        // Whoever does not follow it is not told.
        await Pane(bob).GetByTestId("thread-follow").ClickAsync();
        await Assertions.Expect(Pane(bob).GetByTestId("thread-follow")).ToHaveAttributeAsync("aria-pressed", "false");
        await Pane(bob).GetByTestId("thread-close").ClickAsync();
        await ReplyAsync(ana, "Nobody else?");
        await Assertions.Expect(Line(bob)).ToHaveAttributeAsync("data-count", "3");
        await Assertions.Expect(bob.Page.GetByTestId("threads")).ToHaveAttributeAsync("data-count", "0");

        _axe.AssertClean();
        ConversationSpecs.AssertQuiet(ana, bob);
    }

    [Fact]
    public async Task Files_ShouldReachTheThread_PickedDroppedAndPasted_AndNotTheRoom()
    {
        await using var ana = await browser.PersonAsync(server.Node.Url);
        await using var bob = await browser.PersonAsync(server.Node.Url);
        await ana.RegisterAsync("ana");
        await bob.RegisterAsync("bob");
        await ana.CreateRoomAsync("Threaded files");
        await bob.DiscoverAndJoinAsync("Threaded files");
        await ana.SayAsync("Who has the pictures?");
        await bob.SeesAsync(["Who has the pictures?"]);
        await OpenThreadAsync(bob);
        await OpenThreadAsync(ana);

        await Pane(bob).GetByTestId("file-input").SetInputFilesAsync(new FilePayload { Name = "wide.png", MimeType = "image/png", Buffer = await bob.PictureAsync(600, 400) });
        var dropped = Path.Combine(Directory.CreateTempSubdirectory("akkachat-drop-").FullName, "report.bin");
        await File.WriteAllBytesAsync(dropped, new byte[2000]);
        await bob.DropAsync(dropped, Pane(bob).GetByTestId("thread-list"));
        await bob.PasteAsync(await bob.PictureAsync(300, 300), "image.png", "image/png", "thread-input");
        await Assertions.Expect(Pane(bob).GetByTestId("attachment")).ToHaveCountAsync(3);
        await bob.UploadedAsync();

        // They are kept with the thread: over a reload, and not in the room's composer.
        await bob.Page.ReloadAsync();
        await Assertions.Expect(Pane(bob).GetByTestId("attachment")).ToHaveCountAsync(3);
        await Assertions.Expect(bob.Page.GetByTestId("attachment")).ToHaveCountAsync(3);
        await ReplyAsync(bob, "Here they are");
        await Assertions.Expect(bob.Page.GetByTestId("attachment")).ToHaveCountAsync(0);

        foreach (var person in new[] { ana, bob })
        {
            await Assertions.Expect(Pane(person).GetByTestId("image-open")).ToHaveCountAsync(2);
            await Assertions.Expect(Pane(person).GetByTestId("file-download")).ToHaveCountAsync(1);
            await Assertions.Expect(person.Page.GetByTestId("message-list").GetByTestId("image-open")).ToHaveCountAsync(0);
        }

        await Pane(ana).GetByTestId("image-open").First.ClickAsync();
        await Assertions.Expect(ana.Page.GetByTestId("lightbox-count")).ToHaveTextAsync("1 of 2");
        ConversationSpecs.AssertQuiet(ana, bob);
    }

    [Theory]
    [Trait("Run", "long")]
    [InlineData(390, 844)]
    [InlineData(768, 1024)]
    [InlineData(1440, 900)]
    public async Task Thread_ShouldFitTheScreen(int width, int height)
    {
        await using var ana = await browser.PersonAsync(server.Node.Url, size: (width, height));
        await ana.RegisterAsync("ana");
        await ana.CreateRoomAsync($"Wide {width}");
        await ana.SayAsync("A message with a thread");
        await OpenThreadAsync(ana);
        foreach (var text in new[] { "one", "a longer reply, with more words than a narrow pane has room for on a single line", "three" })
        {
            await ReplyAsync(ana, text);
        }

        await _axe.CheckAsync(ana, $"thread {width}");
        await ana.Page.GetByTestId("thread-close").ClickAsync();
        await Assertions.Expect(Line(ana)).ToBeVisibleAsync();
        await _axe.CheckAsync(ana, $"room {width}");
        if (width < 600)
        {
            await ana.Page.GetByTestId("back-to-rooms").ClickAsync();
        }

        await ana.Page.GetByTestId("threads").ClickAsync();
        await Assertions.Expect(ana.Page.GetByTestId("thread-item")).ToBeVisibleAsync();
        await _axe.CheckAsync(ana, $"threads {width}");
        await ana.Page.GetByTestId("thread-item").ClickAsync();
        await Assertions.Expect(Pane(ana).GetByTestId("message")).ToHaveCountAsync(4);
        _axe.AssertClean();
        ConversationSpecs.AssertQuiet(ana);
    }

    private static ILocator Pane(Person person) => person.Page.GetByTestId("thread-pane");

    private static ILocator Line(Person person) => person.Page.GetByTestId("message-list").GetByTestId("thread-line");

    private static ILocator Listed(Person person) => person.Page.GetByTestId("message-list").GetByTestId("message");

    private static async Task OpenThreadAsync(Person person)
    {
        // A tap gives a message its toolbar where nothing hovers.
        await Listed(person).First.ClickAsync();
        await Listed(person).First.GetByTestId("message-thread").ClickAsync();
        await Assertions.Expect(Pane(person).GetByTestId("thread-input")).ToBeVisibleAsync();
    }

    private static async Task ReplyAsync(Person person, string text)
    {
        var input = Pane(person).GetByTestId("thread-input");
        await input.FillAsync(text);
        await input.PressAsync("Enter");
        await Assertions.Expect(Pane(person).GetByText(text, new() { Exact = true })).ToBeVisibleAsync();
    }
}
