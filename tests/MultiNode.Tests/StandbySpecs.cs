using AkkaChat.Support;
using AkkaChat.Support.Chat;
using AkkaChat.Support.Processes;
using Npgsql;

namespace AkkaChat.MultiNode.Tests;

/// <summary>The loss of the database's server, by docs/backup.md, under load.</summary>
public sealed class StandbySpecs
{
    private const string Database = "akkachat_primary";

    [Fact]
    [Trait("Run", "long")]
    public async Task Promotion_ShouldKeepEveryAcknowledgedMessage_WhileNodesGoOn()
    {
        await using var primary = await RestorableServer.StartAsync();
        var connection = new NpgsqlConnectionStringBuilder(await primary.CreateDatabaseAsync(Database));
        await using var standby = await primary.StartStandbyAsync();
        connection.Host = $"127.0.0.1:{connection.Port},127.0.0.1:{standby.Port}";
        connection.TargetSessionAttributes = "primary";

        await using var cluster = await ChatCluster.StartAsync(new ClusterShape { Database = connection.ToString() });
        await cluster.WatchAsync(async () =>
        {
            await using var cast = new Cast();
            var (edge1, edge2) = (cluster.Edges[0].Url, cluster.Edges[1].Url);
            var ana = await cast.PersonAsync("ana", edge1, edge2);
            var bob = await cast.PersonAsync("bob", edge2, edge1);
            var room = await Cast.RoomAsync("Kept", ana, bob);
            var traffic = new Traffic([(ana, room), (bob, room)]);
            await traffic.RunForAsync(20);

            await primary.KillAsync();
            await standby.PromoteAsync();
            await traffic.NextAckEverywhereAsync([room], TimeSpan.FromSeconds(60));
            await traffic.RunForAsync(10);

            await History.AssertAsync(room, await traffic.StopAsync(), bob.Rest, ana, bob);
            Assert.All(cluster.Rooms.Concat(cluster.Edges), node => Assert.True(node.IsRunning && node.Restarts == 0, node.Name));
        });
    }
}
