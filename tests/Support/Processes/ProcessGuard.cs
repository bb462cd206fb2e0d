using System.Diagnostics;

namespace AkkaChat.Support.Processes;

/// <summary>
/// A small shell that knows the processes the tests have started, and kills what is left of them when its input closes: at the end of the
/// test process, however that comes about.
/// </summary>
internal static class ProcessGuard
{
    private const string Script = """
        trap '' INT TERM HUP
        pids=" "
        while read -r action pid; do
          case $action in
            add) pids="$pids$pid " ;;
            drop) left=" "; for p in $pids; do [ "$p" = "$pid" ] || left="$left$p "; done; pids=$left ;;
          esac
        done
        for p in $pids; do kill -9 "$p" 2>/dev/null; done
        """;

    private static readonly Lock Gate = new();
    private static readonly Lazy<Process> Shell = new(() =>
        Process.Start(new ProcessStartInfo("/bin/sh", ["-c", Script]) { RedirectStandardInput = true })
        ?? throw new InvalidOperationException("/bin/sh did not start."));

    public static void Add(int pid) => Tell($"add {pid}");

    public static void Drop(int pid) => Tell($"drop {pid}");

    private static void Tell(string line)
    {
        lock (Gate)
        {
            Shell.Value.StandardInput.WriteLine(line);
            Shell.Value.StandardInput.Flush();
        }
    }
}
