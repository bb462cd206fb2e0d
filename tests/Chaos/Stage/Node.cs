using AkkaChat.Support.Processes;

namespace AkkaChat.Chaos.Stage;

/// <summary>A node of the cluster: one process at a time, started again by the supervisor whenever it has ended.</summary>
internal sealed class Node(string name, bool isEdge, string address, NodeProcess process) : IAsyncDisposable
{
    private readonly Lock _starting = new();

    public string Name => name;

    public bool IsEdge => isEdge;

    public string Address => address;

    public NodeProcess Process => process;

    public Uri Url => process.Url;

    /// <summary>How often the supervisor has started it again.</summary>
    public int Restarts { get; private set; }

    /// <summary>Starts it where it does not run; whoever asks at the same time starts it once.</summary>
    public void Revive()
    {
        lock (_starting)
        {
            if (!process.IsRunning)
            {
                process.Start();
                Restarts++;
            }
        }
    }

    public ValueTask DisposeAsync() => process.DisposeAsync();
}

/// <summary>What one look at a node's process showed.</summary>
public sealed record Sample(long Time, string Node, int Pid, long ResidentBytes, int Handles, int Threads, int Connections)
{
    public static Sample? Of(string node, int pid)
    {
        try
        {
            long resident = 0;
            var threads = 0;
            foreach (var line in File.ReadLines($"/proc/{pid}/status"))
            {
                if (line.StartsWith("VmRSS:", StringComparison.Ordinal))
                {
                    resident = Number(line) * 1024;
                }
                else if (line.StartsWith("Threads:", StringComparison.Ordinal))
                {
                    threads = (int)Number(line);
                }
            }

            return new Sample(Histories.Clock.Now, node, pid, resident, Directory.GetFileSystemEntries($"/proc/{pid}/fd").Length, threads, 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static long Number(string line) =>
        long.Parse(new string([.. line.Where(char.IsAsciiDigit)]), System.Globalization.CultureInfo.InvariantCulture);
}
