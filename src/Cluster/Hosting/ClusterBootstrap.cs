using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using AkkaChat.Persistence.Database;

namespace AkkaChat.Cluster.Hosting;

/// <summary>
/// Brings the node into its cluster. The seed nodes of the configuration are only for the first start of all: a first seed that restarts
/// while it cannot reach the others would make a second cluster, which nothing ever joins to the first. So each member says in the
/// database that it is there, and a node that starts joins those it finds there and waits for them however long they cannot be reached;
/// only where the database knows of nobody may the first seed begin a cluster.
/// A node that restarts at its old address listens for a moment before it joins. The others still call its last incarnation there, and where
/// two nodes connect to each other at the same time, one of which is new to the other, Akka's remoting can end up with a link on which
/// neither hears the other, which nothing notices but the failure detector.
/// </summary>
internal sealed class ClusterBootstrap : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(4);

    /// <summary>Long enough for a member that misses some rounds, short enough for a cluster that was killed as a whole.</summary>
    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(20);

    /// <summary>For how long others may still call a node that has gone.</summary>
    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(5);

    /// <summary>Others that call try again after a second of <c>retry-gate-closed-for</c> and have something to say once a second.</summary>
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
        Receive<Said>(_ =>
        {
            // In braces: an assignment as an expression would be taken for the answer whether the message was handled.
            _busy = false;
        });
        Receive<Status.Failure>(failure =>
        {
            _busy = false;
            _log.Warning(failure.Cause, "The database could not be asked for the cluster's members; the next round will");
        });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private string SelfAddress => _cluster.SelfAddress.ToString();

    protected override void PreStart()
    {
        Timers.StartPeriodicTimer(nameof(Round), Round.Instance, TimeSpan.Zero, Interval);
        var (nodes, self) = (_nodes, SelfAddress);
        CoordinatedShutdown.Get(Context.System).AddTask(CoordinatedShutdown.PhaseClusterExitingDone, "say-left", async () =>
        {
            using var timeout = new CancellationTokenSource(Timeout);
            await nodes.SayLeftAsync(self, MaxAge * 2, timeout.Token);
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
                SayAsync().PipeTo(Self);
                break;
            case MemberStatus.Joining or MemberStatus.Removed when !_cluster.IsTerminated:
                _busy = true;
                FindAsync().PipeTo(Self);
                break;
        }
    }

    private async Task<Said> SayAsync()
    {
        using var timeout = new CancellationTokenSource(Timeout);
        await _nodes.SaySeenAsync(SelfAddress, timeout.Token);
        return new Said();
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

        var others = found.Nodes.Where(node => node.Ago <= MaxAge && node.Address != SelfAddress).Select(node => Address.Parse(node.Address)).ToList();
        var join = others.Count > 0 ? others : _seeds;
        if (join.SequenceEqual(_joining))
        {
            return;
        }

        if (_joining.Count == 0 && others.Count > 0 && found.Nodes.Any(node => node.Address == SelfAddress))
        {
            _log.Info("A node at this address has lately been a member; listening for {Seconds} s before joining", Quiet.TotalSeconds);
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

    /// <param name="Nodes">Those that said lately that they are members, this one's last incarnation among them.</param>
    private sealed record Found(IReadOnlyList<SeenNode> Nodes);

    private sealed record Join(IReadOnlyList<Address> Nodes);

    private sealed record Said;

    private sealed class Round
    {
        public static readonly Round Instance = new();
    }
}
