using AkkaChat.LocalCluster.Processes;

namespace AkkaChat.LocalCluster.Servers;

/// <summary>A dedicated PostgreSQL server, durable as in production. Its data folder is created once and reused.</summary>
/// <param name="Folder">The data folder; the server's user must be able to enter the folder above it.</param>
public sealed record PostgresPlan(string Folder, string LogFolder, string Address, int Port)
{
    /// <summary>The password of <see cref="PostgresProcess.Role"/>. Null: every role is trusted, from the networks it listens on.</summary>
    public string? Password { get; init; }

    /// <summary>Additional server settings, <c>name=value</c>.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    public bool IsCreated => File.Exists(Path.Combine(Folder, "PG_VERSION"));
}

/// <summary>A running PostgreSQL with a role and a database for the product.</summary>
public sealed class PostgresProcess : ManagedProcess
{
    public const string Role = "akkachat";

    private readonly PostgresPlan _plan;

    private PostgresProcess(PostgresPlan plan, ServiceUser? user, string bin)
        : base(Plan(plan, user, bin), () => AcceptsAsync(plan, bin)) => _plan = plan;

    public int Port => _plan.Port;

    public string Endpoint => $"{_plan.Address}:{_plan.Port}";

    /// <summary>For the product's role and database.</summary>
    public string ConnectionString =>
        $"Host={_plan.Address};Port={_plan.Port};Database={Role};Username={Role}"
        + (_plan.Password is { } password ? $";Password={password}" : "");

    /// <summary>Creates the data folder if it does not exist, starts the server, and waits until it accepts connections.</summary>
    /// <exception cref="InvalidOperationException">It is not installed, or could not be created or started.</exception>
    public static async Task<PostgresProcess> StartAsync(PostgresPlan plan)
    {
        var bin = BinFolder() ?? throw new InvalidOperationException("PostgreSQL is needed; install the package postgresql.");
        var user = await ServiceUser.FindAsync();
        if (!plan.IsCreated)
        {
            await CreateAsync(plan, user, bin);
        }

        var postgres = new PostgresProcess(plan, user, bin);
        postgres.Start();
        try
        {
            await postgres.ReadyAsync(TimeSpan.FromSeconds(60));
            return postgres;
        }
        catch
        {
            await postgres.DisposeAsync();
            throw;
        }
    }

    /// <summary>The folder of the newest version's programs; null if none is installed.</summary>
    public static string? BinFolder()
    {
        const string Root = "/usr/lib/postgresql";
        var newest = Directory.Exists(Root)
            ? Directory.GetDirectories(Root)
                .Where(folder => File.Exists($"{folder}/bin/postgres"))
                .MaxBy(folder => int.TryParse(Path.GetFileName(folder), out var version) ? version : 0)
            : null;
        return newest is null ? Path.GetDirectoryName(Installed.Find("postgres")) : $"{newest}/bin";
    }

    private static ProcessPlan Plan(PostgresPlan plan, ServiceUser? user, string bin) => new(
        "postgres",
        [
            $"{bin}/postgres", "-D", plan.Folder, "-c", $"listen_addresses={plan.Address}", "-c", $"port={plan.Port}",
            "-c", "unix_socket_directories=", "-c", "max_connections=300",
            // Commits are durable by default; a setting given here could not be changed while the server runs.
            .. plan.Settings.SelectMany(setting => new[] { "-c", setting }),
        ],
        plan.LogFolder)
    {
        Launcher = Launcher.As(user),
        // Fast shutdown, not smart: it does not wait for sessions to end.
        StopSignal = Signal.Interrupt,
    };

    private static async Task<string?> AcceptsAsync(PostgresPlan plan, string bin)
    {
        var (accepts, output) = await Command.TryAsync($"{bin}/pg_isready", "-h", plan.Address, "-p", $"{plan.Port}", "-t", "1");
        return accepts ? null : output;
    }

    private static async Task CreateAsync(PostgresPlan plan, ServiceUser? user, string bin)
    {
        // Renamed only when complete, so that a later start never finds a half-created one.
        var folder = $"{plan.Folder}.new";
        var passwordFile = $"{folder}.password";
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Secret.Write(passwordFile, Secret.New(24));
        if (user is not null)
        {
            await user.OwnAsync(folder, passwordFile);
        }

        string[] authentication = plan.Password is null ? ["--auth=trust", "--no-sync"] : ["--auth=scram-sha-256", $"--pwfile={passwordFile}"];
        IReadOnlyList<string> asUser = Launcher.As(user).Prefix;
        await Command.RunAsync([.. asUser, $"{bin}/initdb", "-D", folder, "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", .. authentication]);
        if (plan.Password is null)
        {
            await File.AppendAllTextAsync(Path.Combine(folder, "pg_hba.conf"), "host all all samenet trust\n");
        }

        // Each line is one statement.
        var password = plan.Password is { } given ? $" PASSWORD '{given}'" : "";
        await Command.RunAsync(
            [.. asUser, $"{bin}/postgres", "--single", "-D", folder, "postgres"],
            $"CREATE ROLE {Role} LOGIN{password}\nCREATE DATABASE {Role} OWNER {Role}\n");
        File.Delete(passwordFile);
        Directory.Move(folder, plan.Folder);
    }
}
