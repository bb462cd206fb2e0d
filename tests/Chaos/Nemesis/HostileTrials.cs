using AkkaChat.Chaos.Checking;
using AkkaChat.Chaos.Histories;
using AkkaChat.Chaos.Hostile;
using AkkaChat.Chaos.Stage;

namespace AkkaChat.Chaos.Nemesis;

/// <summary>
/// Hostile clients beside people of the trial's own, who talk at a fixed rate: windows without and with them by turns. No fault is at work, so that all that
/// the other users of the run are promised is judged meanwhile.
/// </summary>
internal sealed class HostileTrials(TestCluster cluster)
{
    private const string Prefix = "hostile-";
    private const int People = 15;
    private const int Rooms = 3;
    private const double Rate = 60;
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(2);

    /// <summary>What the machine does more or less of in time meets both alike.</summary>
    private static readonly bool[] Turns = [false, true, true, false, false, true];

    private int _played;

    public static IReadOnlyList<string> All { get; } = [.. new[] { "stalled-reader", "flood", "hello-storm" }.Select(attack => Prefix + attack)];

    public async Task<IsolationTrial> PlayAsync(string kind)
    {
        var from = Clock.Now;
        var attack = Attack.All.Single(attack => attack.Name == kind[Prefix.Length..]);
        var name = $"t{++_played}";
        var edges = cluster.Edges.Select(edge => edge.Url).ToList();
        await using var talk = await SteadyTalk.OfAsync(edges, People, Rooms, Rate, name);
        var target = await Target.PrepareAsync(edges[0], talk.Rooms[0], AttackSizes.Medium, name);
        using var owner = target.Owner;
        // What compiles for the first time is over after these.
        await talk.SendAsync(Settling);
        await PlayAsync(talk, target, attack, isAttacked: true, new Answers(), Settling);
        var answers = new Answers();
        var windows = new List<TalkWindow>();
        foreach (var isAttacked in Turns)
        {
            windows.Add(await PlayAsync(talk, target, attack, isAttacked, answers, Window));
        }

        return new IsolationTrial(attack.Name, from, windows, talk.Dropped, answers.ToString());
    }

    private static async Task<TalkWindow> PlayAsync(SteadyTalk talk, Target target, Attack attack, bool isAttacked, Answers answers, TimeSpan time)
    {
        using var end = new CancellationTokenSource();
        var attacking = isAttacked ? Task.Run(() => attack.Run(target, answers, end.Token)) : Task.CompletedTask;
        await Task.Delay(Settling);
        var (from, refused) = (Clock.Now, talk.Refused.Count);
        var sends = await talk.SendAsync(time);
        var window = new TalkWindow(isAttacked, from, Clock.Now, sends, talk.Refused.Count - refused);
        await end.CancelAsync();
        await attacking;
        return window;
    }
}
