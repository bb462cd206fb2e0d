using System.CommandLine;
using System.Runtime.InteropServices;
using AkkaChat.LoadTest.Arguments;
using AkkaChat.LoadTest.Driving;
using AkkaChat.LoadTest.Protocol;
using AkkaChat.LoadTest.Reports;
using Spectre.Console;

const int Passed = 0;
const int Failed = 1;
const int NoRun = 2;
const int Interrupted = 130;

var parsed = new CommandLine(RunAsync).Root.Parse(args);
if (parsed.Errors.Count > 0)
{
    return Refuse(parsed.Errors.Select(error => error.Message));
}

// Signals are handled below: the run ends in order, however long that takes.
return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false });

static int Refuse(IEnumerable<string> errors)
{
    foreach (var error in errors)
    {
        Console.Error.WriteLine($"akkachat-load: {error}");
    }

    Console.Error.WriteLine("akkachat-load --help lists the options.");
    return NoRun;
}

static async Task<int> RunAsync(LoadOptions options)
{
    if (options.Contradiction() is { } error)
    {
        return Refuse([error]);
    }

    using var end = new CancellationTokenSource();
    using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
    using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
    var console = AnsiConsole.Console;
    var isLive = console.Profile.Capabilities.Interactive && console.Profile.Capabilities.Ansi && !Console.IsOutputRedirected && !options.Plain;
    if (Console.IsOutputRedirected)
    {
        console.Profile.Width = 160;
    }

    try
    {
        // Before the run and not after it.
        CheckFile(options.JsonFile);
        CheckFile(options.HtmlFile);
        var result = isLive
            ? await LiveProgress.ShowAsync(console, observer => PlayAsync(options, observer, end.Token))
            : await PlayAsync(options, new PlainProgress(console), end.Token);
        Summary.Write(console, result);
        if (options.JsonFile is { } json)
        {
            await JsonReport.WriteAsync(json, result);
            console.WriteLine($"Figures: {Path.GetFullPath(json)}");
        }

        if (options.HtmlFile is { } html)
        {
            await HtmlReport.WriteAsync(html, result);
            console.WriteLine($"Report: {Path.GetFullPath(html)}");
        }

        return result.Failures().Count == 0 ? Passed : Failed;
    }
    catch (OperationCanceledException) when (end.IsCancellationRequested)
    {
        Console.Error.WriteLine("akkachat-load: interrupted before the load began; nothing was measured.");
        return Interrupted;
    }
    catch (Exception e) when (e is UnusableServerException or IOException or UnauthorizedAccessException)
    {
        Console.Error.WriteLine($"akkachat-load: {e.Message}");
        return NoRun;
    }

    void Stop(PosixSignalContext signal)
    {
        // The second one is meant.
        signal.Cancel = !end.IsCancellationRequested;
        end.Cancel();
    }
}

static async Task<RunResult> PlayAsync(LoadOptions options, IRunObserver observer, CancellationToken end)
{
    var context = new RunContext(options, TimeProvider.System, observer.Limit);
    try
    {
        return await new LoadRun(context, observer).RunAsync(end);
    }
    finally
    {
        context.Api.Dispose();
    }
}

static void CheckFile(string? file)
{
    if (file is not null)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        Directory.CreateDirectory(folder);
        using var stream = File.Open(file, FileMode.OpenOrCreate, FileAccess.Write);
    }
}
