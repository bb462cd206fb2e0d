using Akka.Actor;
using Akka.TestKit;
using Akka.TestKit.Xunit2;

namespace AkkaChat.Cluster.Tests.Rooms;

/// <summary>On a scheduler that the spec advances.</summary>
public sealed class BroadcastRepeaterSpecs : TestKit
{
    private const string Configuration =
        """
        akka.loglevel = off
        akka.scheduler.implementation = "Akka.TestKit.TestScheduler, Akka.TestKit"
        """;

    private readonly IActorRef _owner;

    public BroadcastRepeaterSpecs()
        : base(Configuration)
    {
        _owner = Sys.ActorOf(Props.Create(() => new Owner(TestActor)));
    }

    [Fact]
    public void Broadcast_ShouldBeSentAfterEachPause_ThenNoMore()
    {
        Start("a");
        Assert.Equal(["a 1", "a 4"], Sent(seconds: 60));
    }

    [Fact]
    public void Start_ShouldBeginAgain_WhenASeriesIsUnderWay()
    {
        Start("a");
        Assert.Equal(["a 1"], Sent(seconds: 3));
        Start("a");
        Assert.Equal(["a 1", "a 4"], Sent(seconds: 60));
    }

    [Fact]
    public void Start_ShouldNotDisturbAnotherSeriesOfTheSameOwner()
    {
        Start("a");
        Assert.Equal(["a 1"], Sent(seconds: 2));
        Start("b");
        Assert.Equal(["b 1", "a 2", "b 4"], Sent(seconds: 60));
    }

    [Fact]
    public void Series_ShouldEnd_WhenTheOwnerStops()
    {
        Start("a");
        Watch(_owner);
        Sys.Stop(_owner);
        ExpectTerminated(_owner);
        ((TestScheduler)Sys.Scheduler).Advance(TimeSpan.FromMinutes(1));
        Assert.False(HasMessages);
    }

    private void Start(string broadcast)
    {
        _owner.Tell(broadcast);
        Settle();
    }

    /// <summary>Each broadcast that is sent, and the second after this call.</summary>
    private List<string> Sent(int seconds)
    {
        var sent = new List<string>();
        for (var second = 1; second <= seconds; second++)
        {
            ((TestScheduler)Sys.Scheduler).Advance(TimeSpan.FromSeconds(1));
            Settle();
            while (HasMessages)
            {
                sent.Add($"{ExpectMsg<string>()} {second}");
            }
        }

        return sent;
    }

    /// <summary>The owner has handled all that was sent to it.</summary>
    private void Settle()
    {
        var probe = CreateTestProbe();
        _owner.Tell(new Identify(null), probe);
        probe.ExpectMsg<ActorIdentity>();
    }

    private sealed class Owner : ReceiveActor, IWithTimers
    {
        public Owner(IActorRef sent)
        {
            var repeaters = new[] { "a", "b" }.ToDictionary(
                broadcast => broadcast,
                broadcast => new BroadcastRepeater(
                    this, () => sent.Tell(broadcast), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3)));
            Receive<string>(broadcast => repeaters[broadcast].Start());
            Receive<BroadcastRepeater.Due>(due => due.Send());
        }

        public ITimerScheduler Timers { get; set; } = null!;
    }
}
