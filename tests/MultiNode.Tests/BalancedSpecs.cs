using AkkaChat.Support.Chat;
using AkkaChat.Support.Processes;

namespace AkkaChat.MultiNode.Tests;

/// <summary>Four edges behind HAProxy with the product's own configuration, as `./run cluster` starts it.</summary>
public sealed class BalancedSpecs
{
    /// <param name="leader">The node that decides about the killed one; "edge2" is the one that stops meanwhile.</param>
    [Theory]
    [InlineData("room1")]
    [InlineData("edge2")]
    public async Task FourEdges_ShouldShareTheSockets_AndLoseNothingWhenOneIsKilledAndOneStops(string leader)
    {
        await using var cluster = await ChatCluster.StartAsync(new ClusterShape(Rooms: 2, Edges: 4, HaProxy: true) { Leader = leader });
        await cluster.WatchAsync(async () =>
        {
            await using var cast = new Cast();
            var people = new List<ChatClient>();
            for (var i = 0; i < 8; i++)
            {
                people.Add(await cast.PersonAsync($"p{i}", cluster.Url));
            }

            var room = await Cast.RoomAsync("Balanced", people[0], [.. people.Skip(1)]);
            var traffic = new Traffic(people.Select(person => (person, room)), TimeSpan.FromMilliseconds(400));
            await traffic.RunForAsync(24);

            await cluster.Edges[0].KillAsync();
            await traffic.RunForAsync(24);
            await cluster.Edges[1].StopAsync();
            // Long enough for the cluster to decide about both.
            await traffic.RunForAsync(300);

            await History.AssertAsync(room, await traffic.StopAsync(), people[0].Rest, [.. people]);
            // Killed and stopped were two of four, each with about two of the eight.
            var moved = people.Count(person => person.Connections > 1);
            Assert.InRange(moved, 2, 7);
        });
    }
}
