namespace AkkaChat.LocalCluster.Processes;

/// <summary>
/// In which namespace and as which user a process runs: a prefix of its command. Each of these programs replaces itself with the command,
/// so the process id is the command's own.
/// </summary>
public sealed record Launcher
{
    private Launcher(params string[] prefix) => Prefix = prefix;

    public static Launcher Plain { get; } = new();

    public IReadOnlyList<string> Prefix { get; }

    /// <summary>In a network namespace created with <c>ip netns add</c>.</summary>
    public static Launcher InNamespace(string name) => new("ip", "netns", "exec", name);

    /// <summary>As the user; without a prefix if there is none.</summary>
    public static Launcher As(ServiceUser? user) =>
        user is null ? Plain : new("setpriv", $"--reuid={user.Name}", $"--regid={user.Group}", "--clear-groups");
}

/// <summary>The user that servers run as when this process is root: PostgreSQL refuses to run as root, and Redis has no need to.</summary>
public sealed record ServiceUser(string Name, string Group)
{
    /// <summary><c>postgres</c>, or <c>nobody</c> if that does not exist; null unless this process is root.</summary>
    public static async Task<ServiceUser?> FindAsync()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return null;
        }

        var name = (await Command.TryAsync("id", "-un", "postgres")).Succeeded ? "postgres" : "nobody";
        return new ServiceUser(name, (await Command.RunAsync("id", "-gn", name)).Trim());
    }

    public async Task<bool> MayEnterAsync(string folder) =>
        (await Command.TryAsync([.. Launcher.As(this).Prefix, "test", "-x", folder])).Succeeded;

    public Task OwnAsync(params string[] paths) => Command.RunAsync(["chown", "-R", $"{Name}:{Group}", .. paths]);
}
