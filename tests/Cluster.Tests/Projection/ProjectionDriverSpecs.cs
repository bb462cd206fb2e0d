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
        var projection = new FakeProjection(_work, _sweeps);
        _driver = Sys.ActorOf(Props.Create(() => new ProjectionDriver(projection)).WithMailbox(ToldMailbox.Name));
        Settle();
    }

    [Fact]
    public void RoomMoved_ShouldCatchUpOnceMore_WhenTheRoomMovedDuringACatchUp()
    {
        Moved(A);
        var first = ExpectWork(A);
        Moved(A, A, A);
        Assert.False(_work.HasMessages); // one at a time

        Complete(first);
        Advance(0.1);
        var second = ExpectWork(A);
        Complete(second);

        AssertQuiet();
    }

    [Fact]
    public void RoomMoved_ShouldWaitForThePause_WhenTheRoomHasJustBeenCarried()
    {
        Moved(A);
        Complete(ExpectWork(A));
        Moved(A, A);
        Assert.False(_work.HasMessages);

        Advance(0.1);
        Complete(ExpectWork(A));

        AssertQuiet();
    }

    [Fact]
    public void RoomMoved_ShouldCatchUpAtOnce_WhenThePauseIsOver()
    {
        Moved(A);
        Complete(ExpectWork(A));
        Advance(0.1);
        Moved(A);
        Complete(ExpectWork(A));
    }

    [Fact]
    public void RoomMoved_ShouldWaitForAPlace_WhenTwoRoomsAreUnderWay()
    {
        Moved(A, B, C, C);
        var first = ExpectWork(A);
        var second = ExpectWork(B);
        Assert.False(_work.HasMessages);

        Complete(second);
        Complete(ExpectWork(C));
        Complete(first);

        AssertQuiet();
    }

    [Fact]
    public void CatchUp_ShouldBeTriedAgain_WhenItFailed()
    {
        Moved(A, B);
        var a = ExpectWork(A);
        Complete(ExpectWork(B));
        Fail(a);
        Moved(C);
        Complete(ExpectWork(C)); // its place is free meanwhile

        Advance(4.9);
        Assert.False(_work.HasMessages);
        Advance(0.1);
        Fail(ExpectWork(A));
        Advance(5);
        Complete(ExpectWork(A));

        AssertQuiet();
    }

    [Fact]
    public void CatchUp_ShouldBeTriedOnceAgain_WhenTheRoomMovedBeforeItFailed()
    {
        Moved(A);
        var work = ExpectWork(A);
        Moved(A);
        Fail(work);
        Advance(5);
        Complete(ExpectWork(A));
        AssertQuiet();
    }

    [Fact]
    public void Sweep_ShouldCarryTheRoomsThatWereLeftBehind()
    {
        Advance(5);
        Found(_sweeps.ExpectMsg<FakeProjection.Sweep>(), A, B);
        Complete(ExpectWork(A));
        Complete(ExpectWork(B));
        Advance(5);
        _sweeps.ExpectMsg<FakeProjection.Sweep>();
    }

    [Fact]
    public void Sweep_ShouldNotStart_WhileOneIsUnderWay()
    {
        Advance(5);
        var sweep = _sweeps.ExpectMsg<FakeProjection.Sweep>();
        Advance(5);
        Settle();
        Assert.False(_sweeps.HasMessages);

        Found(sweep, A);
        Complete(ExpectWork(A));
        Advance(5);
        _sweeps.ExpectMsg<FakeProjection.Sweep>();
    }

    [Fact]
    public void Sweep_ShouldBeTriedAgain_WhenItFailed()
    {
        Advance(5);
        _sweeps.ExpectMsg<FakeProjection.Sweep>().Found.SetException(new IOException("The database is away."));
        AwaitTold("Failure");

        Advance(5);

        _sweeps.ExpectMsg<FakeProjection.Sweep>();
    }

    private void Moved(params RoomId[] rooms)
    {
        foreach (var room in rooms)
        {
            _driver.Tell(new RoomMoved(room));
        }

        Settle();
    }

    private FakeProjection.CatchUp ExpectWork(RoomId room)
    {
        var work = _work.ExpectMsg<FakeProjection.CatchUp>();
        Assert.Equal(room, work.Room);
        return work;
    }

    private void Complete(FakeProjection.CatchUp work)
    {
        work.Done.SetResult();
        AwaitTold("CaughtUp");
    }

    private void Fail(FakeProjection.CatchUp work)
    {
        work.Done.SetException(new IOException("The database is away."));
        AwaitTold("Failed");
    }

    private void Found(FakeProjection.Sweep sweep, params RoomId[] rooms)
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
        Advance(0.2);
        Settle();
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
