using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Akka.Actor;
using Akka.Cluster;
using AkkaChat.Cluster.Hosting;

namespace AkkaChat.Cluster.Management;

/// <summary>The members of the cluster as this node sees them, and commands to change them.</summary>
internal sealed class ClusterPalette(RunningSystem running) : ICommandPalette
{
    private const int MaxTail = 1_024;
    private static readonly TimeSpan JoinTimeout = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan StatusInterval = TimeSpan.FromMilliseconds(50);
    private static readonly CommandSwitch AddressSwitch = new("a", "ADDRESS", "the member's address; without it this node");

    public string Name => "cluster";

    public string Summary => "Members of the cluster, as this node sees them";

    public IReadOnlyList<PaletteCommand> Commands =>
    [
        new("show", "Lists all members", (_, _) => Show()),
        new("status", "Shows one member, and whether it leads", (call, _) => Status(call)) { Switches = [AddressSwitch] },
        new("leader", "Shows the leader of the cluster or of a role", (call, _) => Leader(call))
        {
            Switches = [new("r", "ROLE", "the role; without it the cluster")],
        },
        new("join", "Makes this node join another's cluster or, given its own address, form a new one", JoinAsync)
        {
            Switches = [new("a", "ADDRESS", "the address of the node to join", IsRequired: true)],
        },
        new("leave", "Makes a member hand over its rooms and leave; its process exits", (call, _) => Leave(call)) { Switches = [AddressSwitch] },
        new("down", "Declares a member dead, though it may be alive: others take over its rooms", (call, _) => Down(call))
        {
            Switches = [new("a", "ADDRESS", "the member's address", IsRequired: true)],
        },
        new("down-unreachable", "Declares all members dead that this node cannot reach", (_, _) => DownUnreachable()),
        new("reachability", "Lists which members can be reached, and which have seen the latest state", (_, _) => Reachability()),
        new("tail", "Follows what happens to members", (_, stopped) => TailAsync(stopped)),
    ];

    private AkkaCluster Cluster => AkkaCluster.Get(running.Running());

    private async IAsyncEnumerable<CommandRow> Show()
    {
        await Task.CompletedTask;
        var cluster = Cluster;
        var members = cluster.State.Members.Select(cluster.View).ToList();
        foreach (var member in members)
        {
            yield return new CommandRow(member.Text(), member);
        }

        yield return new CommandRow($"Count: {members.Count} nodes");
    }

    private async IAsyncEnumerable<CommandRow> Status(CommandCall call)
    {
        await Task.CompletedTask;
        var cluster = Cluster;
        var member = call.Find("a") is { } address ? cluster.Member(address) : cluster.SelfMember;
        var view = cluster.View(member);
        var isLeader = cluster.State.Leader == member.Address;
        yield return new CommandRow(
            $"{view.Text()}{(isLeader ? " [leader]" : "")}", new { view.Address, view.Roles, view.Status, view.Reachable, view.Version, isLeader });
    }

    private async IAsyncEnumerable<CommandRow> Leader(CommandCall call)
    {
        await Task.CompletedTask;
        var role = call.Find("r");
        var leader = (role is null ? Cluster.State.Leader : Cluster.State.RoleLeader(role))
                     ?? throw new CommandException(role is null ? "The cluster has no leader now." : $"No member has the role {role}.");
        yield return new CommandRow(leader.ToString(), new { address = leader.ToString() });
    }

    private async IAsyncEnumerable<CommandRow> JoinAsync(CommandCall call, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var cluster = Cluster;
        var address = Nodes.ParseAddress(call.Get("a")).WithProtocol(cluster.SelfAddress.Protocol);
        if (cluster.SelfMember.Status is not (MemberStatus.Removed or MemberStatus.Joining))
        {
            throw new CommandException($"This node is a member already ({cluster.SelfMember.Status}); restart it to let it join another cluster.");
        }

        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(JoinTimeout);
        try
        {
            await cluster.JoinAsync(address, timeout.Token);
            // SelfMember is updated a moment later.
            while (cluster.SelfMember.Status is not (MemberStatus.Up or MemberStatus.WeaklyUp))
            {
                await Task.Delay(StatusInterval, timeout.Token);
            }
        }
        catch (Exception e) when (e is ClusterJoinFailedException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            throw new CommandException($"This node is not up {JoinTimeout.TotalSeconds:0} s after it asked {address}; it keeps trying.");
        }

        var member = cluster.View(cluster.SelfMember);
        yield return new CommandRow(member.Text(), member);
    }

    private async IAsyncEnumerable<CommandRow> Leave(CommandCall call)
    {
        await Task.CompletedTask;
        var address = call.Find("a") is { } given ? Cluster.Member(given).Address : Cluster.SelfAddress;
        Cluster.Leave(address);
        yield return new CommandRow($"{address} leaves", new { address = address.ToString() });
    }

    private async IAsyncEnumerable<CommandRow> Down(CommandCall call)
    {
        await Task.CompletedTask;
        var address = Cluster.Member(call.Get("a")).Address;
        Cluster.Down(address);
        yield return new CommandRow($"{address} is declared dead", new { address = address.ToString() });
    }

    private async IAsyncEnumerable<CommandRow> DownUnreachable()
    {
        await Task.CompletedTask;
        var members = Cluster.State.Unreachable.ToList();
        foreach (var member in members)
        {
            Cluster.Down(member.Address);
            yield return new CommandRow($"{member.Address} is declared dead", new { address = member.Address.ToString() });
        }

        yield return new CommandRow($"Count: {members.Count} nodes");
    }

    private async IAsyncEnumerable<CommandRow> Reachability()
    {
        await Task.CompletedTask;
        var state = Cluster.State;
        foreach (var member in state.Members)
        {
            var (reachable, seen) = (!state.Unreachable.Contains(member), state.SeenBy.Contains(member.Address));
            yield return new CommandRow(
                $"{member.Address} | {(reachable ? "reachable" : "unreachable")} | {(seen ? "seen" : "not seen")}",
                new { address = member.Address.ToString(), reachable, seen });
        }

        yield return new CommandRow($"Count: {state.Unreachable.Count} unreachable");
    }

    private async IAsyncEnumerable<CommandRow> TailAsync([EnumeratorCancellation] CancellationToken stopped)
    {
        var system = running.Running();
        // A client that cannot keep up misses the oldest.
        var events = Channel.CreateBounded<CommandRow>(new BoundedChannelOptions(MaxTail) { FullMode = BoundedChannelFullMode.DropOldest });
        var tail = system.ActorOf(Props.Create(() => new Tail(events.Writer)));
        try
        {
            await foreach (var row in events.Reader.ReadAllAsync(stopped))
            {
                yield return row;
            }
        }
        finally
        {
            system.Stop(tail);
        }
    }

    /// <summary>First the current state as events, then the changes.</summary>
    private sealed class Tail : ReceiveActor
    {
        private readonly AkkaCluster _cluster = AkkaCluster.Get(Context.System);
        private readonly ChannelWriter<CommandRow> _rows;

        public Tail(ChannelWriter<CommandRow> rows)
        {
            _rows = rows;
            Receive<ClusterEvent.IMemberEvent>(happened => Report(happened.Member.Status.ToString(), happened.Member.Address));
            Receive<ClusterEvent.UnreachableMember>(happened => Report("unreachable", happened.Member.Address));
            Receive<ClusterEvent.ReachableMember>(happened => Report("reachable", happened.Member.Address));
            Receive<ClusterEvent.LeaderChanged>(happened => Report("leader", happened.Leader));
        }

        protected override void PreStart() => _cluster.Subscribe(
            Self,
            ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents,
            typeof(ClusterEvent.IMemberEvent),
            typeof(ClusterEvent.IReachabilityEvent),
            typeof(ClusterEvent.LeaderChanged));

        protected override void PostStop()
        {
            _cluster.Unsubscribe(Self);
            _rows.TryComplete();
        }

        private void Report(string what, Address? address)
        {
            var happened = what.ToLowerInvariant();
            _rows.TryWrite(new CommandRow($"{address?.ToString() ?? "nobody"} | {happened}", new { address = address?.ToString(), happened }));
        }
    }
}
