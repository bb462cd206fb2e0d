using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using AkkaChat.LocalCluster.Nodes;
using AkkaChat.Support;
using AkkaChat.Support.Processes;

namespace AkkaChat.MultiNode.Tests;

/// <summary>Mutual TLS between nodes, by docs/cluster-security.md, with real processes.</summary>
public sealed class ClusterTlsSpecs : IAsyncLifetime, IDisposable
{
    private const int Attempts = 4;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly CertificateFolder _files = new();
    private ChatCluster? _cluster;

    private ChatCluster Cluster => _cluster!;

    public async Task InitializeAsync()
    {
        var settings = _files.SettingsOf("node", _files.Authority, TimeSpan.FromDays(1));
        _cluster = await ChatCluster.StartAsync(new ClusterShape(Rooms: 1, Edges: 1, Redis: false) { Settings = settings });
    }

    public async Task DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }
    }

    public void Dispose() => _files.Dispose();

    [Fact]
    public Task Cluster_ShouldFormOverTls_AndRefuseWhoHasNoCertificateOfItsAuthority() => Cluster.WatchAsync(async () =>
    {
        await using var cast = new Cast();
        var ana = await cast.PersonAsync("ana", Cluster.Edges[0].Url);
        var room = await Cast.RoomAsync("Over TLS", ana);
        await ana.SendAsync(room, "before");
        using var other = CertificateFolder.NewAuthority("other");
        await using var stranger = StartNode("stranger", _files.SettingsOf("stranger", other, TimeSpan.FromDays(1)));
        await using var plain = StartNode("plain", new Dictionary<string, string>());
        var node = Cluster.Rooms[0];

        // The stranger's own attempts come beside these, from the same host.
        for (var i = 0; i < Attempts; i++)
        {
            await AssertRefusedAsync(node.ClusterPort, certificate: null);
            await AssertRefusedAsync(node.ClusterPort, CertificateFolder.NewCertificate("stranger", other, TimeSpan.FromDays(1)));
            await AssertRefusedAsync(node.ClusterPort, CertificateFolder.NewCertificate("expired", _files.Authority, TimeSpan.FromDays(-1)));
            await AssertRefusedAsync(node.ClusterPort, CertificateFolder.NewCertificate("server-only", _files.Authority, TimeSpan.FromDays(1), isClient: false));
        }

        // Each reason once, whatever the number of attempts; the node without TLS tries by itself.
        await Eventually.AssertAsync(
            () => Assert.All(
                new[] { "was refused: its certificate is not of the cluster's authority or not valid now (PartialChain)", "(NotTimeValid)", "(NotValidForUsage)", "did not provide a certificate", "not an SSL/TLS record" },
                reason => Assert.Equal(1, Lines(node, reason))),
            Patience);
        await ana.SendAsync(room, "after");

        Assert.All([stranger, plain], outsider => Assert.DoesNotContain("Welcome", outsider.LogTail(200), StringComparison.Ordinal));
        Assert.All(Cluster.Rooms.Concat(Cluster.Edges), member => Assert.True(member.IsRunning && member.Restarts == 0, member.Name));
        Assert.Equal(1, Lines(node, "TLS handshake"));
    });

    private static int Lines(NodeProcess node, string text) =>
        File.ReadLines(node.LogFile).Count(line => line.Contains(text, StringComparison.Ordinal));

    /// <summary>The handshake fails, or, as TLS 1.3 allows, the connection ends right after it.</summary>
    private async Task AssertRefusedAsync(int port, X509Certificate2? certificate)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync("127.0.0.1", port);
        await using var tls = new SslStream(socket.GetStream());
        try
        {
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = "127.0.0.1",
                ClientCertificates = certificate is null ? null : [certificate],
                RemoteCertificateValidationCallback = (_, shown, _, _) => shown?.Issuer == _files.Authority.Subject,
            }).WaitAsync(Patience);
            Assert.Equal(0, await tls.ReadAsync(new byte[1]).AsTask().WaitAsync(Patience));
        }
        catch (Exception e) when (e is AuthenticationException or IOException)
        {
            // refused
        }
        finally
        {
            certificate?.Dispose();
        }
    }

    /// <summary>A room node that would like to join.</summary>
    private ClusterNode StartNode(string name, Dictionary<string, string> tls)
    {
        var settings = new Dictionary<string, string>(tls)
        {
            ["AkkaChat__Database__Provider"] = "postgres",
            ["AkkaChat__Database__ConnectionString"] = Cluster.ConnectionString,
            ["AkkaChat__Database__DataFolder"] = _files.Path,
        };
        var node = new ClusterNodes(ProductBuild.Current, Product.NewLogFolder(name), settings).Create(
        [
            new NodePlan("seed", IsEdge: false, "127.0.0.1", Cluster.Rooms[0].ClusterPort, FreePort.Next()),
            new NodePlan(name, IsEdge: false, "127.0.0.1", FreePort.Next(), FreePort.Next()),
        ])[1];
        node.Start();
        return node;
    }
}
