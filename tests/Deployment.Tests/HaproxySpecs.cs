using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace AkkaChat.Deployment.Tests;

/// <summary>HAProxy itself judges its configuration, with addresses as in <c>./run cluster</c> and with names as in containers.</summary>
public sealed class HaproxySpecs
{
    private static readonly string Folder = Path.Combine(Product.Root, "haproxy");

    [Theory]
    [InlineData("127.0.0.1:8081")]
    [InlineData("edge.invalid:8080")]
    public async Task Configuration_ShouldBeValid(string edge) => await CheckAsync(edge, [], "haproxy.cfg");

    [Fact]
    public async Task Tls_ShouldBeValid_WithACertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = new CertificateRequest("CN=chat.example.org", key, HashAlgorithmName.SHA256).CreateSelfSigned(now, now.AddDays(1));
        var folder = Directory.CreateTempSubdirectory("akkachat-tls-");
        try
        {
            var file = Path.Combine(folder.FullName, "chat.pem");
            await File.WriteAllTextAsync(file, $"{certificate.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n");

            await CheckAsync(
                "127.0.0.1:8081",
                new() { ["AKKACHAT_TLS_BIND"] = "127.0.0.1:8443", ["AKKACHAT_CERTIFICATE"] = file },
                "haproxy.cfg",
                "tls.cfg");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Whoever asks nothing else gets the page with figures on this machine only.</summary>
    [Fact]
    public void Figures_ShouldBeOnThisMachine_AndNotOnThePublicPort()
    {
        var text = File.ReadAllText(Path.Combine(Folder, "haproxy.cfg"));
        var stats = text[text.IndexOf("frontend stats", StringComparison.Ordinal)..text.IndexOf("\nbackend edges", StringComparison.Ordinal)];

        Assert.Contains("bind \"${AKKACHAT_STATS-127.0.0.1:8404}\"", stats, StringComparison.Ordinal);
        Assert.Equal(1, text.Split("stats enable").Length - 1);
        Assert.Contains("stats enable", stats, StringComparison.Ordinal);
        Assert.DoesNotContain("stats admin", text, StringComparison.Ordinal);
    }

    private static async Task CheckAsync(string edge, Dictionary<string, string> environment, params string[] files)
    {
        var start = new ProcessStartInfo(Program(), ["-c", .. files.SelectMany(file => new[] { "-f", Path.Combine(Folder, file) })])
        {
            Environment = { ["AKKACHAT_BIND"] = "127.0.0.1:8080" },
        };
        for (var i = 1; i <= 4; i++)
        {
            start.Environment[$"AKKACHAT_EDGE{i}"] = edge;
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var (exitCode, _, errors) = await Programs.RunAsync(start);

        Assert.True(exitCode == 0, errors);
    }

    private static string Program() => File.Exists("/usr/sbin/haproxy") ? "/usr/sbin/haproxy" : "haproxy";
}
