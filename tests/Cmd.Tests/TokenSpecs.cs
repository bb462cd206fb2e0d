using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using AkkaChat.Support.Processes;

namespace AkkaChat.Cmd.Tests;

/// <summary>A node that listens on all its addresses: from its own machine anyone may give commands, from elsewhere who has the token.</summary>
public sealed class TokenSpecs : IAsyncLifetime
{
    private const string Token = "a-token-of-the-specs-7f3a";

    private readonly int _port = FreePort.Next();
    private SingleNode? _node;

    public async Task InitializeAsync() => _node = await SingleNode.StartAsync(new Dictionary<string, string>
    {
        ["AkkaChat__Management__Hostname"] = "0.0.0.0",
        ["AkkaChat__Management__Port"] = $"{_port}",
        ["AkkaChat__Management__Token"] = Token,
        ["AkkaChat__Telemetry__JsonLogs"] = "true",
        ["AkkaChat__Telemetry__Prometheus"] = "false",
    });

    public async Task DisposeAsync() => await _node!.DisposeAsync();

    [Fact]
    public async Task Command_ShouldNeedTheToken_UnlessItComesFromLoopback()
    {
        var elsewhere = $"{OwnAddress()}:{_port}";
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, $"{Token}\n");
        try
        {
            Assert.Equal(0, (await Pbm.RunAsync($"127.0.0.1:{_port} cluster show")).ExitCode);
            var refused = await Pbm.RunAsync($"{elsewhere} cluster show");
            Assert.Equal(4, refused.ExitCode);
            Assert.Contains("A token is needed", refused.Errors, StringComparison.Ordinal);
            Assert.Equal(0, (await Pbm.RunAsync($"{elsewhere} --token-file {file} cluster show")).ExitCode);
            Assert.Equal(0, (await Pbm.RunAsync($"{elsewhere} cluster show", environment: new Dictionary<string, string> { ["PBM_TOKEN"] = Token })).ExitCode);
            // Not even from here: who shows a token is to show the right one.
            Assert.Equal(4, (await Pbm.RunAsync($"127.0.0.1:{_port} cluster show", environment: new Dictionary<string, string> { ["PBM_TOKEN"] = "another" })).ExitCode);
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>Any page can let a browser on the operator's machine send requests there.</summary>
    [Theory]
    [InlineData("Origin", "https://example.org")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Host", "rebound.example.org")]
    [InlineData("X-Forwarded-For", "192.0.2.7")]
    public async Task Browser_ShouldBeRefused_EvenOnLoopback(string header, string value)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"http://127.0.0.1:{_port}/pbm/cluster/show"));
        request.Content = new ByteArrayContent("{}"u8.ToArray()) { Headers = { { "Content-Type", "application/json" } } };
        request.Headers.TryAddWithoutValidation(header, value);

        using var answer = await http.SendAsync(request);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    /// <summary>A form can be sent without asking first; it cannot be JSON.</summary>
    [Fact]
    public async Task Form_ShouldBeRefused()
    {
        using var http = new HttpClient();
        using var answer = await http.PostAsync(new Uri($"http://127.0.0.1:{_port}/pbm/cluster/show"), new StringContent("{}"));

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.StatusCode);
    }

    [Fact]
    public async Task Health_ShouldNeedNoToken()
    {
        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri($"http://{OwnAddress()}:{_port}/health/ready"));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task Log_ShouldBeJsonWithTheTrace_WhereThatIsSet()
    {
        await Pbm.RunAsync($"127.0.0.1:{_port} cluster show");

        await Eventually.AssertAsync(() =>
        {
            var entries = File.ReadLines(_node!.Process.LogFile).Select(line => JsonDocument.Parse(line).RootElement).ToList();
            Assert.Contains(entries, entry =>
                entry.GetProperty("Message").GetString()!.StartsWith("An operator runs cluster show", StringComparison.Ordinal)
                && entry.GetProperty("State").GetProperty("Command").GetString() == "show"
                && entry.GetProperty("Scopes").EnumerateArray().Any(scope => scope.TryGetProperty("TraceId", out _)));
        });
    }

    [Fact]
    public async Task Metrics_ShouldNotBeServed_WhereTheyAreSwitchedOff()
    {
        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri($"http://127.0.0.1:{_port}/metrics"));

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    /// <summary>An address of this machine besides loopback. Nothing is sent to find it.</summary>
    private static IPAddress OwnAddress()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            socket.Connect(IPAddress.Parse("192.0.2.1"), 9);
            return ((IPEndPoint)socket.LocalEndPoint!).Address;
        }
        catch (SocketException)
        {
            throw new InvalidOperationException("This machine has no address besides loopback: the spec needs one.");
        }
    }
}
