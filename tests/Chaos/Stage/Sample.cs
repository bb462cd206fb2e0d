namespace AkkaChat.Chaos.Stage;

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
