using System.Text.Json;
using AkkaChat.Support;
using AkkaChat.Support.Chat;
using Microsoft.Playwright;

namespace AkkaChat.EndToEnd.Tests;

/// <summary>What somebody is told of: in the page, by the desktop and by a push.</summary>
[Collection(BrowserCollection.Name)]
public sealed class NoticeSpecs(Browser browser, ReadingSpecs.Server server) : IClassFixture<ReadingSpecs.Server>
{
    private const string Notices = "async () => (await (await navigator.serviceWorker.ready).getNotifications()).map(n => n.title + '|' + n.body)";

    [Fact]
    public async Task Page_ShouldTellOfMentions_OneAtATime_AndOfWhatIsAskedFor()
    {
        await using var ana = await ChatClient.RegisterAsync(server.Url);
        await ana.ConnectAsync();
        await using var bob = await browser.PersonAsync(server.Url);
        await bob.RegisterAsync("bob");
        var (first, second) = (await RoomAsync(ana, bob), await RoomAsync(ana, bob));
        await bob.CreateRoomAsync($"Where bob is {Guid.NewGuid():N}");
        var toast = bob.Page.GetByTestId("toast");

        await ana.SendAsync(first, "for everybody");
        await ana.SendAsync(first, $"for @{bob.Username}");
        await Assertions.Expect(toast).ToContainTextAsync($"for @{bob.Username}");
        await toast.HoverAsync(); // it stays while the pointer is over it
        await ana.SendAsync(second, $"also for @{bob.Username}");
        await Assertions.Expect(toast).ToHaveCountAsync(1);
        // Beside what is there, over nothing of it.
        Assert.Empty(await bob.Page.EvaluateAsync<string[]>(
            """
            () => {
              const box = id => document.querySelector(`[data-testid=${id}]`).getBoundingClientRect();
              const notice = box('toast');
              return ['members-panel', 'conversation-name', 'message-list', 'composer-input', 'room-list'].filter(id => {
                const other = box(id);
                return other.left < notice.right && notice.left < other.right && other.top < notice.bottom && notice.top < other.bottom;
              });
            }
            """));
        await Screens.KeepAsync(bob.Page, "notice");
        // The next comes once the first is away, and leads to its room.
        await toast.GetByRole(AriaRole.Button).Last.ClickAsync();
        await Assertions.Expect(toast).ToContainTextAsync("also for");
        await Assertions.Expect(bob.Page.Locator("link[rel=icon]")).ToHaveAttributeAsync("href", new System.Text.RegularExpressions.Regex("^data:image/png"));
        await toast.GetByRole(AriaRole.Button).First.ClickAsync();
        await Assertions.Expect(bob.Page.GetByTestId("conversation")).ToHaveAttributeAsync("data-room-id", second);

        await bob.Page.GetByTestId("user-menu").ClickAsync();
        await bob.Page.GetByTestId("settings-open").ClickAsync();
        await bob.Page.GetByTestId("notices-level").SelectOptionAsync("all");
        await bob.Page.GetByTestId("quiet-hours").CheckAsync();
        await Assertions.Expect(bob.Page.GetByTestId("quiet-from")).ToHaveValueAsync("22:00");
        await bob.Page.GetByTestId("notices-section").ScrollIntoViewIfNeededAsync();
        await Screens.KeepAsync(bob.Page, "notices-settings");
        await bob.Page.GetByTestId("quiet-hours").UncheckAsync();
        await Assertions.Expect(bob.Page.GetByTestId("quiet-from")).ToHaveCountAsync(0);
        await bob.Page.Keyboard.PressAsync("Escape");
        await ana.SendAsync(first, "for everybody, and bob wants it");
        await Assertions.Expect(toast).ToContainTextAsync("bob wants it");
        await toast.GetByRole(AriaRole.Button).Last.ClickAsync();

        await bob.Page.GetByTestId("user-menu").ClickAsync();
        await bob.Page.GetByTestId("settings-open").ClickAsync();
        await Assertions.Expect(bob.Page.GetByTestId("quiet-now")).ToHaveCountAsync(0);
        await bob.Page.GetByTestId("quiet-hour").ClickAsync();
        await Assertions.Expect(bob.Page.GetByTestId("quiet-end")).ToBeVisibleAsync();
        await Assertions.Expect(bob.Page.GetByTestId("quiet-now")).ToBeVisibleAsync();
        await bob.Page.Keyboard.PressAsync("Escape");
        await ana.SendAsync(first, $"at a quiet time @{bob.Username}");
        await Assertions.Expect(bob.Page.Locator($"[data-room-id='{first}'] [data-testid=mention-count]")).ToHaveAttributeAsync("data-count", "2");
        await Assertions.Expect(toast).ToHaveCountAsync(0);
        ConversationSpecs.AssertQuiet(bob);
    }

    [Fact]
    public async Task Desktop_ShouldShowOneNotice_WhateverTheTabsAndThePush()
    {
        await using var ana = await ChatClient.RegisterAsync(server.Url);
        await ana.ConnectAsync();
        await using var bob = await browser.PersonAsync(server.Url);
        await bob.Page.Context.GrantPermissionsAsync(["notifications"], new() { Origin = server.Url.GetLeftPart(UriPartial.Authority) });
        await bob.RegisterAsync("bob");
        var room = await RoomAsync(ana, bob);
        // Nobody looks at the pages.
        await bob.Page.Context.AddInitScriptAsync("document.hasFocus = () => false;");
        await bob.Page.ReloadAsync();
        var other = await bob.Page.Context.NewPageAsync();
        await other.GotoAsync(server.Url.ToString());
        foreach (var page in new[] { bob.Page, other })
        {
            await Assertions.Expect(page.GetByTestId("room-item")).ToHaveCountAsync(1);
            await Assertions.Expect(page.GetByTestId("connection-banner")).ToHaveCountAsync(0);
        }

        await ana.SendAsync(room, "for everybody");
        var sent = await ana.SendAsync(room, $"for @{bob.Username}");
        await Eventually.AssertAsync(async () => Assert.EndsWith($"for @{bob.Username}", Assert.Single(await bob.Page.EvaluateAsync<string[]>(Notices)), StringComparison.Ordinal));

        await Assertions.Expect(bob.Page.GetByTestId("toast")).ToHaveCountAsync(0);
        ConversationSpecs.AssertQuiet(bob);

        // The push for the same message takes the place of the page's notice, one for another message does not. Every page of this browser has
        // the focus, so that the worker leaves telling to it: none is open while the pushes come.
        await other.CloseAsync();
        await bob.Page.GotoAsync("about:blank");
        await PushAsync(bob.Page, room, $"{room}.{sent.Seq}", "the same, by a push");
        await PushAsync(bob.Page, room, $"{room}.{sent.Seq + 1}", "another");
        await bob.Page.GotoAsync(new Uri(server.Url, "health/live").ToString());
        await Eventually.AssertAsync(async () => Assert.Equal(
            ["ana · General|another", "ana · General|the same, by a push"], (await bob.Page.EvaluateAsync<string[]>(Notices)).Order(StringComparer.Ordinal)));
    }

    /// <summary>As the browser's push service would deliver it.</summary>
    private async Task PushAsync(IPage page, string room, string id, string text)
    {
        var session = await page.Context.NewCDPSessionAsync(page);
        var registration = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        session.Event("ServiceWorker.workerRegistrationUpdated").OnEvent += (_, e) =>
        {
            foreach (var one in e?.GetProperty("registrations").EnumerateArray() ?? default)
            {
                registration.TrySetResult(one.GetProperty("registrationId").GetString()!);
            }
        };
        await session.SendAsync("ServiceWorker.enable");
        await session.SendAsync("ServiceWorker.deliverPushMessage", new Dictionary<string, object>
        {
            ["origin"] = server.Url.GetLeftPart(UriPartial.Authority),
            ["registrationId"] = await registration.Task.WaitAsync(TimeSpan.FromSeconds(10)),
            ["data"] = JsonSerializer.Serialize(new { room, name = "General", id, author = "ana", text, files = 0, mentioned = true }),
        });
        await session.DetachAsync();
    }

    private static async Task<string> RoomAsync(ChatClient ana, Person bob)
    {
        var name = $"Told {Guid.NewGuid():N}";
        var room = (await ana.Rest.CreateRoomAsync(name)).GetProperty("id").GetString()!;
        await bob.DiscoverAndJoinAsync(name);
        return room;
    }
}
