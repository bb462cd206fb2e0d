using System.Net.Sockets;
using System.Text;
using AkkaChat.LocalCluster.Processes;

namespace AkkaChat.LocalCluster.Servers;

/// <summary>A dedicated Redis server.</summary>
/// <param name="Folder">The folder of its configuration; created if it does not exist.</param>
public sealed record RedisPlan(string Folder, string LogFolder, string Address, int Port)
{
    public string? Password { get; init; }
}

/// <summary>A running Redis. It holds only presence, which the edges rebuild: nothing is written to disk.</summary>
public sealed class RedisProcess : ManagedProcess
{
    private readonly RedisPlan _plan;

    private RedisProcess(RedisPlan plan, ServiceUser? user, string program)
        : base(Plan(plan, user, program), () => AnswersAsync(plan)) => _plan = plan;

    /// <summary><c>host:port</c>.</summary>
    public string Endpoint => $"{_plan.Address}:{_plan.Port}";

    /// <summary>The connection string for nodes, which keep trying to connect.</summary>
    public string ConnectionString => Endpoint + (_plan.Password is { } password ? $",password={password}" : "") + ",abortConnect=false";

    /// <exception cref="InvalidOperationException">It is not installed or could not be started.</exception>
    public static async Task<RedisProcess> StartAsync(RedisPlan plan)
    {
        var program = Installed.Need("redis-server");
        var user = await ServiceUser.FindAsync();
        Directory.CreateDirectory(plan.Folder);
        // In a file, since every user can read a process's arguments.
        Secret.Write(Configuration(plan), string.Join('\n', Settings(plan)) + "\n");
        if (user is not null)
        {
            await user.OwnAsync(plan.Folder);
        }

        var redis = new RedisProcess(plan, user, program);
        redis.Start();
        try
        {
            await redis.ReadyAsync(TimeSpan.FromSeconds(20));
            return redis;
        }
        catch
        {
            await redis.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sends a command without arguments.</summary>
    /// <exception cref="IOException">The connection ended before the reply.</exception>
    /// <exception cref="SocketException">Nothing listens on the port.</exception>
    public Task SendCommandAsync(string command) => SendCommandAsync(_plan, command);

    private static ProcessPlan Plan(RedisPlan plan, ServiceUser? user, string program) =>
        new("redis", [program, Configuration(plan)], plan.LogFolder) { Launcher = Launcher.As(user) };

    private static string Configuration(RedisPlan plan) => Path.Combine(plan.Folder, "redis.conf");

    private static IEnumerable<string> Settings(RedisPlan plan) =>
    [
        $"bind {plan.Address}", $"port {plan.Port}", plan.Password is { } password ? $"requirepass {password}" : "protected-mode no",
        $"dir {plan.Folder}", "save \"\"", "appendonly no", "daemonize no",
    ];

    private static async Task<string?> AnswersAsync(RedisPlan plan)
    {
        try
        {
            var answer = await SendCommandAsync(plan, "PING");
            return answer is "+PONG" or "-NOAU" ? null : answer;
        }
        catch (Exception e) when (e is SocketException or IOException or TimeoutException)
        {
            return e.Message;
        }
    }

    private static async Task<string> SendCommandAsync(RedisPlan plan, string command)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(plan.Address, plan.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(command + "\r\n"));
        var answer = new byte[5];
        await stream.ReadExactlyAsync(answer).AsTask().WaitAsync(TimeSpan.FromSeconds(3));
        return Encoding.ASCII.GetString(answer);
    }
}
