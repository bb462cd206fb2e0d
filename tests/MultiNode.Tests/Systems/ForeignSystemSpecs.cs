using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;
using Akka.TestKit.Xunit2;
using AkkaChat.Cluster.Hosting;
using AkkaChat.Messages.Serialization;
using AkkaChat.Support;

namespace AkkaChat.MultiNode.Tests.Systems;

/// <summary>An actor system that is no node but reaches a node's remoting port: what it sends is refused, and the node lives.</summary>
public sealed class ForeignSystemSpecs(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static readonly Config Remoting = ConfigurationFactory.ParseString(
        """
        akka {
          loglevel = off
          stdout-loglevel = off
          actor.provider = remote
          remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0, applied-adapters = ["trttl"] }
        }
        """);

    [Fact]
    public async Task Node_ShouldMakeNothingOfWhatAForeignSystemSends_AndLive()
    {
        await using var node = await SystemNode.StartAsync(ChatRoles.Room, await postgres.CreateDatabaseAsync());
        var bait = node.Kit.CreateTestProbe("bait");
        await using var foreign = new Foreign();

        await foreign.AttackAsync(node.Address, bait);

        Assert.Equal(0, Gadget.Made);
        Assert.Equal(0, Intruder.Made);
        Assert.Equal(Akka.Cluster.MemberStatus.Up, AkkaCluster.Get(node.System).SelfMember.Status);
        Assert.False(node.System.WhenTerminated.IsCompleted);
    }

    /// <summary>The attack is one: a system with Akka's own defaults makes an object of the type, and an actor of the class, that the stranger names.</summary>
    [Fact]
    public async Task Attack_ShouldSucceed_AgainstAkkasDefaults()
    {
        using var victim = ActorSystem.Create("chat", Remoting);
        var kit = new TestKit(victim);
        var bait = kit.CreateTestProbe("bait");
        await using var foreign = new Foreign();

        await foreign.AttackAsync(((ExtendedActorSystem)victim).Provider.DefaultAddress, bait);

        await Eventually.AssertAsync(() => Assert.True(Gadget.Made > 0 && Intruder.Made > 0, $"{Gadget.Made} objects, {Intruder.Made} actors"), Patience);
    }

    private sealed class Foreign : IAsyncDisposable
    {
        private readonly ActorSystem _system = ActorSystem.Create(
            "chat",
            ConfigurationFactory.ParseString(
                $$"""
                akka.actor {
                  serializers { unknown = "{{NameOf(typeof(UnknownSerializer))}}", forged = "{{NameOf(typeof(ForgedSerializer))}}" }
                  serialization-bindings { "{{NameOf(typeof(Unknown))}}" = unknown, "{{NameOf(typeof(Forged))}}" = forged }
                }
                """).WithFallback(Remoting));

        /// <summary>Returns when the node has passed on what came last, and so has been through all before it.</summary>
        public async Task AttackAsync(Address node, Akka.TestKit.TestProbe bait)
        {
            var target = _system.ActorSelection(new RootActorPath(node) / bait.Ref.Path.Elements);
            target.Tell("first");
            await bait.ExpectMsgAsync("first", Patience);
            foreach (var message in new object[] { new Gadget { Command = "made" }, new Unknown(), new Forged() })
            {
                target.Tell(message);
            }

            _system.ActorOf(Props.Create<Intruder>().WithDeploy(new Deploy(new RemoteScope(node))), "intruder");
            (Gadget.Made, Intruder.Made) = (0, 0);
            target.Tell("last");
            Assert.Equal("last", await bait.FishForMessageAsync<string>(text => text == "last", Patience));
        }

        public async ValueTask DisposeAsync() => await _system.Terminate();

        private static string NameOf(Type type) => $"{type.FullName}, {type.Assembly.GetName().Name}";
    }

    /// <summary>Stands for a type whose construction does harm.</summary>
    public sealed class Gadget
    {
        private static int _made;
        private string _command = "";

        public static int Made
        {
            get => Volatile.Read(ref _made);
            set => Volatile.Write(ref _made, value);
        }

        public string Command
        {
            get => _command;
            set
            {
                _command = value;
                Interlocked.Increment(ref _made);
            }
        }
    }

    /// <summary>An actor that a stranger deploys.</summary>
    public sealed class Intruder : UntypedActor
    {
        private static int _made;

        public Intruder() => Interlocked.Increment(ref _made);

        public static int Made
        {
            get => Volatile.Read(ref _made);
            set => Volatile.Write(ref _made, value);
        }

        protected override void OnReceive(object message)
        {
        }
    }

    public sealed record Unknown;

    public sealed record Forged;

    /// <summary>Of an id that the node does not have.</summary>
    public sealed class UnknownSerializer(ExtendedActorSystem system) : Serializer(system)
    {
        public override int Identifier => 99_999;

        public override bool IncludeManifest => true;

        public override byte[] ToBinary(object obj) => [1, 2, 3];

        public override object FromBinary(byte[] bytes, Type type) => throw new NotSupportedException();
    }

    /// <summary>Of the rooms' id, with a manifest that they do not have.</summary>
    public sealed class ForgedSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
    {
        public override int Identifier => SerializerIds.Room;

        public override string Manifest(object o) => "zz-v9";

        public override byte[] ToBinary(object obj) => [255, 255, 255];

        public override object FromBinary(byte[] bytes, string manifest) => throw new NotSupportedException();
    }
}
