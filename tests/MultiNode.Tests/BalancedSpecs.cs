using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using AkkaChat.Support;
using AkkaChat.Support.Chat;
using AkkaChat.Support.Processes;

namespace AkkaChat.MultiNode.Tests;

/// <summary>Four edges behind HAProxy with the product's own configuration, as `./run cluster` starts it.</summary>
public sealed class BalancedSpecs
{
    [Fact]
    public Task FourEdges_ShouldShareTheSockets_AndLoseNothingWhenOneIsKilledAndOneStops() => RunAsync("edge2");

    [Fact]
    [Trait("Run", "long")]
    public Task FourEdges_ShouldLoseNothing_WhenARoomNodeDecidesAboutThem() => RunAsync("room1");

    /// <param name="leader">The node that decides about the killed one; "edge2" is the one that stops meanwhile.</param>
    private static async Task RunAsync(string leader)
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
            Assert.Equal(0, cluster.Edges[1].ExitCode);
            // Long enough for the cluster to decide about both.
            await traffic.RunForAsync(300);

            await History.AssertAsync(room, await traffic.StopAsync(), people[0].Rest, [.. people]);
            // Killed and stopped were two of four, each with about two of the eight.
            var moved = people.Count(person => person.Connections > 1);
            Assert.InRange(moved, 2, 7);
        });
    }

    /// <summary>Drained by command, as before maintenance: HAProxy asks for readiness twice a second.</summary>
    [Fact]
    [Trait("Run", "long")]
    public async Task DrainedEdge_ShouldTellItsSocketsAndGetNoNewOnes_UntilItResumes()
    {
        await using var cluster = await ChatCluster.StartAsync(new ClusterShape(Rooms: 1, Edges: 2, HaProxy: true));
        await cluster.WatchAsync(async () =>
        {
            await using var cast = new Cast();
            var people = new List<ChatClient>();
            for (var i = 0; i < 8; i++)
            {
                people.Add(await cast.PersonAsync($"p{i}", cluster.Url));
            }

            var room = await Cast.RoomAsync("Draining", people[0], [.. people.Skip(1)]);
            var traffic = new Traffic(people.Select(person => (person, room)), TimeSpan.FromMilliseconds(400));
            await traffic.RunForAsync(16);
            var drained = cluster.Edges[0];
            var before = await SocketsAsync(drained);
            Assert.InRange(before, 1, 7);

            await CommandAsync(drained, "drain");

            await Eventually.AssertAsync(async () => Assert.Equal("DOWN", await StatusAsync(cluster.HaProxy!, "edge1")));
            for (var i = 0; i < 6; i++)
            {
                await cast.PersonAsync($"late{i}", cluster.Url);
            }

            await traffic.RunForAsync(16);
            Assert.Equal(0, await SocketsAsync(drained));
            Assert.Equal(before, people.Count(person => person.Frames.Any(frame => frame.GetProperty("ev").GetString() == "server.draining")));
            Assert.Equal(before, people.Sum(person => person.CloseCodes.Count(code => code == 1012)));

            await CommandAsync(drained, "resume");

            await Eventually.AssertAsync(async () => Assert.Equal("UP", await StatusAsync(cluster.HaProxy!, "edge1")));
            var newcomers = 0;
            await Eventually.AssertAsync(
                async () =>
                {
                    await cast.PersonAsync($"newcomer{++newcomers}", cluster.Url);
                    Assert.True(await SocketsAsync(drained) > 0);
                },
                TimeSpan.FromSeconds(60));
            await History.AssertAsync(room, await traffic.StopAsync(), people[0].Rest, [.. people]);
        });
    }

    /// <summary>Otherwise whoever guesses passwords locks everybody out: behind HAProxy all would be one address.</summary>
    [Fact]
    public async Task Address_ShouldBeTheClients_WhenLimitsCountIt()
    {
        await using var cluster = await ChatCluster.StartAsync(new ClusterShape(Rooms: 1, Edges: 1, HaProxy: true)
        {
            Settings = new Dictionary<string, string> { ["AkkaChat__Auth__LoginsPerAddressPerMinute"] = "3" },
        });
        await cluster.WatchAsync(async () =>
        {
            using var guesser = ClientAt("127.0.0.2", cluster.Url);
            using var other = ClientAt("127.0.0.3", cluster.Url);
            var codes = new List<int>();
            for (var i = 0; i < 6; i++)
            {
                // What a client says about itself changes nothing.
                codes.Add(await LoginAsync(guesser, $"nobody{i}", forwardedFor: $"203.0.113.{i}"));
            }

            Assert.Equal([401, 401, 401, 429, 429, 429], codes);
            Assert.Equal(401, await LoginAsync(other, "nobody", forwardedFor: "127.0.0.2"));
        });

        static async Task<int> LoginAsync(HttpClient http, string login, string forwardedFor)
        {
            using var body = new StringContent(
                $$"""{"login":"{{login}}","password":"a wrong password"}""", System.Text.Encoding.UTF8, "application/json");
            using var request = new HttpRequestMessage(HttpMethod.Post, "api/auth/login") { Content = body };
            request.Headers.Add("X-Forwarded-For", forwardedFor);
            request.Headers.Add("X-AkkaChat", "1");
            using var answer = await http.SendAsync(request);
            return (int)answer.StatusCode;
        }
    }

    /// <summary>A client of its own address, of which the loopback has many.</summary>
    private static HttpClient ClientAt(string address, Uri url) => new(new SocketsHttpHandler
    {
        ConnectCallback = async (context, cancellationToken) =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
                await socket.ConnectAsync(IPAddress.Loopback, context.DnsEndPoint.Port, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    })
    {
        BaseAddress = url,
    };

    private static async Task<string> CommandAsync(NodeProcess edge, string command)
    {
        using var http = new HttpClient();
        using var body = new StringContent("""{"switches":{}}""", System.Text.Encoding.UTF8, "application/json");
        using var answer = await http.PostAsync(new Uri(edge.Management!, $"pbm/chat/{command}"), body);
        return await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync();
    }

    private static async Task<int> SocketsAsync(NodeProcess edge) =>
        int.Parse(Regex.Match(await CommandAsync(edge, "sessions"), @"Count: (\d+) sockets").Groups[1].Value, CultureInfo.InvariantCulture);

    /// <summary>From HAProxy's own page.</summary>
    private static async Task<string> StatusAsync(NodeProcess haproxy, string server)
    {
        using var http = new HttpClient();
        var lines = (await http.GetStringAsync(new Uri(haproxy.Management!, ";csv"))).Split('\n');
        var column = Array.IndexOf(lines[0].Split(','), "status");
        return lines.Single(line => line.StartsWith($"edges,{server},", StringComparison.Ordinal)).Split(',')[column].Split(' ')[0];
    }
}
