using AkkaChat.Support.Chat;
using AkkaChat.Support.Processes;
using Xunit.Abstractions;

namespace AkkaChat.MultiNode.Tests;

/// <summary>
/// Every node is stopped and started again, one after the other, under load through HAProxy. By default with the build that it has, as for a
/// change of settings; <c>./test upgrade</c> starts the cluster from the previous release, so that it is the upgrade to this one.
/// </summary>
public sealed class RollingSpecs(ITestOutputHelper output)
{
    /// <summary>The folder of the previous release's built sources.</summary>
    private const string Variable = "AKKACHAT_PREVIOUS_RELEASE";

    /// <summary>Promised are 3 s at p99; two cores that also run the tests, four nodes and a database get more.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task EveryNodeReplaced_ShouldFailNoSend_UnderLoadThroughHaProxy()
    {
        var previous = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } folder
            ? new ProductBuild(Path.Combine(folder, "src"), "Release")
            : ProductBuild.Current;
        await using var cluster = await ChatCluster.StartAsync(new ClusterShape(Rooms: 2, Edges: 2, HaProxy: true) { Build = previous });
        await cluster.WatchAsync(async () =>
        {
            await using var cast = new Cast();
            var people = new List<ChatClient>();
            for (var i = 0; i < 6; i++)
            {
                people.Add(await cast.PersonAsync($"p{i}", cluster.Url));
            }

            var rooms = new List<string>();
            for (var i = 0; i < 4; i++)
            {
                rooms.Add(await Cast.RoomAsync($"Rolling {i}", people[0], [.. people.Skip(1)]));
            }

            var traffic = new Traffic(
                people.SelectMany((person, i) => new[] { (person, rooms[i % 4]), (person, rooms[(i + 1) % 4]) }), TimeSpan.FromMilliseconds(450));
            await traffic.RunForAsync(24);

            foreach (var node in cluster.Rooms.Concat(cluster.Edges).ToList())
            {
                await cluster.ReplaceAsync(node, ProductBuild.Current);
                // Both builds serve the same rooms meanwhile, and take newcomers.
                await cast.PersonAsync("newcomer", cluster.Url);
                await traffic.RunForAsync(12);
            }

            // A send that cannot be acknowledged within the client's patience fails the test here.
            var acked = await traffic.StopAsync();
            foreach (var room in rooms)
            {
                await History.AssertAsync(room, acked, people[0].Rest, [.. people]);
            }

            var took = acked.Select(sent => sent.Took).Order().ToList();
            var p99 = took[(int)(took.Count * 0.99)];
            output.WriteLine($"{acked.Count} sends, 0 failed; p99 {p99.TotalSeconds:0.00} s, longest {took[^1].TotalSeconds:0.00} s");
            Assert.True(took[^1] < Longest, $"a send took {took[^1]}");
            Assert.All(people, person => Assert.True(person.Connections > 1, $"{person.Username} never moved"));
            Assert.Equal(4, cluster.Rooms.Concat(cluster.Edges).Count(node => node.IsRunning));
        });
    }
}
