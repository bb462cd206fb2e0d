using System.Net.Sockets;
using System.Text;
using AkkaChat.Support.Chat;
using AkkaChat.Support.Processes;
using Xunit.Abstractions;

namespace AkkaChat.MultiNode.Tests;

/// <summary>A node that is asked to stop ends, in order, within the time that docs/kubernetes.md says it needs, whatever the others do meanwhile.</summary>
public sealed class StopSpecs(ITestOutputHelper output)
{
    private static readonly TimeSpan Promised = TimeSpan.FromSeconds(45);

    [Fact]
    [Trait("Run", "long")]
    public async Task Nodes_ShouldEndInTime_WhenSeveralLeaveAtOnceAndWhenOneHasJustDied()
    {
        await using var cluster = await ChatCluster.StartAsync(new ClusterShape(Rooms: 3, Edges: 3));
        await cluster.WatchAsync(async () =>
        {
            await using var cast = new Cast();
            var urls = cluster.Edges.Select(edge => edge.Url).ToArray();
            var people = new List<ChatClient>();
            for (var i = 0; i < 3; i++)
            {
                people.Add(await cast.PersonAsync($"p{i}", urls[i], urls[(i + 1) % 3], urls[(i + 2) % 3]));
            }

            var rooms = new List<string>();
            for (var i = 0; i < 6; i++)
            {
                rooms.Add(await Cast.RoomAsync($"Stop {i}", people[0], [.. people.Skip(1)]));
            }

            var traffic = new Traffic(rooms.Select((room, i) => (people[i % 3], room)));
            await traffic.RunForAsync(12);

            await StopAsync(cluster, cluster.OldestRoom, cluster.Edges[0]);
            await traffic.NextAckEverywhereAsync(rooms, TimeSpan.FromSeconds(60));

            // Until it is removed, nobody can leave.
            await cluster.Edges[1].KillAsync();
            await StopAsync(cluster, cluster.OldestRoom);
            await traffic.NextAckEverywhereAsync(rooms, TimeSpan.FromSeconds(60));

            var acked = await traffic.StopAsync();
            foreach (var room in rooms)
            {
                await History.AssertAsync(room, acked, people[0].Rest, [.. people]);
            }
        });
    }

    /// <summary>Otherwise anybody could make a node die without handing over its rooms.</summary>
    [Theory]
    [InlineData("POST /api/auth/login HTTP/1.1\r\nHost: chat\r\nX-AkkaChat: 1\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{")]
    [InlineData("GET /api/me HTTP/1.1\r\nHost: ch")]
    public async Task Node_ShouldEndInOrder_WhenARequestNeverEnds(string part)
    {
        await using var node = await SingleNode.StartAsync();
        using var client = new TcpClient();
        await client.ConnectAsync("localhost", node.Url.Port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(part));
        // One that is answered came after: the server has read the other.
        using var http = new HttpClient { BaseAddress = node.Url };
        await http.GetStringAsync("health/live");

        await node.Process.StopAsync(Promised + TimeSpan.FromSeconds(10));

        Assert.Equal(0, node.Process.ExitCode);
        Assert.Contains("were aborted: the node stops", node.Process.LogTail(), StringComparison.Ordinal);
    }

    private async Task StopAsync(ChatCluster cluster, params NodeProcess[] leaving)
    {
        var took = await Task.WhenAll(leaving.Select(async node =>
        {
            var started = TimeProvider.System.GetTimestamp();
            await node.StopAsync(Promised);
            return $"{node.Name}: {TimeProvider.System.GetElapsedTime(started).TotalSeconds:0.0} s";
        }));
        output.WriteLine(string.Join(", ", took));
        Assert.All(leaving, node => Assert.Equal(0, node.ExitCode));
        await cluster.HealAsync();
    }
}
