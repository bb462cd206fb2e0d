using System.Diagnostics;
using AkkaChat.LocalCluster.Processes;

namespace AkkaChat.Chaos.Stage;

/// <summary>
/// The machine's network, cut into one namespace a node: a bridge in the namespace of the harness itself, at <see cref="Hub"/>, where
/// PostgreSQL, Redis and the clients are. All of it ends with the harness, which runs in namespaces of its own (see <c>Isolation</c>).
/// A cut is a blackhole route: what would be sent is dropped.
/// </summary>
internal sealed class Network(bool isReal)
{
    public const string HubAddress = "10.77.0.1";

    private readonly Dictionary<string, string> _addresses = [];
    private readonly HashSet<(string From, string To)> _cuts = [];

    /// <summary>False where namespaces are not allowed: every node is at 127.0.0.1 then, and nothing can be cut.</summary>
    public bool IsReal => isReal;

    public string Hub => isReal ? HubAddress : "127.0.0.1";

    public async Task StartAsync()
    {
        if (isReal)
        {
            await ShellAsync(
                "mkdir -p /run/netns && mount -t tmpfs tmpfs /run/netns && ip link set lo up"
                + $" && ip link add br0 type bridge && ip addr add {HubAddress}/24 dev br0 && ip link set br0 up"
                // Small buffers, so that a reader that stalls is the server's problem and not the kernel's.
                + " && (echo '4096 32768 65536' > /proc/sys/net/ipv4/tcp_rmem)");
        }
    }

    /// <summary>Makes a namespace for a node; its address.</summary>
    public async Task<string> AddAsync(string node, int host)
    {
        if (!isReal)
        {
            return Hub;
        }

        var address = $"10.77.0.{host}";
        var inside = $"ip netns exec {node}";
        await ShellAsync(
            $"ip netns add {node} && ip link add v-{node} type veth peer name eth0 netns {node}"
            + $" && ip link set v-{node} master br0 up && {inside} ip link set lo up"
            + $" && {inside} ip addr add {address}/24 dev eth0 && {inside} ip link set eth0 up"
            + $" && {inside} sh -c \"echo '4096 32768 131072' > /proc/sys/net/ipv4/tcp_wmem\"");
        _addresses[node] = address;
        return address;
    }

    /// <summary>Runs a process in the node's namespace.</summary>
    public Launcher LauncherOf(string node) => isReal ? Launcher.InNamespace(node) : Launcher.Plain;

    /// <summary>Nothing that <paramref name="from"/> sends reaches <paramref name="to"/>.</summary>
    public Task CutAsync(string from, params IEnumerable<string> to) => ChangeAsync("add", from, to.Where(node => _cuts.Add((from, node))));

    /// <summary>Nothing that the node sends reaches the databases and the clients.</summary>
    public Task CutHubAsync(string from) => _cuts.Add((from, "")) ? RouteAsync("add", from, HubAddress) : Task.CompletedTask;

    public async Task HealAsync()
    {
        foreach (var (from, to) in _cuts)
        {
            await RouteAsync("del", from, to.Length == 0 ? HubAddress : _addresses[to]);
        }

        _cuts.Clear();
    }

    private async Task ChangeAsync(string change, string from, IEnumerable<string> to)
    {
        foreach (var node in to.ToList())
        {
            await RouteAsync(change, from, _addresses[node]);
        }
    }

    private static Task RouteAsync(string change, string node, string address) =>
        ShellAsync($"ip netns exec {node} ip route {change} blackhole {address}/32 && ip netns exec {node} ip route flush cache");

    private static async Task ShellAsync(string script) => await Command.RunAsync("/bin/sh", "-c", script);
}

/// <summary>
/// Runs the harness in namespaces of its own (network, processes, mounts). Whatever becomes of it, the kernel ends all that it has started,
/// and nothing of the network is left: it cannot be seen from outside in the first place.
/// </summary>
internal static class Isolation
{
    private const string Variable = "AKKACHAT_CHAOS_INSIDE";

    // The shell waits for its input to close, which happens however the parent ends, and kills unshare, which ignores the milder signals;
    // its --kill-child then ends all that is inside.
    private const string Guard = """
        folder=$1; shift
        "$@" </dev/null & child=$!
        (read -r ignored; kill -9 $child) 2>/dev/null <&3 &
        wait $child; code=$?
        rm -rf "$folder"
        exit $code
        """;

    /// <summary>Whether a signal has asked for an end.</summary>
    public static bool IsInterrupted { get; private set; }

    public static bool IsInside => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 };

    /// <summary>Null where namespaces may be made; else why not.</summary>
    public static async Task<string?> WhyNotAsync()
    {
        try
        {
            await Command.RunAsync(
                "unshare", "--net", "--pid", "--fork", "--kill-child", "--mount", "--mount-proc", "/bin/sh", "-c",
                "mkdir -p /run/netns && mount -t tmpfs tmpfs /run/netns && ip netns add a && ip link add v0 type veth peer name eth0 netns a"
                + " && ip link add br0 type bridge && ip netns exec a ip route add blackhole 10.77.0.1/32");
            return null;
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception or TimeoutException)
        {
            return e.Message.Split('\n')[^1].Trim() is { Length: > 0 } reason ? reason : e.Message;
        }
    }

    /// <summary>Runs this program again, inside; its exit code.</summary>
    public static async Task<int> RunInsideAsync(string[] arguments, string folder)
    {
        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardInput = true };
        string[] command =
        [
            "-c", "exec 3<&0; " + Guard, "guard", folder,
            "unshare", "--net", "--pid", "--fork", "--kill-child", "--mount", "--mount-proc",
            // A shell is the first process in there: .NET is not made to be the one that inherits orphans.
            "/bin/sh", "-c", "\"$@\"; exit $?", "first", "dotnet", typeof(Isolation).Assembly.Location, .. arguments,
        ];
        foreach (var argument in command)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment[Variable] = folder;
        using var process = Process.Start(start) ?? throw new InvalidOperationException("/bin/sh did not start.");
        using var interrupt = System.Runtime.InteropServices.PosixSignalRegistration.Create(
            System.Runtime.InteropServices.PosixSignal.SIGINT, context => Stop(context, process));
        using var terminate = System.Runtime.InteropServices.PosixSignalRegistration.Create(
            System.Runtime.InteropServices.PosixSignal.SIGTERM, context => Stop(context, process));
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    private static void Stop(System.Runtime.InteropServices.PosixSignalContext context, Process process)
    {
        context.Cancel = true;
        IsInterrupted = true;
        process.StandardInput.Close();
    }
}
