using System.Net;
using AkkaChat.LocalCluster.Processes;

namespace AkkaChat.LocalCluster.Nodes;

/// <summary>A process that is ready when <c>/health/ready</c> answers 200: a node of the product, or HAProxy in front of them.</summary>
/// <param name="url">The base URL of /health and, for an edge, of everything else.</param>
public class NodeProcess(ProcessPlan plan, Uri url) : ManagedProcess(plan, () => ReadyAtAsync(url))
{
    private static readonly HttpClient Http = new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.Zero })
    {
        Timeout = TimeSpan.FromSeconds(3),
    };

    public Uri Url => url;

    /// <summary>The node's management port, for pbm. HAProxy: its page with statistics.</summary>
    public Uri? Management { get; init; }

    /// <summary>The remoting port, part of the node's address in the cluster.</summary>
    public int ClusterPort { get; init; }

    private static async Task<string?> ReadyAtAsync(Uri url)
    {
        try
        {
            using var answer = await Http.GetAsync(new Uri(url, "health/ready"));
            return answer.StatusCode == HttpStatusCode.OK ? null : $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}";
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return e.Message;
        }
    }
}
