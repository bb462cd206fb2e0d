using AkkaChat.LocalCluster.Nodes;
using AkkaChat.LocalCluster.Processes;

namespace AkkaChat.Support.Processes;

/// <summary>The default product: one process of all roles on SQLite, in a data folder of its own that survives restarts.</summary>
public sealed class SingleNode : IAsyncDisposable
{
    private SingleNode(NodeProcess process, string data) => (Process, Data) = (process, data);

    public NodeProcess Process { get; }

    /// <summary>Its data folder.</summary>
    public string Data { get; }

    public Uri Url => Process.Url;

    public static async Task<SingleNode> StartAsync(IReadOnlyDictionary<string, string>? settings = null)
    {
        var data = Directory.CreateTempSubdirectory("akkachat-single-").FullName;
        var port = FreePort.Next();
        var environment = new Dictionary<string, string> { ["PORT"] = $"{port}", ["DATA"] = data, ["AkkaChat__Auth__AllowGeneratedKey"] = "true" };
        environment["AkkaChat__Management__Port"] = "0";
        if (Product.WebRoot is { } web)
        {
            environment["ASPNETCORE_WEBROOT"] = environment["AkkaChat__Web__Root"] = web;
        }

        foreach (var (key, value) in settings ?? new Dictionary<string, string>())
        {
            environment[key] = value;
        }

        var process = new NodeProcess(
            new ProcessPlan("single", ProductBuild.Current.Command("Edge"), Product.NewLogFolder("single"))
            {
                WorkingFolder = Product.EdgeFolder,
                Environment = environment,
            },
            new Uri($"http://localhost:{port}/"));
        process.Start();
        var node = new SingleNode(process, data);
        try
        {
            await process.ReadyAsync();
            return node;
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    public async Task KillAndRestartAsync()
    {
        await Process.KillAsync();
        Process.Start();
        await Process.ReadyAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Process.DisposeAsync();
        Directory.Delete(Data, recursive: true);
    }
}
