using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.TestKit.Xunit2;

namespace AkkaChat.Cluster.Tests.Rooms;

public sealed class RegionRegistrationSpecs() : TestKit(Configuration)
{
    private const string Configuration = """
        akka {
          loglevel = off
          actor.provider = cluster
          remote.dot-netty.tcp {
            hostname = 127.0.0.1
            port = 0
          }
        }
        """;

    [Fact]
    public void Node_ShouldNotBeReady_UntilTheCoordinatorKnowsItsRegion()
    {
        var check = new RegionCheck();
        Assert.Null(check.Reason); // a node without rooms waits for nothing
        var self = AkkaCluster.Get(Sys).SelfAddress;
        var region = CreateTestProbe();
        var asking = Watch(Sys.ActorOf(Props.Create(() => new RegionRegistration(region.Ref, check))));

        region.ExpectMsg<GetCurrentRegions>();
        Assert.NotNull(check.Reason);
        region.Reply(new CurrentRegions(ImmutableHashSet.Create(self.WithPort(1))));
        region.ExpectMsg<GetCurrentRegions>();
        Assert.NotNull(check.Reason);
        region.Reply(new CurrentRegions(ImmutableHashSet.Create(self, self.WithPort(1))));

        ExpectTerminated(asking);
        Assert.Null(check.Reason);
    }
}
