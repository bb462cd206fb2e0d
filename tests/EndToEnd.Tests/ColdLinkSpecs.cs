using System.Diagnostics;
using System.Globalization;
using AkkaChat.Support.Chat;
using Microsoft.Playwright;

namespace AkkaChat.EndToEnd.Tests;

/// <summary>
/// A link to a message, opened by a browser that has nothing of the page yet, on a slow connection. The spec asserts what has to arrive, which is what
/// takes the time. <c>AKKACHAT_TEST_SLOW=file</c> also writes how long it took, five times.
/// </summary>
[Collection(BrowserCollection.Name)]
public sealed class ColdLinkSpecs(Browser browser, ReadingSpecs.Server server) : IClassFixture<ReadingSpecs.Server>
{
    private static readonly string? Report = Environment.GetEnvironmentVariable("AKKACHAT_TEST_SLOW");

    [Fact]
    public async Task Link_ShouldShowItsMessage_WithFewBytesOnASlowConnection()
    {
        await using var ana = await ChatClient.RegisterAsync(server.Url);
        await ana.ConnectAsync();
        await using var bob = await browser.PersonAsync(server.Url);
        await bob.RegisterAsync("bob");
        var name = $"Cold {Guid.NewGuid():N}";
        var room = (await ana.Rest.CreateRoomAsync(name)).GetProperty("id").GetString()!;
        await bob.DiscoverAndJoinAsync(name);
        var sent = new List<Sent>();
        for (var i = 0; i < 300; i++)
        {
            sent.Add(await ana.SendAsync(room, $"message {i} of those that were written before"));
        }

        for (var time = 0; time < (Report is null ? 1 : 5); time++)
        {
            var (bytes, seconds) = await OpenAsync(bob, $"{server.Url}#/r/{room}/{sent[100].Id}", "message 100 of those");
            if (Report is not null)
            {
                await File.AppendAllTextAsync(Report, string.Create(CultureInfo.InvariantCulture, $"{seconds:0.00} s, {bytes} bytes\n"));
            }

            Assert.InRange(bytes, 1, 350_000);
        }

        ConversationSpecs.AssertQuiet(bob);
    }

    /// <summary>Slow 4G as browsers' tools define it: 1.6 Mbit/s down, 750 kbit/s up, 150 ms there and back.</summary>
    private static async Task<(long Bytes, double Seconds)> OpenAsync(Person person, string link, string text)
    {
        var page = await person.Page.Context.NewPageAsync();
        var network = await page.Context.NewCDPSessionAsync(page);
        var bytes = 0L;
        network.Event("Network.loadingFinished").OnEvent += (_, e) =>
            Interlocked.Add(ref bytes, (long)(e?.GetProperty("encodedDataLength").GetDouble() ?? 0));
        await network.SendAsync("Network.enable");
        await network.SendAsync("Network.setCacheDisabled", new Dictionary<string, object> { ["cacheDisabled"] = true });
        await network.SendAsync("Network.emulateNetworkConditions", new Dictionary<string, object>
        {
            ["offline"] = false,
            ["latency"] = 150,
            ["downloadThroughput"] = 1.6e6 / 8,
            ["uploadThroughput"] = 750e3 / 8,
        });
        var started = Stopwatch.GetTimestamp();
        await page.GotoAsync(link, new PageGotoOptions { WaitUntil = WaitUntilState.Commit });
        await Assertions.Expect(page.GetByText(text)).ToBeInViewportAsync(new() { Timeout = 2 * Person.Patience });
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var arrived = Interlocked.Read(ref bytes);
        await page.CloseAsync();
        return (arrived, seconds);
    }
}
