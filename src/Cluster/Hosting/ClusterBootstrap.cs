using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using AkkaChat.Persistence.Database;

namespace AkkaChat.Cluster.Hosting;

/// <summary>
/// Joins the node to its cluster. The configured seed nodes only form the very first cluster: a first seed that restarts while it cannot
/// reach the others would otherwise form a second one, and the two would never merge. So each member records itself in the database, and a
/// starting node joins the recorded members, waiting as long as they are unreachable. Only when the database lists no member may the first
/// seed form a cluster.
/// A node that restarts at its old address listens for a moment before it joins. The others still try to reach its last incarnation there.
/// When two nodes connect to each other at once, and one is a new incarnation, Akka remoting can end up with a dead link that only the
/// failure detector notices.
/// </summary>
internal sealed class ClusterBootstrap : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(4);

    /// <summary>Covers a member that misses some rounds, and expires soon after a whole cluster was killed.</summary>
    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(20);

    /// <summary>How long other nodes may still try to reach one that has left.</summary>
    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(5);

    /// <summary>Other nodes retry after <c>retry-gate-closed-for</c> (1 s) and send a heartbeat once a second.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(3);

    private readonly ClusterNodes _nodes;
    private readonly IReadOnlyList<Address> _seeds;
    private readonly AkkaCluster _cluster = AkkaCluster.Get(Context.System);
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private IReadOnlyList<Address> _joining = [];
    private bool _busy;

    public ClusterBootstrap(ClusterNodes nodes, IReadOnlyList<Address> seeds)
    {
        (_nodes, _seeds) = (nodes, seeds);
        Receive<Round>(_ => OnRound());
        Receive<Found>(OnFound);
        Receive<Join>(join => OnJoin(join.Nodes));
        Receive<Reported>(_ =>
        {
            // A statement lambda: the value of an assignment expression would be taken as "handled or not".
            _busy = false;
        });
        Receive<Status.Failure>(failure =>
        {
            _busy = false;
            _log.Warning(failure.Cause, "Querying the database for cluster members failed; retrying in the next round");
        });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private string SelfAddress => _cluster.SelfAddress.ToString();

    protected override void PreStart()
    {
        Timers.StartPeriodicTimer(nameof(Round), Round.Instance, TimeSpan.Zero, Interval);
        var (nodes, self, log) = (_nodes, SelfAddress, _log);
        CoordinatedShutdown.Get(Context.System).AddTask(CoordinatedShutdown.PhaseClusterExitingDone, "record-left", async () =>
        {
            using var timeout = new CancellationTokenSource(Timeout);
            log.Info("The node has left the cluster");
            await nodes.RecordLeftAsync(self, MaxAge * 2, timeout.Token);
            return Akka.Done.Instance;
        });
    }

    private void OnRound()
    {
        if (_busy)
        {
            return;
        }

        switch (_cluster.SelfMember.Status)
        {
            case MemberStatus.Up or MemberStatus.WeaklyUp:
                _busy = true;
                ReportAsync().PipeTo(Self);
                break;
            case MemberStatus.Joining or MemberStatus.Removed when !_cluster.IsTerminated:
                _busy = true;
                FindAsync().PipeTo(Self);
                break;
        }
    }

    private async Task<Reported> ReportAsync()
    {
        using var timeout = new CancellationTokenSource(Timeout);
        await _nodes.RecordSeenAsync(SelfAddress, timeout.Token);
        return new Reported();
    }

    private async Task<Found> FindAsync()
    {
        using var timeout = new CancellationTokenSource(Timeout);
        return new Found(await _nodes.ListAsync(Remembered, timeout.Token));
    }

    private void OnFound(Found found)
    {
        _busy = false;
        if (_cluster.SelfMember.Status is MemberStatus.Up or MemberStatus.WeaklyUp)
        {
            return;
        }

        // Nodes of before TLS between nodes was switched on, or off, cannot be reached any more.
        var protocol = _cluster.SelfAddress.Protocol;
        var others = found.Nodes.Where(node => node.Ago <= MaxAge && node.Address != SelfAddress).Select(node => Address.Parse(node.Address))
            .Where(address => address.Protocol == protocol).ToList();
        var join = others.Count > 0 ? others : _seeds;
        if (join.SequenceEqual(_joining))
        {
            return;
        }

        if (_joining.Count == 0 && others.Count > 0 && found.Nodes.Any(node => node.Address == SelfAddress))
        {
            _log.Info("A node at this address was a member recently; listening for {Seconds} s before joining", Quiet.TotalSeconds);
            Timers.StartSingleTimer(nameof(Join), new Join(join), Quiet);
        }
        else
        {
            OnJoin(join);
        }
    }

    private void OnJoin(IReadOnlyList<Address> nodes)
    {
        _log.Info("Joining the cluster at {Nodes}", string.Join(", ", nodes));
        _joining = nodes;
        _cluster.JoinSeedNodes(nodes);
    }

    /// <param name="Nodes">Recently recorded members, including this node's last incarnation.</param>
    private sealed record Found(IReadOnlyList<SeenNode> Nodes);

    private sealed record Join(IReadOnlyList<Address> Nodes);

    private sealed record Reported;

    private sealed class Round
    {
        public static readonly Round Instance = new();
    }
}
