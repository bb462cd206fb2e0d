using System.Text.Json;
using System.Text.RegularExpressions;
using AkkaChat.Support;
using Microsoft.Playwright;

namespace AkkaChat.EndToEnd.Tests;

/// <summary>Pictures of people and rooms, the images of link cards, and files that want to be more than files.</summary>
[Collection(BrowserCollection.Name)]
public sealed class PictureSpecs(Browser browser, FileSpecs.Server server) : IClassFixture<FileSpecs.Server>
{
    private Uri Url => server.Node.Url;

    [Fact]
    public async Task Pictures_ShouldBeSeenByTheOther_AsTheyAreChosenReplacedAndRemoved()
    {
        await using var ana = await browser.PersonAsync(Url);
        await using var bob = await browser.PersonAsync(Url);
        await MeetAsync(ana, bob, "Portraits");
        await ana.SayAsync("before");
        await bob.SeesAsync(["before"]);
        var shown = bob.Page.GetByTestId("message").GetByTestId("picture");
        await Assertions.Expect(shown).ToHaveCountAsync(0);

        await ana.Page.GetByTestId("user-menu").ClickAsync();
        await ana.Page.GetByTestId("settings-open").ClickAsync();
        await ChooseAsync(ana, await ana.PictureAsync(800, 500));
        await ana.Page.GetByTestId("picture-crop").FocusAsync();
        await ana.Page.Keyboard.PressAsync("ArrowRight");
        await ana.Page.GetByTestId("picture-use").ClickAsync();

        await Assertions.Expect(shown).ToHaveAttributeAsync("data-state", "shown");
        await Assertions.Expect(bob.Page.GetByTestId("member").GetByTestId("picture")).ToHaveAttributeAsync("data-state", "shown");
        await Assertions.Expect(ana.Page.GetByTestId("user-menu").GetByTestId("picture")).ToHaveAttributeAsync("data-state", "shown");
        var first = await shown.GetAttributeAsync("src");
        await ChooseAsync(ana, await ana.PictureAsync(300, 300));
        await ana.Page.GetByTestId("picture-use").ClickAsync();
        await Assertions.Expect(shown).Not.ToHaveAttributeAsync("src", first!);
        await ana.Page.GetByTestId("picture-remove").ClickAsync();
        await Assertions.Expect(shown).ToHaveCountAsync(0);
        await ana.Page.Keyboard.PressAsync("Escape");

        await ana.Page.GetByTestId("room-menu").ClickAsync();
        await ana.Page.GetByTestId("change-picture").ClickAsync();
        await ChooseAsync(ana, await ana.PictureAsync(400, 400));
        await ana.Page.GetByTestId("picture-use").ClickAsync();
        foreach (var person in new[] { ana, bob })
        {
            await Assertions.Expect(person.Page.GetByTestId("room-item").GetByTestId("picture")).ToHaveAttributeAsync("data-state", "shown");
        }

        await bob.Page.ReloadAsync();
        await Assertions.Expect(bob.Page.GetByTestId("room-item").GetByTestId("picture")).ToHaveAttributeAsync("data-state", "shown");
        await Assertions.Expect(bob.Page.GetByTestId("change-picture")).ToHaveCountAsync(0);
        ConversationSpecs.AssertQuiet(ana, bob);
    }

    [Fact]
    public async Task Picture_ShouldBeRefused_WhereItIsNone()
    {
        await using var ana = await browser.PersonAsync(Url);
        await ana.RegisterAsync("ana");
        await ana.Page.GetByTestId("user-menu").ClickAsync();
        await ana.Page.GetByTestId("settings-open").ClickAsync();
        foreach (var (type, content) in new[] { ("image/png", "no picture"), ("image/svg+xml", "<svg xmlns='http://www.w3.org/2000/svg'/>") })
        {
            await ana.Page.GetByTestId("picture-input").SetInputFilesAsync(
                new FilePayload { Name = "me", MimeType = type, Buffer = System.Text.Encoding.UTF8.GetBytes(content) });
            await Assertions.Expect(ana.Page.GetByTestId("picture-field").GetByTestId("form-error")).ToContainTextAsync("PNG");
            await ana.Page.GetByTestId("picture-choose").FocusAsync();
        }

        ConversationSpecs.AssertQuiet(ana);
    }

    /// <summary>No reader's browser asks the site for anything: the server has, once.</summary>
    [Fact]
    public async Task LinkCard_ShouldShowItsImage_FromTheServer()
    {
        await using var ana = await browser.PersonAsync(Url);
        await using var bob = await browser.PersonAsync(Url);
        await MeetAsync(ana, bob, "Clippings");
        server.Site.Answer("/cover.png", await ana.PictureAsync(640, 320), "image/png");
        server.Site.Html("/story", "<title>A story</title><meta property=og:image content=/cover.png>");
        await ana.SayAsync(server.Site.Url("/story"));

        foreach (var person in new[] { ana, bob })
        {
            var image = person.Page.GetByTestId("link-card").GetByTestId("file-image");
            await Assertions.Expect(image).ToHaveAttributeAsync("data-state", "shown");
            await Assertions.Expect(image.Locator("img").Last).ToHaveAttributeAsync("src", new Regex("^/api/files/f_"));
        }

        Assert.Equal(1, server.Site.Count("/cover.png"));
        Assert.Equal(1, server.Site.Count("/story"));
        ConversationSpecs.AssertQuiet(ana, bob);
    }

    private static readonly (string Name, string Type, string Content)[] Hostile =
    [
        ("a.svg", "image/svg+xml", "<svg xmlns='http://www.w3.org/2000/svg' onload='STEAL'><script>STEAL</script></svg>"),
        ("a.html", "text/html", "<!doctype html><title>x</title><script>STEAL</script><img src=x onerror='STEAL'>"),
        ("a.xhtml", "application/xhtml+xml", "<html xmlns='http://www.w3.org/1999/xhtml'><script>STEAL</script></html>"),
        ("a.png", "image/png", "<!doctype html><script>STEAL</script>"),
        ("a.pdf", "application/pdf", "<html><script>STEAL</script></html>"),
    ];

    /// <summary>Opened by itself, framed and linked, on the page's own origin, by somebody who is signed in.</summary>
    [Fact]
    public async Task HostileFiles_ShouldRunNothing_WhenTheirUrlIsOpened()
    {
        const string Steal = "localStorage.setItem('stolen', document.cookie + document.domain); parent.stolen = top.stolen = true;";
        await using var ana = await browser.PersonAsync(Url);
        await ana.RegisterAsync("ana");
        await ana.CreateRoomAsync("Traps");
        await ana.AttachAsync([.. Hostile.Select(file => new FilePayload
        {
            Name = file.Name,
            MimeType = file.Type,
            Buffer = System.Text.Encoding.UTF8.GetBytes(file.Content.Replace("STEAL", Steal, StringComparison.Ordinal)),
        })]);
        await ana.SendAsync("open me");
        await ana.SeesAsync(["open me"]);
        var ids = await ana.Page.EvaluateAsync<string[]>(
            """
            async () => {
              const { items } = await (await fetch('/api/rooms?filter=joined')).json();
              const page = await (await fetch(`/api/rooms/${items[0].id}/messages`)).json();
              return page.items[0].files.map(file => file.id);
            }
            """);
        Assert.Equal(Hostile.Length, ids.Length);

        foreach (var (file, id) in Hostile.Zip(ids))
        {
            await AssertRunsNothingAsync(ana, file.Name, new Uri(Url, $"/api/files/{id}").ToString());
        }
    }

    private static async Task AssertRunsNothingAsync(Person person, string name, string url)
    {
        var answer = await person.Page.APIRequest.GetAsync(url);
        Assert.Equal("application/octet-stream", answer.Headers["content-type"]);
        Assert.StartsWith("attachment", answer.Headers["content-disposition"], StringComparison.Ordinal);
        Assert.Equal("nosniff", answer.Headers["x-content-type-options"]);
        Assert.Contains("default-src 'none'", answer.Headers["content-security-policy"], StringComparison.Ordinal);
        Assert.Contains("sandbox", answer.Headers["content-security-policy"], StringComparison.Ordinal);

        var opened = await person.Page.Context.NewPageAsync();
        var download = await opened.RunAndWaitForDownloadAsync(async () =>
        {
            try
            {
                await opened.GotoAsync(url);
            }
            catch (PlaywrightException e) when (e.Message.Contains("Download", StringComparison.Ordinal) || e.Message.Contains("ERR_ABORTED", StringComparison.Ordinal))
            {
                // It is saved, and not shown.
            }
        });
        Assert.Equal(name, download.SuggestedFilename);
        await opened.CloseAsync();
        var stolen = await person.Page.EvaluateAsync<JsonElement>(
            """
            async url => {
              const load = element => new Promise(done => {
                for (const name of ['load', 'error', 'securitypolicyviolation']) element.addEventListener(name, () => done());
                setTimeout(done, 1500); // a frame that turns out to be a download says nothing
                document.body.append(element);
              });
              const elements = ['iframe', 'embed', 'img', 'script'].map(tag => Object.assign(document.createElement(tag), { src: url }));
              await Promise.all([...elements, Object.assign(document.createElement('object'), { data: url })].map(load));
              return { seen: window.stolen ?? false, stored: localStorage.getItem('stolen') };
            }
            """,
            url);
        Assert.Equal((false, JsonValueKind.Null), (stolen.GetProperty("seen").GetBoolean(), stolen.GetProperty("stored").ValueKind));
    }

    /// <summary>The screens that people see: each by two people at once, in both themes, at the widths of a phone, a tablet and a desktop.</summary>
    [Fact]
    public Task Screens_ShouldFit_OnAPhone() => ScreensAsync(390, 844);

    [Theory]
    [InlineData(768, 1024)]
    [InlineData(1440, 900)]
    [Trait("Run", "long")]
    public Task Screens_ShouldFit_OnATabletAndADesktop(int width, int height) => ScreensAsync(width, height);

    private async Task ScreensAsync(int width, int height)
    {
        await using var ana = await browser.PersonAsync(Url, size: (width, height));
        await using var bob = await browser.PersonAsync(Url);
        var room = $"Screens {width}";
        await ana.RegisterAsync("ana");
        await bob.RegisterAsync("bob");
        await bob.CreateRoomAsync(room);
        await ana.DiscoverAndJoinAsync(room);
        server.Site.Answer("/wide.png", await bob.PictureAsync(1200, 630), "image/png");
        server.Site.Html($"/{width}", "<title>Rewilding the city, one courtyard at a time</title><meta property=og:site_name content='The Paper'><meta name=description content='What happens when a whole block stops mowing: a year of notes, counts and photographs.'><meta property=og:image content=/wide.png>");
        await bob.AttachAsync(
            new FilePayload { Name = "wide.png", MimeType = "image/png", Buffer = await bob.PictureAsync(1200, 800) },
            new FilePayload { Name = "tall.png", MimeType = "image/png", Buffer = await bob.PictureAsync(600, 900) },
            new FilePayload { Name = "square.png", MimeType = "image/png", Buffer = await bob.PictureAsync(500, 500) });
        await bob.SendAsync("Three from the walk");
        await bob.AttachAsync(new FilePayload { Name = "Minutes of the meeting, final version (2).zip", MimeType = "application/zip", Buffer = new byte[123_456] });
        await bob.SendAsync("And the minutes");
        await SetAvatarAsync(bob);
        await ana.SayAsync($"Have you read this? {server.Site.Url($"/{width}")}");
        await Assertions.Expect(ana.Page.GetByTestId("link-card").GetByTestId("file-image")).ToHaveAttributeAsync("data-state", "shown");
        await Assertions.Expect(ana.Page.Locator("[data-testid=message] [data-testid=picture][data-state=shown]").First).ToBeVisibleAsync();
        await Screens.FitAsTheyAreAsync(ana, $"conversation-{width}");

        await ana.Page.GetByTestId("file-input").SetInputFilesAsync(
        [
            new FilePayload { Name = "holiday.png", MimeType = "image/png", Buffer = await ana.PictureAsync(300, 200) },
            new FilePayload { Name = "a rather long name of a document.pdf", MimeType = "application/pdf", Buffer = new byte[9_000] },
            new FilePayload { Name = "huge.bin", MimeType = "application/octet-stream", Buffer = new byte[(16 * 1024 * 1024) + 1] },
        ]);
        await Assertions.Expect(ana.Page.Locator("[data-testid=attachment][data-state=done]")).ToHaveCountAsync(2);
        await Screens.FitAsTheyAreAsync(ana, $"composer-{width}");
        await ana.Page.GetByTestId("image-open").First.ClickAsync();
        await Assertions.Expect(ana.Page.GetByTestId("lightbox").Locator("[data-state=shown]")).ToHaveCountAsync(1);
        await Screens.FitAsTheyAreAsync(ana, $"lightbox-{width}");
        await ana.Page.Keyboard.PressAsync("Escape");

        if (!await ana.Page.GetByTestId("members-panel").IsVisibleAsync())
        {
            await ana.Page.GetByTestId("members-toggle").ClickAsync();
        }

        await Assertions.Expect(ana.Page.GetByTestId("member").GetByTestId("picture")).ToHaveAttributeAsync("data-state", "shown");
        await Screens.FitAsTheyAreAsync(ana, $"members-{width}");
        if (width < 1000)
        {
            await ana.Page.GetByTestId("members-close").ClickAsync();
        }

        if (width < 600)
        {
            await ana.Page.GetByTestId("back-to-rooms").ClickAsync();
        }

        await ana.Page.GetByTestId("user-menu").ClickAsync();
        await ana.Page.GetByTestId("settings-open").ClickAsync();
        await Screens.FitAsTheyAreAsync(ana, $"settings-{width}");
        await ChooseAsync(ana, await ana.PictureAsync(900, 600));
        await Screens.FitAsTheyAreAsync(ana, $"crop-{width}");
        await ana.Page.GetByTestId("picture-use").ClickAsync();
        await Assertions.Expect(ana.Page.GetByTestId("picture-remove")).ToBeVisibleAsync();
        await Screens.FitAsTheyAreAsync(ana, $"picture-{width}");
        await bob.Page.GetByTestId("room-menu").ClickAsync();
        await bob.Page.GetByTestId("change-picture").ClickAsync();
        await ChooseAsync(bob, await bob.PictureAsync(400, 400));
        await bob.Page.GetByTestId("picture-use").ClickAsync();
        await ana.Page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(ana.Page.GetByTestId("room-item").GetByTestId("picture")).ToHaveAttributeAsync("data-state", "shown");
        await Screens.FitAsTheyAreAsync(ana, $"rooms-{width}");
        ConversationSpecs.AssertQuiet(ana, bob);
    }

    private static async Task SetAvatarAsync(Person person)
    {
        await person.Page.GetByTestId("user-menu").ClickAsync();
        await person.Page.GetByTestId("settings-open").ClickAsync();
        await ChooseAsync(person, await person.PictureAsync(400, 400));
        await person.Page.GetByTestId("picture-use").ClickAsync();
        await Assertions.Expect(person.Page.GetByTestId("picture-remove")).ToBeVisibleAsync();
        await person.Page.Keyboard.PressAsync("Escape");
    }

    private static async Task ChooseAsync(Person person, byte[] picture)
    {
        await person.Page.GetByTestId("picture-input").SetInputFilesAsync(new FilePayload { Name = "me.png", MimeType = "image/png", Buffer = picture });
        await Assertions.Expect(person.Page.GetByTestId("picture-crop")).ToBeVisibleAsync();
    }

    private static async Task MeetAsync(Person ana, Person bob, string room)
    {
        await ana.RegisterAsync("ana");
        await bob.RegisterAsync("bob");
        await ana.CreateRoomAsync(room);
        await bob.DiscoverAndJoinAsync(room);
    }
}
