using System.Text.RegularExpressions;
using AkkaChat.Support.Processes;
using Microsoft.Playwright;

namespace AkkaChat.EndToEnd.Tests;

/// <summary>The default product in a browser: one process on SQLite, the built web client.</summary>
[Collection(BrowserCollection.Name)]
public sealed class ConversationSpecs(Browser browser, ConversationSpecs.Server server) : IClassFixture<ConversationSpecs.Server>
{
    private Uri Url => server.Node.Url;

    [Fact]
    public async Task TwoPeople_ShouldTalk_AndLoseNothingOnReload()
    {
        await using var ana = await browser.PersonAsync(Url);
        await using var bob = await browser.PersonAsync(Url);
        await ana.RegisterAsync("ana");
        await bob.RegisterAsync("bob");
        await ana.CreateRoomAsync("Reading club");
        await bob.DiscoverAndJoinAsync("Reading club");

        var said = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            foreach (var person in new[] { ana, bob })
            {
                said.Add($"message {said.Count} of {person.Username}");
                await person.SayAsync(said[^1]);
                await ana.SeesAsync(said);
            }
        }

        await bob.SeesAsync(said);
        await bob.Page.ReloadAsync();
        await bob.InRoomAsync("Reading club");
        await bob.SeesAsync(said);
        said.Add("after the reload");
        await bob.SayAsync(said[^1]);
        await ana.SeesAsync(said);
        await bob.SeesAsync(said);

        AssertQuiet(ana, bob);
    }

    [Fact]
    public async Task Typing_ShouldShowAtTheOther()
    {
        await using var ana = await browser.PersonAsync(Url);
        await using var bob = await browser.PersonAsync(Url);
        await ana.RegisterAsync("ana");
        await bob.RegisterAsync("bob");
        await ana.CreateRoomAsync("Typists");
        await bob.DiscoverAndJoinAsync("Typists");

        await bob.Page.GetByTestId("composer-input").PressSequentiallyAsync("I am still at it", new() { Delay = 200 });
        await Assertions.Expect(ana.Page.GetByTestId("typing-indicator")).ToContainTextAsync(bob.Username);
        AssertQuiet(ana, bob);
    }

    [Fact]
    public async Task Topic_ShouldChangeAtTheOther_AndOnlyTheOwnerIsOfferedIt()
    {
        await using var ana = await browser.PersonAsync(Url);
        await using var bob = await browser.PersonAsync(Url);
        await ana.RegisterAsync("ana");
        await bob.RegisterAsync("bob");
        await ana.CreateRoomAsync("Gardeners");
        await bob.DiscoverAndJoinAsync("Gardeners");

        await ana.Page.GetByTestId("room-menu").ClickAsync();
        await ana.Page.GetByTestId("change-topic").ClickAsync();
        await Assertions.Expect(ana.Page.GetByTestId("topic-input")).ToBeFocusedAsync();
        await ana.Page.Keyboard.InsertTextAsync("Roses & thorns 🌹");
        await ana.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(ana.Page.GetByTestId("room-menu")).ToBeFocusedAsync();

        foreach (var person in new[] { ana, bob })
        {
            await Assertions.Expect(person.Page.GetByTestId("conversation-topic")).ToHaveTextAsync("Roses & thorns 🌹");
        }

        await bob.Page.ReloadAsync();
        await Assertions.Expect(bob.Page.GetByTestId("conversation-topic")).ToHaveTextAsync("Roses & thorns 🌹");
        await bob.Page.GetByTestId("room-menu").ClickAsync();
        await Assertions.Expect(bob.Page.GetByTestId("leave-room")).ToBeVisibleAsync();
        await Assertions.Expect(bob.Page.GetByTestId("change-topic")).ToHaveCountAsync(0);
        AssertQuiet(ana, bob);
    }

    [Fact]
    public async Task ServerKilled_ShouldDeliverWhatWasTypedMeanwhileOnce()
    {
        await using var ana = await browser.PersonAsync(Url);
        await using var bob = await browser.PersonAsync(Url);
        await ana.RegisterAsync("ana");
        await bob.RegisterAsync("bob");
        await ana.CreateRoomAsync("Power cut");
        await bob.DiscoverAndJoinAsync("Power cut");
        await ana.SayAsync("before");
        await bob.SeesAsync(["before"]);

        await server.Node.Process.KillAsync();
        await ana.SayAsync("into the dark");
        await Assertions.Expect(ana.Page.Locator("[data-testid=message][data-state=pending]")).ToHaveCountAsync(1);
        await Assertions.Expect(ana.Page.GetByTestId("connection-banner")).ToBeVisibleAsync();
        server.Node.Process.Start();
        await server.Node.Process.ReadyAsync();

        await ana.SeesAsync(["before", "into the dark"], 45_000);
        await bob.SeesAsync(["before", "into the dark"], 45_000);
        await Assertions.Expect(ana.Page.GetByTestId("connection-banner")).ToHaveCountAsync(0);
        AssertQuiet(ana, bob, network: true);
    }

    [Fact]
    public async Task UnsentMessage_ShouldSurviveAReload_AndBeSentOnce()
    {
        await using var ana = await browser.PersonAsync(Url);
        await ana.RegisterAsync("ana");
        await ana.CreateRoomAsync("Tunnel");
        await ana.SayAsync("before the tunnel");
        await ana.SeesAsync(["before the tunnel"]);

        // The page stays loaded from the browser's point of view; only its way to the server is gone.
        await server.Node.Process.KillAsync();
        await ana.SayAsync("in the tunnel");
        await Assertions.Expect(ana.Page.Locator("[data-testid=message][data-state=pending]")).ToHaveCountAsync(1);
        server.Node.Process.Start();
        await server.Node.Process.ReadyAsync();
        await ana.Page.ReloadAsync();

        await ana.SeesAsync(["before the tunnel", "in the tunnel"], 45_000);
        AssertQuiet(ana, network: true);
    }

    [Theory]
    [InlineData("en-US", "en", "^[56]:[0-9]{2}.PM$")]
    [InlineData("pt-BR", "pt-BR", "^1[78]:[0-9]{2}$")]
    public async Task Page_ShouldSpeakTheBrowsersLanguage(string locale, string lang, string afternoon)
    {
        await using var ana = await browser.PersonAsync(Url, locale);
        await AtFiveAsync(ana);
        await ana.RegisterAsync("ana");
        Assert.Equal(lang, await ana.LanguageAsync());
        var create = await ana.Page.GetByTestId("create-room").GetAttributeAsync("aria-label");
        Assert.Equal(lang == "en", create!.Contains("room", StringComparison.OrdinalIgnoreCase));

        // The time as people write it, and one word for who is there.
        await ana.CreateRoomAsync("Five o'clock");
        await ana.SayAsync("tea");
        await Assertions.Expect(ana.Page.GetByTestId("message").Locator("header time")).ToHaveTextAsync(new Regex(afternoon));
        await Assertions.Expect(ana.Page.GetByTestId("online-count")).ToContainTextAsync("1 online");
        Assert.DoesNotContain("on-line", await ana.Page.Locator("body").InnerTextAsync(), StringComparison.OrdinalIgnoreCase);
        AssertQuiet(ana);
    }

    [Fact]
    public async Task Phone_ShouldShowOnePaneAtATime()
    {
        await using var ana = await browser.PersonAsync(Url, size: (390, 844));
        await ana.RegisterAsync("ana");
        await ana.CreateRoomAsync("On the road");
        await ana.SayAsync("from the phone");
        await ana.SeesAsync(["from the phone"]);
        Assert.False(await ana.ScrollsSidewaysAsync());
        await Assertions.Expect(ana.Page.GetByTestId("room-list")).Not.ToBeInViewportAsync();

        await ana.Page.GetByTestId("back-to-rooms").ClickAsync();
        await Assertions.Expect(ana.Page.GetByTestId("room-list")).ToBeInViewportAsync();
        Assert.False(await ana.ScrollsSidewaysAsync());
        AssertQuiet(ana);
    }

    [Fact]
    public async Task Page_ShouldCarryAPolicyWithoutUnsafeScripts()
    {
        using var http = new HttpClient();
        using var answer = await http.GetAsync(Url);
        var policy = string.Join("; ", answer.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("default-src", policy, StringComparison.Ordinal);
        Assert.DoesNotContain(policy.Split(';'), directive => directive.Contains("script", StringComparison.Ordinal) && directive.Contains("unsafe", StringComparison.Ordinal));
    }

    internal static void AssertQuiet(params Person[] people) => Assert.All(people, person =>
    {
        var errors = person.Complaints.Concat(person.NetworkErrors).ToList();
        Assert.True(errors.Count == 0, string.Join('\n', errors));
    });

    /// <summary>Moves the page to where it is five in the afternoon.</summary>
    private static async Task AtFiveAsync(Person person)
    {
        var ahead = 17 - TimeProvider.System.GetUtcNow().Hour;
        ahead = ahead > 12 ? ahead - 24 : ahead;
        var session = await person.Page.Context.NewCDPSessionAsync(person.Page);
        // The names of these zones count westwards.
        await session.SendAsync("Emulation.setTimezoneOverride", new Dictionary<string, object> { ["timezoneId"] = $"Etc/GMT{-ahead:+0;-0}" });
    }

    private static void AssertQuiet(Person person, bool network) => AssertQuiet(person, person, network);

    private static void AssertQuiet(Person one, Person other, bool network)
    {
        Assert.Empty(one.Complaints.Concat(other.Complaints));
        Assert.True(network || (one.NetworkErrors.IsEmpty && other.NetworkErrors.IsEmpty));
    }

    public sealed class Server : IAsyncLifetime
    {
        private SingleNode? _node;

        public SingleNode Node => _node!;

        public async Task InitializeAsync()
        {
            Assert.True(Product.WebRoot is not null, "src/Web/dist is not built: npm ci && npm run build in src/Web");
            _node = await SingleNode.StartAsync();
        }

        public async Task DisposeAsync()
        {
            if (_node is not null)
            {
                await _node.DisposeAsync();
            }
        }
    }
}
