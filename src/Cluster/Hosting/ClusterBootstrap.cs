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
/// </summary>
internal sealed class ClusterBootstrap : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(4);

    /// <summary>Long enough for a member that misses some rounds, short enough for a cluster that was killed as a whole.</summary>
    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(20);

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
        CoordinatedShutdown.Get(Context.System).AddTask(CoordinatedShutdown.PhaseClusterExitingDone, "forget-node", async () =>
        {
            using var timeout = new CancellationTokenSource(Timeout);
            await nodes.ForgetAsync(self, timeout.Token);
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
        return new Found(await _nodes.ListSeenAsync(MaxAge, timeout.Token));
    }

    private void OnFound(Found found)
    {
        _busy = false;
        if (_cluster.SelfMember.Status is MemberStatus.Up or MemberStatus.WeaklyUp)
        {
            return;
        }

        var others = found.Addresses.Select(Address.Parse).Where(address => address != _cluster.SelfAddress).ToList();
        var join = others.Count > 0 ? others : _seeds;
        if (!join.SequenceEqual(_joining))
        {
            _log.Info("Joining the cluster at {Nodes}", string.Join(", ", join));
            _joining = join;
            _cluster.JoinSeedNodes(join);
        }
    }

    private sealed record Found(IReadOnlyList<string> Addresses);

    private sealed record Said;

    private sealed class Round
    {
        public static readonly Round Instance = new();
    }
}
