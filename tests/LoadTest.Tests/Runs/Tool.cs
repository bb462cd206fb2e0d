using System.Diagnostics;
using System.Text;
using System.Text.Json;
using AkkaChat.Support;
using AkkaChat.Support.Processes;

namespace AkkaChat.LoadTest.Tests.Runs;

/// <summary>How the tool ended.</summary>
/// <param name="Report">What it wrote with <c>--json</c>; undefined where it wrote none.</param>
internal sealed record Ended(int ExitCode, string Output, JsonElement Report)
{
    public long Fault(string name) => Report.GetProperty("faults").GetProperty(name).GetInt64();

    public string Words => $"exit {ExitCode}\n{Output}";
}

/// <summary>The tool as users start it: a process of its own.</summary>
internal sealed class Tool : IDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("akkachat-load-");
    private readonly StringBuilder _output = new();
    private readonly Process _process;

    private Tool(string[] arguments)
    {
        JsonFile = Path.Combine(_folder.FullName, "run.json");
        HtmlFile = Path.Combine(_folder.FullName, "run.html");
        var dll = Path.Combine(Product.Root, "src", "LoadTest", "bin", Product.Configuration, "net10.0", "AkkaChat.LoadTest.dll");
        var start = new ProcessStartInfo("dotnet", [dll, .. arguments, "--json", JsonFile, "--html", HtmlFile])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        _process = Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start.");
        _process.OutputDataReceived += (_, line) => Append(line.Data);
        _process.ErrorDataReceived += (_, line) => Append(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string JsonFile { get; }

    public string HtmlFile { get; }

    private string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    public static Tool Start(params string[] arguments) => new(arguments);

    public static async Task<Ended> RunAsync(params string[] arguments)
    {
        using var tool = Start(arguments);
        return await tool.EndAsync();
    }

    public Task SeesAsync(string text) => Eventually.AssertAsync(() => Assert.Contains(text, Output, StringComparison.Ordinal), TimeSpan.FromSeconds(60));

    /// <summary>As Ctrl-C does. Not with SIGINT itself, which a shell has its background commands ignore, and these tests with them.</summary>
    public Task InterruptAsync() => ServerProcess.RunAsync("kill", "-TERM", $"{_process.Id}");

    public async Task<Ended> EndAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Longest);
        var json = File.Exists(JsonFile) ? await File.ReadAllTextAsync(JsonFile) : "";
        return new Ended(_process.ExitCode, Output, json.Length == 0 ? default : JsonElement.Parse(json));
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    private void Append(string? line)
    {
        lock (_output)
        {
            _output.AppendLine(line);
        }
    }
}
