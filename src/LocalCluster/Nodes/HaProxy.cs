using AkkaChat.LocalCluster.Processes;

namespace AkkaChat.LocalCluster.Nodes;

/// <summary>HAProxy with the product's own configuration.</summary>
public static class HaProxy
{
    private const int Servers = 4;

    /// <param name="bind">The addresses to listen on, separated by commas.</param>
    /// <param name="statsPort">The port of the page with statistics, on 127.0.0.1.</param>
    /// <exception cref="InvalidOperationException">HAProxy is not installed.</exception>
    public static NodeProcess Create(string bind, int port, int statsPort, IReadOnlyList<Uri> edges, string logFolder)
    {
        var environment = new Dictionary<string, string> { ["AKKACHAT_BIND"] = bind, ["AKKACHAT_STATS"] = $"127.0.0.1:{statsPort}" };
        // The configuration has four edges; in a smaller cluster the others point to a port where nothing listens.
        for (var i = 0; i < Servers; i++)
        {
            environment[$"AKKACHAT_EDGE{i + 1}"] = i < edges.Count ? $"127.0.0.1:{edges[i].Port}" : "127.0.0.1:1";
        }

        string[] command = [Installed.Need("haproxy"), "-db", "-f", Path.Combine(ProductBuild.Root, "haproxy/haproxy.cfg")];
        var plan = new ProcessPlan("haproxy", command, logFolder) { Environment = environment };
        return new NodeProcess(plan, new Uri($"http://localhost:{port}/")) { Management = new Uri($"http://127.0.0.1:{statsPort}/") };
    }
}
