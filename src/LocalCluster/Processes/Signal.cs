using System.Runtime.InteropServices;

namespace AkkaChat.LocalCluster.Processes;

/// <summary>The signals sent to processes, with Linux's numbers.</summary>
public enum Signal
{
    Interrupt = 2,
    Quit = 3,
    Kill = 9,
    Usr1 = 10,
    Term = 15,
    Cont = 18,
    Stop = 19,
}

internal static partial class Signals
{
    /// <summary>A system call, since starting a process for it may be slow on a busy machine.</summary>
    public static void Send(int pid, Signal signal) => _ = Kill(pid, (int)signal);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int process, int signal);
}
