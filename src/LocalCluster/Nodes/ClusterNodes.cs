using AkkaChat.LocalCluster.Processes;

namespace AkkaChat.LocalCluster.Nodes;

/// <summary>One node of a cluster: where it runs and listens.</summary>
public sealed record NodePlan(string Name, bool IsEdge, string Address, int AkkaPort, int HttpPort)
{
    public Launcher Launcher { get; init; } = Launcher.Plain;

    /// <summary>The management port; 0 lets the node choose. A room-only node has no other HTTP port.</summary>
    public int ManagementPort { get; init; } = IsEdge ? 0 : HttpPort;

    public bool IsLoopback => Address == "127.0.0.1";

    public string AkkaAddress => $"akka.tcp://chat@{Address}:{AkkaPort}";

    public Uri Url => new($"http://{(IsLoopback ? "localhost" : Address)}:{HttpPort}/");

    /// <summary>Names of the nodes of a cluster, <c>room1</c>, …, <c>edge1</c>, …; edges come last.</summary>
    public static IEnumerable<(string Name, bool IsEdge, int Number)> Names(int rooms, int edges) =>
    [
        .. Enumerable.Range(1, rooms).Select(i => ($"room{i}", false, i)),
        .. Enumerable.Range(1, edges).Select(i => ($"edge{i}", true, i)),
    ];
}

/// <summary>A node and its plan.</summary>
public sealed class ClusterNode(NodePlan plan, ProcessPlan process) : NodeProcess(process, plan.Url)
{
    public NodePlan Plan => plan;

    public bool IsEdge => plan.IsEdge;
}

/// <summary>The shared settings of a cluster's nodes.</summary>
/// <param name="Settings">Environment variables of every node.</param>
public sealed record ClusterNodes(ProductBuild Build, string LogFolder, IReadOnlyDictionary<string, string> Settings)
{
    /// <summary>See <see cref="ProcessPlan.InheritsSettings"/>.</summary>
    public bool InheritsSettings { get; init; }

    /// <summary>The processes, none started. The first two room nodes are the seed nodes.</summary>
    public IReadOnlyList<ClusterNode> Create(IReadOnlyList<NodePlan> plans)
    {
        var common = new Dictionary<string, string>(Settings);
        foreach (var (seed, i) in plans.Where(plan => !plan.IsEdge).Take(2).Select((plan, i) => (plan.AkkaAddress, i)))
        {
            common[$"AkkaChat__Cluster__SeedNodes__{i}"] = seed;
        }

        return [.. plans.Select(plan => Create(plan, common))];
    }

    private ClusterNode Create(NodePlan plan, Dictionary<string, string> common)
    {
        var project = plan.IsEdge ? "Edge" : "Cluster";
        var settings = new Dictionary<string, string>(common)
        {
            ["AkkaChat__Cluster__Roles__0"] = plan.IsEdge ? "edge" : "room",
            ["AkkaChat__Cluster__Hostname"] = plan.Address,
            ["AkkaChat__Cluster__Port"] = $"{plan.AkkaPort}",
        };
        settings["AkkaChat__Management__Port"] = $"{plan.ManagementPort}";
        settings["AkkaChat__Management__Hostname"] = plan.Address;
        if (plan.IsEdge && plan.IsLoopback)
        {
            settings["PORT"] = $"{plan.HttpPort}";
        }
        else if (plan.IsEdge)
        {
            settings["ASPNETCORE_URLS"] = $"http://{plan.Address}:{plan.HttpPort}";
        }

        return new ClusterNode(plan, new ProcessPlan(plan.Name, Build.Command(project), LogFolder)
        {
            Launcher = plan.Launcher,
            // The content root is the working folder, and the settings file is beside the binary.
            WorkingFolder = Build.Folder(project),
            Environment = settings,
            InheritsSettings = InheritsSettings,
        })
        {
            Management = plan.ManagementPort == 0 ? null : new Uri($"http://{plan.Address}:{plan.ManagementPort}/"),
            ClusterPort = plan.AkkaPort,
        };
    }
}
