using System.Diagnostics;

namespace AkkaChat.LocalCluster.Processes;

/// <summary>Runs commands and waits for them.</summary>
public static class Command
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(3);

    /// <summary>Returns its output.</summary>
    /// <exception cref="InvalidOperationException">It failed or took more than three minutes; the message has its output.</exception>
    public static async Task<string> RunAsync(IReadOnlyList<string> command, string? input = null)
    {
        var (succeeded, output) = await TryAsync(command, input);
        return succeeded ? output : throw new InvalidOperationException($"{string.Join(' ', command)}: {output}");
    }

    public static Task<string> RunAsync(params string[] command) => RunAsync(command, null);

    public static Task<(bool Succeeded, string Output)> TryAsync(params string[] command) => TryAsync(command, null);

    public static async Task<(bool Succeeded, string Output)> TryAsync(IReadOnlyList<string> command, string? input)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{command[0]} did not start.");
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        try
        {
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It exited without reading; the exit code tells how.
        }

        try
        {
            await process.WaitForExitAsync().WaitAsync(Timeout);
        }
        catch (TimeoutException)
        {
            process.Kill();
            return (false, $"not finished after {Timeout}");
        }

        return process.ExitCode == 0
            ? (true, await output)
            : (false, $"exit {process.ExitCode}\n{await output}{await error}");
    }
}
