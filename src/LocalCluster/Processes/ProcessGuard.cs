using System.Diagnostics;

namespace AkkaChat.LocalCluster.Processes;

/// <summary>
/// A small shell that knows the processes started here, and ends what is left of them when its input closes: at the end of this process,
/// however that comes about. It then removes the folders it was told of.
/// </summary>
public static class ProcessGuard
{
    // All are signalled at once; what has not ended after 30 s is killed.
    private const string Script = """
        trap '' INT TERM HUP
        processes=" "
        while read -r action value; do
          case $action in
            add) processes="$processes$value " ;;
            drop) left=" "; for p in $processes; do [ "${p%:*}" = "$value" ] || left="$left$p "; done; processes=$left ;;
            folder) set -- "$@" "$value" ;;
          esac
        done
        for p in $processes; do kill -"${p#*:}" "${p%:*}" 2>/dev/null; done
        tries=600
        for p in $processes; do
          while [ $tries -gt 0 ] && kill -0 "${p%:*}" 2>/dev/null; do sleep 0.05; tries=$((tries - 1)); done
          kill -9 "${p%:*}" 2>/dev/null
        done
        for folder; do rm -rf "$folder"; done
        """;

    private static readonly Lock Gate = new();
    private static readonly Lazy<Process> Shell = new(() =>
        Process.Start(new ProcessStartInfo("/bin/sh", ["-c", Script, "guard"]) { RedirectStandardInput = true })
        ?? throw new InvalidOperationException("/bin/sh did not start."));

    /// <summary>Has the folder removed at the end of this process.</summary>
    public static void RemoveAtEnd(string folder) => Tell($"folder {folder}");

    internal static void Add(int pid, Signal signal) => Tell($"add {pid}:{(int)signal}");

    internal static void Drop(int pid) => Tell($"drop {pid}");

    private static void Tell(string line)
    {
        lock (Gate)
        {
            Shell.Value.StandardInput.WriteLine(line);
            Shell.Value.StandardInput.Flush();
        }
    }
}
