using Akka.Actor;
using AkkaChat.Cluster.Hosting;

namespace AkkaChat.Cluster.Management;

/// <summary>The actors of this node.</summary>
internal sealed class ActorPalette(RunningSystem running) : ICommandPalette
{
    private const int DefaultDepth = 4;
    private const int MaxDepth = 100;
    private const int DefaultCount = 1_000;
    private const int MaxCount = 1_000_000;

    public string Name => "actor";

    public string Summary => "Actors of this node";

    public IReadOnlyList<PaletteCommand> Commands =>
    [
        new("hierarchy", "Lists actors by their paths, each below its parent", (call, _) => Hierarchy(call))
        {
            Switches =
            [
                new("d", "DEPTH", $"how many levels below the start; without it {DefaultDepth}"),
                new("s", "PATH", "where to start, such as /user or /system/sharding; without it the root"),
                new("n", "COUNT", $"the most actors; without it {DefaultCount}"),
            ],
        },
    ];

    private async IAsyncEnumerable<CommandRow> Hierarchy(CommandCall call)
    {
        await Task.CompletedTask;
        var depth = call.Number("d", DefaultDepth, MaxDepth);
        var left = call.Number("n", DefaultCount, MaxCount);
        var waiting = new Stack<(IActorRef Actor, int Depth)>();
        waiting.Push((Find(call.Find("s") ?? "/"), depth));
        while (waiting.TryPop(out var next))
        {
            if (left-- == 0)
            {
                yield return new CommandRow("… and more; start further down with -s, or raise -n");
                yield break;
            }

            var path = next.Actor.Path.ToStringWithoutAddress();
            yield return new CommandRow(path, new { path });
            if (next.Depth > 0)
            {
                foreach (var child in ChildrenOf(next.Actor).OrderByDescending(child => child.Path.Name, StringComparer.Ordinal))
                {
                    waiting.Push((child, next.Depth - 1));
                }
            }
        }
    }

    private IActorRef Find(string path)
    {
        IActorRef actor = ((ExtendedActorSystem)running.Running()).Provider.RootGuardian;
        foreach (var name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            actor = ChildrenOf(actor).FirstOrDefault(child => child.Path.Name == name)
                    ?? throw new CommandException($"There is no actor {path} on this node.");
        }

        return actor;
    }

    private static IEnumerable<IActorRef> ChildrenOf(IActorRef actor) => actor is ActorRefWithCell parent ? parent.Children : [];
}
