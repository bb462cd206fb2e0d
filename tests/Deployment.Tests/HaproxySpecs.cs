using System.Diagnostics;

namespace AkkaChat.Deployment.Tests;

/// <summary>HAProxy itself judges its configuration, with addresses as in <c>./run cluster</c> and with names as in containers.</summary>
public sealed class HaproxySpecs
{
    [Theory]
    [InlineData("127.0.0.1:8081")]
    [InlineData("edge.invalid:8080")]
    public async Task Configuration_ShouldBeValid(string edge)
    {
        var start = new ProcessStartInfo(Program())
        {
            ArgumentList = { "-c", "-f", Path.Combine(Product.Root, "haproxy", "haproxy.cfg") },
            Environment = { ["AKKACHAT_BIND"] = "127.0.0.1:8080" },
        };
        for (var i = 1; i <= 4; i++)
        {
            start.Environment[$"AKKACHAT_EDGE{i}"] = edge;
        }

        var (exitCode, _, errors) = await Programs.RunAsync(start);

        Assert.True(exitCode == 0, errors);
    }

    private static string Program() => File.Exists("/usr/sbin/haproxy") ? "/usr/sbin/haproxy" : "haproxy";
}
