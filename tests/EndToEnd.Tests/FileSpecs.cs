using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using AkkaChat.Support;
using AkkaChat.Support.Processes;
using Microsoft.Playwright;

namespace AkkaChat.EndToEnd.Tests;

/// <summary>Files and link cards, from one browser to another.</summary>
[Collection(BrowserCollection.Name)]
public sealed class FileSpecs(Browser browser, FileSpecs.Server server) : IClassFixture<FileSpecs.Server>
{
    private const int MostBytes = 16 * 1024 * 1024;

    private Uri Url => server.Node.Url;

    [Fact]
    public async Task Files_ShouldReachTheOther_PickedDroppedAndPasted()
    {
        await using var ana = await browser.PersonAsync(Url);
        await using var bob = await browser.PersonAsync(Url);
        await MeetAsync(ana, bob, "Darkroom");
        // Bob's images wait, so that what is measured is what was reserved for them.
        var shown = new TaskCompletionSource();
        await bob.Page.RouteAsync("**/api/files/**", async route =>
        {
            await shown.Task;
            await route.ContinueAsync();
        });

        var report = RandomNumberGenerator.GetBytes(100_000);
        await ana.AttachAsync(
            new FilePayload { Name = "wide.png", MimeType = "image/png", Buffer = await ana.PictureAsync(1200, 800) },
            new FilePayload { Name = "Relatório nº 1.bin", MimeType = "application/octet-stream", Buffer = report });
        var dropped = Path.Combine(Directory.CreateTempSubdirectory("akkachat-drop-").FullName, "tall.png");
        await File.WriteAllBytesAsync(dropped, await ana.PictureAsync(600, 900));
        await ana.DropAsync(dropped, ana.Page.GetByTestId("room-list"));
        await Assertions.Expect(ana.Page.GetByTestId("attachment")).ToHaveCountAsync(2);
        await ana.DropAsync(dropped, ana.Page.GetByTestId("message-list"));
        await Assertions.Expect(ana.Page.GetByTestId("drop-overlay")).ToHaveCountAsync(0);
        await ana.PasteAsync(await ana.PictureAsync(500, 500), "image.png", "image/png");
        await Assertions.Expect(ana.Page.GetByTestId("attachment")).ToHaveCountAsync(4);
        await ana.UploadedAsync();
        await ana.SendAsync("three pictures and a report");

        await bob.SeesAsync(["three pictures and a report"]);
        var tiles = bob.Page.GetByTestId("image-open");
        await Assertions.Expect(tiles).ToHaveCountAsync(3);
        var reserved = await bob.Page.GetByTestId("message").BoundingBoxAsync();
        shown.SetResult();
        await Assertions.Expect(bob.Page.Locator("[data-testid=file-image][data-state=shown]")).ToHaveCountAsync(3);
        var filled = await bob.Page.GetByTestId("message").BoundingBoxAsync();
        Assert.Equal((reserved!.Height, reserved.Width), (filled!.Height, filled.Width));
        Assert.True(reserved.Height > 250);
        await Assertions.Expect(ana.Page.Locator("[data-testid=file-image][data-state=shown]")).ToHaveCountAsync(3);

        await tiles.First.FocusAsync();
        await bob.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(bob.Page.GetByTestId("lightbox-count")).ToHaveTextAsync("1 of 3");
        await bob.Page.Keyboard.PressAsync("ArrowRight");
        await Assertions.Expect(bob.Page.GetByTestId("lightbox-count")).ToHaveTextAsync("2 of 3");
        await Assertions.Expect(bob.Page.GetByTestId("lightbox").Locator("[data-state=shown]")).ToHaveCountAsync(1);
        await bob.Page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(bob.Page.GetByTestId("lightbox")).ToHaveCountAsync(0);
        await Assertions.Expect(tiles.First).ToBeFocusedAsync();

        var download = await bob.Page.RunAndWaitForDownloadAsync(() => bob.Page.GetByTestId("file-download").ClickAsync());
        Assert.Equal("Relatório nº 1.bin", download.SuggestedFilename);
        Assert.Equal(report, await File.ReadAllBytesAsync(await download.PathAsync()));
        await bob.InRoomAsync("Darkroom");
        ConversationSpecs.AssertQuiet(ana, bob);
    }

    [Fact]
    public async Task Upload_ShouldEndHereAndOnTheServer_WhenCancelled()
    {
        await using var ana = await browser.PersonAsync(Url);
        await ana.RegisterAsync("ana");
        await ana.CreateRoomAsync("Second thoughts");
        await ana.PaceUploadsAsync(200_000);
        await PickAsync(ana, "slow.bin", new byte[4_000_000]);
        var chip = ana.Page.GetByTestId("attachment");
        await Assertions.Expect(chip).ToHaveAttributeAsync("data-file-id", new Regex("^f_"));
        var id = await chip.GetAttributeAsync("data-file-id");
        await Assertions.Expect(ana.Page.GetByTestId("composer-send")).ToBeDisabledAsync();

        await ana.Page.GetByTestId("attachment-remove").ClickAsync();

        await Assertions.Expect(chip).ToHaveCountAsync(0);
        await Assertions.Expect(ana.Page.GetByTestId("composer-input")).ToBeFocusedAsync();
        await Eventually.AssertAsync(async () => Assert.Equal(404, await StatusAsync(ana, id!)));
        Assert.Empty(ana.Complaints);
    }

    [Fact]
    public async Task File_ShouldBeRefusedBeforeTheFirstByte_WhenTooLarge()
    {
        await using var ana = await browser.PersonAsync(Url);
        await ana.RegisterAsync("ana");
        await ana.CreateRoomAsync("Heavy things");
        var requests = new List<string>();
        ana.Page.Request += (_, request) => requests.Add(request.Url);

        await PickAsync(ana, "huge.bin", new byte[MostBytes + 1]);

        await Assertions.Expect(ana.Page.GetByTestId("attachment")).ToHaveAttributeAsync("data-state", "refused");
        await Assertions.Expect(ana.Page.GetByTestId("attachment-status")).ToContainTextAsync("16 MB");
        await Assertions.Expect(ana.Page.GetByTestId("composer-send")).ToBeDisabledAsync();
        await ana.SayAsync("without it then");
        await ana.SeesAsync(["without it then"]);
        Assert.DoesNotContain(requests, url => url.Contains("/api/uploads", StringComparison.Ordinal));
        ConversationSpecs.AssertQuiet(ana);
    }

    [Fact]
    public async Task Upload_ShouldGoOnWhereItWas_WhenTheServerIsKilledInTheMiddle()
    {
        await using var ana = await browser.PersonAsync(Url);
        await using var bob = await browser.PersonAsync(Url);
        await MeetAsync(ana, bob, "Power cut with luggage");
        var offsets = new List<long>();
        ana.Page.Request += (_, request) =>
        {
            if (request.Method == "PATCH" && request.Headers.TryGetValue("upload-offset", out var offset))
            {
                offsets.Add(long.Parse(offset, CultureInfo.InvariantCulture));
            }
        };
        await ana.PaceUploadsAsync(1_500_000);
        var content = RandomNumberGenerator.GetBytes(12_000_000);
        await PickAsync(ana, "luggage.bin", content);
        var progress = ana.Page.GetByTestId("attachment-progress");
        await Eventually.AssertAsync(async () => Assert.InRange(
            int.Parse(await progress.GetAttributeAsync("aria-valuenow") ?? "0", CultureInfo.InvariantCulture), 30, 95));

        await server.Node.Process.KillAsync();
        await Assertions.Expect(ana.Page.GetByTestId("attachment")).ToHaveAttributeAsync("data-state", "waiting");
        await ana.PaceUploadsAsync(null);
        server.Node.Process.Start();
        await server.Node.Process.ReadyAsync();

        await ana.UploadedAsync(60_000);
        Assert.True(offsets.Count >= 2 && offsets[0] == 0 && offsets[^1] > 0, $"offsets: {string.Join(", ", offsets)}");
        await ana.SendAsync();
        var card = bob.Page.GetByTestId("file-download");
        await Assertions.Expect(card).ToBeVisibleAsync(new() { Timeout = 45_000 });
        var download = await bob.Page.RunAndWaitForDownloadAsync(() => card.ClickAsync());
        Assert.Equal(SHA256.HashData(content), SHA256.HashData(await File.ReadAllBytesAsync(await download.PathAsync())));
        // The killed server's lease on the upload has to run out first: until then it is locked.
        Assert.DoesNotContain(
            ana.Complaints.Concat(bob.Complaints), complaint => !complaint.Contains("status of 423", StringComparison.Ordinal));
    }

    [Fact]
    public async Task MessageWithFiles_ShouldBeSentOnce_AfterReloads()
    {
        await using var ana = await browser.PersonAsync(Url);
        await using var bob = await browser.PersonAsync(Url);
        await MeetAsync(ana, bob, "Postcards");
        await ana.AttachAsync(new FilePayload { Name = "card.png", MimeType = "image/png", Buffer = await ana.PictureAsync(300, 200) });

        // What is uploaded and not sent is still there after a reload; what is sent and not acknowledged is too.
        await ana.Page.ReloadAsync();
        await ana.UploadedAsync();
        await server.Node.Process.KillAsync();
        await ana.SendAsync("greetings");
        await Assertions.Expect(ana.Page.Locator("[data-testid=message][data-state=pending]")).ToHaveCountAsync(1);
        server.Node.Process.Start();
        await server.Node.Process.ReadyAsync();
        await ana.Page.ReloadAsync();

        foreach (var person in new[] { ana, bob })
        {
            await person.SeesAsync(["greetings"], 45_000);
            await Assertions.Expect(person.Page.GetByTestId("image-open")).ToHaveCountAsync(1);
            await Assertions.Expect(person.Page.Locator("[data-testid=file-image][data-state=shown]")).ToHaveCountAsync(1);
            Assert.Empty(person.Complaints);
        }

        await Assertions.Expect(ana.Page.GetByTestId("attachment")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task LinkCard_ShouldAppearAtBoth_UntilItsAuthorRemovesIt()
    {
        await using var ana = await browser.PersonAsync(Url);
        await using var bob = await browser.PersonAsync(Url);
        await MeetAsync(ana, bob, "Reading list");
        server.Site.Html("/article", "<title>A &lt;b&gt;bold&lt;/b&gt; title</title><meta name=description content='What it is about'>");
        var text = $"read this: {server.Site.Url("/article")}";
        await ana.SayAsync(text);

        foreach (var person in new[] { ana, bob })
        {
            var card = person.Page.GetByTestId("link-card");
            await Assertions.Expect(card).ToContainTextAsync("A <b>bold</b> title");
            await Assertions.Expect(card).ToContainTextAsync("What it is about");
            await Assertions.Expect(card).ToHaveAttributeAsync("rel", "noopener noreferrer nofollow");
        }

        await Assertions.Expect(bob.Page.GetByTestId("link-cards-remove")).ToHaveCountAsync(0);
        await ana.Page.GetByTestId("link-card").HoverAsync();
        await ana.Page.GetByTestId("link-cards-remove").ClickAsync();

        foreach (var person in new[] { ana, bob })
        {
            await Assertions.Expect(person.Page.GetByTestId("link-card")).ToHaveCountAsync(0);
        }

        await bob.Page.ReloadAsync();
        await bob.SeesAsync([text]);
        await Assertions.Expect(bob.Page.GetByTestId("link-card")).ToHaveCountAsync(0);
        ConversationSpecs.AssertQuiet(ana, bob);
    }

    private static async Task MeetAsync(Person ana, Person bob, string room)
    {
        await ana.RegisterAsync("ana");
        await bob.RegisterAsync("bob");
        await ana.CreateRoomAsync(room);
        await bob.DiscoverAndJoinAsync(room);
    }

    private static Task PickAsync(Person person, string name, byte[] content) => person.Page.GetByTestId("file-input").SetInputFilesAsync(
        new FilePayload { Name = name, MimeType = "application/octet-stream", Buffer = content });

    private static async Task<int> StatusAsync(Person person, string upload)
    {
        var answer = await person.Page.APIRequest.FetchAsync(
            new Uri(person.Url, $"/api/uploads/{upload}").ToString(),
            new() { Method = "HEAD", Headers = new Dictionary<string, string> { ["Tus-Resumable"] = "1.0.0" } });
        return answer.Status;
    }

    public sealed class Server : IAsyncLifetime
    {
        private SingleNode? _node;

        public SingleNode Node => _node!;

        /// <summary>What the messages' links lead to.</summary>
        public TestSite Site { get; } = TestSite.Start();

        public async Task InitializeAsync()
        {
            Assert.True(Product.WebRoot is not null, "src/Web/dist is not built: npm ci && npm run build in src/Web");
            _node = await SingleNode.StartAsync(new Dictionary<string, string>
            {
                ["AkkaChat__Files__MaxBytes"] = MostBytes.ToString(CultureInfo.InvariantCulture),
                ["AkkaChat__LinkCards__AllowedNetworks__0"] = "127.0.0.0/8",
                ["AkkaChat__LinkCards__AllowedPorts__0"] = Site.Port.ToString(CultureInfo.InvariantCulture),
            });
        }

        public async Task DisposeAsync()
        {
            if (_node is not null)
            {
                await _node.DisposeAsync();
            }

            await Site.DisposeAsync();
        }
    }
}
