using System.Diagnostics;

namespace AkkaChat.LocalCluster.Processes;

/// <summary>
/// A small shell that knows the processes started here. When its input closes, because this process has ended in any way, it stops those
/// that are left and removes the folders that it was given.
/// </summary>
public static class ProcessGuard
{
    // Signals all at once, and kills what has not exited after 30 s.
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

    /// <summary>Removes the folder when this process ends.</summary>
    public static void RemoveAtEnd(string folder) => Write($"folder {folder}");

    internal static void Add(int pid, Signal signal) => Write($"add {pid}:{(int)signal}");

    internal static void Drop(int pid) => Write($"drop {pid}");

    private static void Write(string line)
    {
        lock (Gate)
        {
            Shell.Value.StandardInput.WriteLine(line);
            Shell.Value.StandardInput.Flush();
        }
    }
}
