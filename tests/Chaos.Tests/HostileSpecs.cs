using AkkaChat.Chaos.Hostile;
using AkkaChat.Chaos.Stage;
using AkkaChat.Support;
using AkkaChat.Support.Processes;

namespace AkkaChat.Chaos.Tests;

/// <summary>
/// Hostile clients of <c>./test hostile</c> at a small size, one after the other on a real node: each is told off by the limit that is meant for it,
/// and nobody else notices. How long others' sends take beside them at full size is for the command.
/// </summary>
public sealed class HostileSpecs : IAsyncLifetime
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>For each attack an answer that its limit gives, or, where it is slowed down and not refused, what others' loads show it was at work.</summary>
    private static readonly Dictionary<string, string> Expected = new()
    {
        ["hello-storm"] = "synced",
        ["waiting"] = "429",
        ["junk"] = "closed 4429",
        ["flood"] = "rate_limited",
        ["stalled-reader"] = "stalled",
        ["rooms"] = "429",
        ["events"] = "429",
        ["moves"] = "429",
    };

    private SingleNode? _node;

    public async Task InitializeAsync() => _node = await SingleNode.StartAsync(new Dictionary<string, string>
    {
        // Small limits, so that small attacks meet them.
        ["AkkaChat__Sockets__MaxPerAddress"] = "100",
        ["AkkaChat__Sockets__MaxWaitingPerAddress"] = "40",
        ["AkkaChat__Limits__RequestsPerSecond"] = "5",
        ["AkkaChat__Limits__RoomsPerHour"] = "10",
    });

    public async Task DisposeAsync() => await (_node?.DisposeAsync() ?? ValueTask.CompletedTask);

    [Fact]
    public async Task Attacks_ShouldMeetTheirLimits_AndHarmNobodyElse()
    {
        var url = new UriBuilder(_node!.Url) { Host = "127.0.0.1" }.Uri;
        await using var talk = await SteadyTalk.OfAsync([url], people: 4, rooms: 2, rate: 8);
        var target = await Target.PrepareAsync(url, talk.Rooms[0], AttackSizes.Small);

        foreach (var attack in Attack.All)
        {
            var answers = new Answers();
            using var end = new CancellationTokenSource();
            var attacking = Task.Run(() => attack.Run(target, answers, end.Token));
            await Eventually.AssertAsync(() => Assert.True(answers[Expected[attack.Name]] > 0, $"{attack.Name}: {answers}"), Patience);
            var sends = await talk.SendAsync(Window);
            await end.CancelAsync();
            await attacking;

            Assert.True(sends.Count == 8 && talk.Refused.IsEmpty, $"{attack.Name}: {sends.Count} sends were acknowledged, {string.Join(", ", talk.Refused)}");
            Assert.True(talk.Dropped == 0, $"{attack.Name}: {talk.Dropped} others were dropped");
        }

        Assert.True(_node.Process.IsRunning);
    }
}
