using System.Diagnostics;
using System.Text;
using System.Text.Json;
using AkkaChat.LocalCluster.Nodes;
using AkkaChat.Support.Processes;

namespace AkkaChat.Cmd.Tests;

/// <summary>What a run of pbm left.</summary>
public sealed record PbmResult(int ExitCode, IReadOnlyList<string> Lines, string Errors)
{
    public IReadOnlyList<JsonElement> Json => [.. Lines.Select(line => JsonDocument.Parse(line).RootElement)];
}

/// <summary>Runs the built pbm as an operator does, as a process of its own.</summary>
public static class Pbm
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>One command, words separated by blanks; with -- options too.</summary>
    public static Task<PbmResult> RunAsync(NodeProcess node, string command) => RunAsync($"{node.Management!.Authority} {command}");

    /// <param name="commandLine">All words behind <c>pbm</c>.</param>
    /// <param name="input">Null: none, and no terminal either.</param>
    public static async Task<PbmResult> RunAsync(string commandLine, string? input = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        using var process = Start(commandLine, environment);
        var lines = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input ?? "");
        process.StandardInput.Close();
        await process.WaitForExitAsync().WaitAsync(Limit);
        return new PbmResult(process.ExitCode, (await lines).Split('\n', StringSplitOptions.RemoveEmptyEntries), await errors);
    }

    /// <summary>Follows what a command prints until it is disposed.</summary>
    public static PbmTail Follow(NodeProcess node, string command) => new(Start($"{node.Management!.Authority} {command}", null));

    private static Process Start(string commandLine, IReadOnlyDictionary<string, string>? environment)
    {
        var program = Path.Combine(Product.Root, "src/Cmd/bin", Product.Configuration, "net10.0/AkkaChat.Cmd.dll");
        var start = new ProcessStartInfo("dotnet", [program, .. commandLine.Split(' ', StringSplitOptions.RemoveEmptyEntries)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
        };
        start.Environment.Remove("PBM_HOST");
        start.Environment.Remove("PBM_TOKEN");
        foreach (var (key, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[key] = value;
        }

        return Process.Start(start)!;
    }
}

public sealed class PbmTail : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _text = new();

    internal PbmTail(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) =>
        {
            lock (_text)
            {
                _text.AppendLine(line.Data);
            }
        };
        process.BeginOutputReadLine();
    }

    public bool HasEnded => _process.HasExited;

    public string Text
    {
        get
        {
            lock (_text)
            {
                return _text.ToString();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
