using System.Globalization;
using AkkaChat.Support;
using AkkaChat.Support.Chat;
using Microsoft.Playwright;

namespace AkkaChat.EndToEnd.Tests;

/// <summary>
/// Many messages at once. The specs assert what must hold at any speed. <c>AKKACHAT_TEST_BURST=file</c> turns the first into a benchmark: 300 rooms,
/// 50 messages a second for 20 seconds, then 20 a second over all rooms; the frames that the browser made in a second are written to the file.
/// </summary>
[Collection(BrowserCollection.Name)]
public sealed class BurstSpecs(Browser browser, ReadingSpecs.Server server) : IClassFixture<ReadingSpecs.Server>
{
    private static readonly string? Report = Environment.GetEnvironmentVariable("AKKACHAT_TEST_BURST");

    /// <summary>Counts frames until it is asked for them: how many a second, and the longest wait for one in milliseconds.</summary>
    private const string CountFrames = """
        () => {
          const frames = [performance.now()];
          const count = now => { frames.push(now); if (!window.framesDone) requestAnimationFrame(count); };
          window.framesDone = false;
          window.framesTaken = () => {
            window.framesDone = true;
            const waits = frames.slice(1).map((now, i) => now - frames[i]);
            return [waits.length * 1000 / (frames.at(-1) - frames[0]), Math.max(...waits)];
          };
          requestAnimationFrame(count);
        }
        """;

    [Fact]
    public async Task List_ShouldStayAtItsEnd_WhileMessagesPourIn()
    {
        await using var ana = await ChatClient.RegisterAsync(server.Url);
        await ana.ConnectAsync();
        await using var bob = await browser.PersonAsync(server.Url, size: (1440, 900));
        await bob.RegisterAsync("bob");
        var name = $"Burst {Guid.NewGuid():N}";
        var room = Id(await ana.Rest.CreateRoomAsync(name));
        await bob.DiscoverAndJoinAsync(name);
        var others = Report is null ? [] : await RoomsAsync(ana, bob, 300);

        if (Report is null)
        {
            await Task.WhenAll(Enumerable.Range(1, 500).Select(i => ana.SendAsync(room, $"at once {i}")));
        }
        else
        {
            await MeasureAsync(bob, "before", () => Task.Delay(TimeSpan.FromSeconds(3)));
            await MeasureAsync(bob, "50 a second in the open room", () => PaceAsync(1000, 50, i => ana.SendAsync(room, Text(i))));
            await MeasureAsync(bob, "20 a second in 300 rooms", () => PaceAsync(300, 20, i => ana.SendAsync(others[i % others.Count], Text(i))));
        }

        await ana.SendAsync(room, "the last of all");
        await Assertions.Expect(bob.Page.GetByText("the last of all", new() { Exact = true }).Last).ToBeInViewportAsync();
        await Assertions.Expect(bob.Page.GetByTestId("jump-latest")).ToHaveCountAsync(0);
        await Assertions.Expect(bob.Page.Locator($"[data-testid=room-item][data-room-id='{room}'] [data-testid=unread-count]")).ToHaveCountAsync(0);
        // What the reader sees is what there is: nothing twice, nothing left out.
        var shown = await bob.Page.GetByTestId("message").EvaluateAllAsync<int[]>("rows => rows.map(row => Number(row.dataset.n))");
        Assert.Equal(Enumerable.Range(shown[0], shown.Length), shown);
        ConversationSpecs.AssertQuiet(bob);
    }

    [Fact]
    public async Task Jump_ShouldArriveAndStay_WhileMessagesPourIn()
    {
        await using var ana = await ChatClient.RegisterAsync(server.Url);
        await ana.ConnectAsync();
        await using var bob = await browser.PersonAsync(server.Url);
        await bob.RegisterAsync("bob");
        var name = $"Jumps {Guid.NewGuid():N}";
        var room = Id(await ana.Rest.CreateRoomAsync(name));
        await bob.DiscoverAndJoinAsync(name);
        var targets = new List<Sent>();
        for (var i = 0; i < 60; i++)
        {
            targets.Add(await ana.SendAsync(room, $"early {i}"));
        }

        await Assertions.Expect(bob.Page.GetByText("early 59", new() { Exact = true })).ToBeInViewportAsync();
        using var done = new CancellationTokenSource();
        var pouring = PaceAsync(2000, 100, i => ana.SendAsync(room, $"late {i}"), done.Token);
        // The first is on the screen, at the end that the list follows; the others are far above.
        foreach (var i in new[] { 50, 40, 5, 33 })
        {
            await bob.Page.EvaluateAsync("hash => { location.hash = hash; }", $"#/r/{room}/{targets[i].Id}");
            var target = bob.Page.GetByText($"early {i}", new() { Exact = true });
            await Assertions.Expect(target).ToBeInViewportAsync();
            // It is there to stay: a list that still followed its end would have taken it away.
            await Assertions.Expect(bob.Page.Locator("[data-testid=message][data-flash]")).ToHaveCountAsync(0);
            await Assertions.Expect(target).ToBeInViewportAsync();
            await bob.Page.GetByTestId("jump-latest").ClickAsync();
            await Assertions.Expect(bob.Page.GetByTestId("jump-latest")).ToHaveCountAsync(0);
        }

        await done.CancelAsync();
        await pouring;
        ConversationSpecs.AssertQuiet(bob);
    }

    private static string Text(int i) => i % 5 == 0 ? $"**{i}** is a number with `code` and https://example.org/{i}" : $"message {i}, which says what messages say";

    private static string Id(System.Text.Json.JsonElement room) => room.GetProperty("id").GetString()!;

    private static async Task<List<string>> RoomsAsync(ChatClient ana, Person bob, int count)
    {
        var rooms = new List<string>();
        for (var i = 0; i < count; i++)
        {
            rooms.Add(Id(await ana.Rest.CreateRoomAsync($"Project {i}")));
        }

        await bob.Page.EvaluateAsync(
            "async rooms => { for (const room of rooms) await fetch(`/api/rooms/${room}/join`, { method: 'POST', headers: { 'X-AkkaChat': '1' } }); }", rooms);
        await Assertions.Expect(bob.Page.GetByTestId("room-list")).ToHaveAttributeAsync("data-count", $"{count + 1}", new() { Timeout = 60_000 });
        return rooms;
    }

    private static async Task PaceAsync(int count, int perSecond, Func<int, Task> send, CancellationToken end = default)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / perSecond));
        var sent = new List<Task>();
        for (var i = 0; i < count && !end.IsCancellationRequested && await timer.WaitForNextTickAsync(CancellationToken.None); i++)
        {
            sent.Add(send(i));
        }

        await Task.WhenAll(sent);
    }

    private static async Task MeasureAsync(Person person, string what, Func<Task> work)
    {
        await person.Page.EvaluateAsync(CountFrames);
        await work();
        var frames = await person.Page.EvaluateAsync<double[]>("() => window.framesTaken()");
        var line = string.Create(CultureInfo.InvariantCulture, $"{what}: {frames[0]:F1} frames a second, the longest wait {frames[1]:F0} ms");
        await File.AppendAllLinesAsync(Report!, [line]);
    }
}
