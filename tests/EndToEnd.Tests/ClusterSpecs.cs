using AkkaChat.Support.Processes;

namespace AkkaChat.EndToEnd.Tests;

/// <summary>The same page through HAProxy, its people on different edges.</summary>
[Collection(BrowserCollection.Name)]
public sealed class ClusterSpecs(Browser browser)
{
    [Fact]
    public async Task TwoPeople_ShouldTalkThroughTheBalancer_AndSurviveTheDeathOfAnEdge()
    {
        await using var cluster = await ChatCluster.StartAsync(new ClusterShape(Rooms: 1, Edges: 2, HaProxy: true));
        await cluster.WatchAsync(async () =>
        {
            await using var ana = await browser.PersonAsync(cluster.Url);
            await using var bob = await browser.PersonAsync(cluster.Url, "pt-BR");
            await ana.RegisterAsync("ana");
            await bob.RegisterAsync("bob");
            await ana.CreateRoomAsync("Two edges");
            await bob.DiscoverAndJoinAsync("Two edges");
            await ana.SayAsync("hello");
            await bob.SeesAsync(["hello"]);
            await bob.SayAsync("olá");
            await ana.SeesAsync(["hello", "olá"]);
            ConversationSpecs.AssertQuiet(ana, bob);

            // One of the two hangs on the first edge: leastconn spread them.
            await cluster.Edges[0].KillAsync();
            await ana.SayAsync("is anybody there?");
            await bob.SayAsync("sim");
            foreach (var person in new[] { ana, bob })
            {
                var texts = person.Page.GetByTestId("message-text");
                await Microsoft.Playwright.Assertions.Expect(texts).ToHaveCountAsync(4, new() { Timeout = 45_000 });
                Assert.Equal(["hello", "is anybody there?", "olá", "sim"], (await texts.AllInnerTextsAsync()).Order(StringComparer.Ordinal));
                Assert.Empty(person.Complaints);
            }
        });
    }
}
