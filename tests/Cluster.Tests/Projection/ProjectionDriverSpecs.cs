using Akka.Actor;
using Akka.Actor.Setup;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using AkkaChat.Cluster.Projection;
using AkkaChat.Cluster.Tests.Support;
using AkkaChat.Messages.Ids;
using static AkkaChat.Cluster.Projection.ProjectionDriver;

namespace AkkaChat.Cluster.Tests.Projection;

public sealed class ProjectionDriverSpecs : TestKit
{
    private const string Configuration =
        """
        akka {
          loglevel = off
          stdout-loglevel = off
          scheduler.implementation = "Akka.TestKit.TestScheduler, Akka.TestKit"
          test.single-expect-default = 15s
        }
        """;

    private static readonly RoomId A = new("r_a");
    private static readonly RoomId B = new("r_b");
    private static readonly RoomId C = new("r_c");

    private readonly TestProbe _work;
    private readonly TestProbe _sweeps;
    private readonly TestProbe _told;
    private readonly IActorRef _driver;

    public ProjectionDriverSpecs()
        : this(new MailboxListener())
    {
    }

    private ProjectionDriverSpecs(MailboxListener listener)
        : base(ActorSystemSetup.Create(BootstrapSetup.Create().WithConfig($"{Configuration}\n{ToldMailbox.Configuration}"), listener))
    {
        _work = CreateTestProbe("work");
        _sweeps = CreateTestProbe("sweeps");
        _told = CreateTestProbe("told");
        listener.Listener = _told;
        var projection = new FakeConsumers(_work, _sweeps);
        _driver = Sys.ActorOf(Props.Create(() => new ProjectionDriver(projection)).WithMailbox(ToldMailbox.Name));
        Settle();
    }

    [Fact]
    public void RoomMoved_ShouldBeCaughtUpTogether_WhenRoomsMoveWithinTheGathering()
    {
        Moved(A, B);
        Advance(0.2);
        Moved(C, A);
        Assert.False(_work.HasMessages);

        Advance(0.05);
        Complete(ExpectWork(A, B, C));

        AssertQuiet();
    }

    [Fact]
    public void RoomMoved_ShouldBeCaughtUpOnceMore_WhenItMovesDuringACatchUp()
    {
        Moved(A);
        Advance(0.25);
        var first = ExpectWork(A);
        Moved(A, B, A);
        Advance(1);
        Assert.False(_work.HasMessages); // one at a time

        Complete(first);
        Advance(0.25);
        Complete(ExpectWork(A, B));

        AssertQuiet();
    }

    [Fact]
    public void RoomMoved_ShouldBeCaughtUp_WhenItMovesAfterAQuietTime()
    {
        Moved(A);
        Advance(0.25);
        Complete(ExpectWork(A));
        Advance(3);
        Moved(A);
        Advance(0.25);
        Complete(ExpectWork(A));
    }

    [Fact]
    public void CatchUp_ShouldBeTriedAgain_WhenItFailedForSomeRooms()
    {
        Moved(A, B);
        Advance(0.25);
        Complete(ExpectWork(A, B), failed: A);
        Moved(C);
        Advance(0.25);
        Complete(ExpectWork(C)); // the others go on

        Advance(4.75);
        Advance(0.25);
        Complete(ExpectWork(A), failed: A);
        Advance(5);
        Advance(0.25);
        Complete(ExpectWork(A));

        AssertQuiet();
    }

    [Fact]
    public void CatchUp_ShouldBeTriedOnceAgain_WhenTheRoomMovesBeforeAndAfterItFailed()
    {
        Moved(A);
        Advance(0.25);
        var work = ExpectWork(A);
        Moved(A);
        Complete(work, failed: A);
        Moved(A);
        Advance(4.9);
        Assert.False(_work.HasMessages);
        Advance(0.1);
        Advance(0.25);
        Complete(ExpectWork(A));

        AssertQuiet();
    }

    [Fact]
    public void CatchUp_ShouldBeTriedAgainForAll_WhenTheDatabaseIsAway()
    {
        Moved(A, B);
        Advance(0.25);
        ExpectWork(A, B).Failed.SetException(new IOException("The database is away."));
        AwaitTold("CaughtUp");
        Advance(5);
        Advance(0.25);
        Complete(ExpectWork(A, B));

        AssertQuiet();
    }

    [Fact]
    public void Sweep_ShouldCarryTheRoomsThatWereLeftBehind()
    {
        Advance(5);
        Found(_sweeps.ExpectMsg<FakeConsumers.Sweep>(), A, B);
        Advance(0.25);
        Complete(ExpectWork(A, B));
        Advance(5);
        _sweeps.ExpectMsg<FakeConsumers.Sweep>();
    }

    [Fact]
    public void Sweep_ShouldNotStart_WhileOneIsUnderWay()
    {
        Advance(5);
        var sweep = _sweeps.ExpectMsg<FakeConsumers.Sweep>();
        Advance(5);
        Settle();
        Assert.False(_sweeps.HasMessages);

        Found(sweep, A);
        Advance(0.25);
        Complete(ExpectWork(A));
        Advance(5);
        _sweeps.ExpectMsg<FakeConsumers.Sweep>();
    }

    [Fact]
    public void Sweep_ShouldBeTriedAgain_WhenItFailed()
    {
        Advance(5);
        _sweeps.ExpectMsg<FakeConsumers.Sweep>().Found.SetException(new IOException("The database is away."));
        AwaitTold("Failure");

        Advance(5);

        _sweeps.ExpectMsg<FakeConsumers.Sweep>();
    }

    private void Moved(params RoomId[] rooms)
    {
        foreach (var room in rooms)
        {
            _driver.Tell(new RoomMoved(room));
        }

        Settle();
    }

    private FakeConsumers.CatchUp ExpectWork(params RoomId[] rooms)
    {
        var work = _work.ExpectMsg<FakeConsumers.CatchUp>();
        Assert.Equal(rooms.OrderBy(room => room.Value), work.Rooms.OrderBy(room => room.Value));
        return work;
    }

    private void Complete(FakeConsumers.CatchUp work, params RoomId[] failed)
    {
        work.Failed.SetResult(failed.ToDictionary(room => room, _ => (Exception)new IOException("The database is away.")));
        AwaitTold("CaughtUp");
    }

    private void Found(FakeConsumers.Sweep sweep, params RoomId[] rooms)
    {
        sweep.Found.SetResult(rooms);
        AwaitTold("Swept");
    }

    /// <summary>Until the driver has taken in the message of that name.</summary>
    private void AwaitTold(string message)
    {
        _told.FishForMessage<string>(told => told == message);
        Settle();
    }

    private void AssertQuiet()
    {
        Advance(0.5);
        Assert.False(_work.HasMessages);
    }

    private void Advance(double seconds)
    {
        ((TestScheduler)Sys.Scheduler).Advance(TimeSpan.FromSeconds(seconds));
        Settle();
    }

    private void Settle()
    {
        var probe = CreateTestProbe();
        _driver.Tell(new Identify(null), probe);
        probe.ExpectMsg<ActorIdentity>();
    }
}
