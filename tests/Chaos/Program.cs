using AkkaChat.Chaos;
using AkkaChat.Chaos.Clients;
using AkkaChat.Chaos.Hostile;
using AkkaChat.Chaos.Stage;
using AkkaChat.Support;

// The fault harness: `run` (also without a verb), `prove`, `sum` over the reports of runs, the benchmarks of sends beside waiting work (`work`) and
// beside hostile clients (`hostile`), and `client`, which the others start.
var verb = args.FirstOrDefault() is "run" or "prove" or "sum" or "work" or "hostile" or "client" ? args[0] : "run";
var rest = args.SkipWhile(argument => argument == verb).ToArray();
if (verb == "client")
{
    return await ClientProgram.RunAsync(rest[0]);
}

try
{
    return await RunAsync();
}
catch (ArgumentException e)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 2;
}

async Task<int> RunAsync()
{
    var settings = RunSettings.Parse(rest);
    if (Isolation.IsInside)
    {
        return await OneAsync(settings, isIsolated: true, Environment.GetEnvironmentVariable("AKKACHAT_CHAOS_INSIDE")!);
    }

    if (verb == "sum")
    {
        return Sum.Print(settings.Names);
    }

    if (verb == "prove")
    {
        return await Proof.RunAsync(settings);
    }

    if (settings.IsSoak && verb == "run")
    {
        return await Soak.RunAsync(settings, rest);
    }

    var folder = TestFolder.Create("akkachat-chaos-");
    if (verb == "work")
    {
        return await WorkBench.RunAsync(settings, folder);
    }

    if (verb == "hostile")
    {
        return await HostileBench.RunAsync(settings, folder);
    }

    var reason = settings.Plain ? "it was asked for" : await Isolation.WhyNotAsync();
    if (reason is null)
    {
        return await Isolation.RunInsideAsync(["run", .. rest.Contains("--seed") ? rest : [.. rest, "--seed", $"{settings.Seed}"]], folder);
    }

    Console.WriteLine($"Without network namespaces ({reason}): partitions are left out, all other faults are done.");
    try
    {
        return await OneAsync(settings, isIsolated: false, folder);
    }
    finally
    {
        Directory.Delete(folder, recursive: true);
    }
}

static async Task<int> OneAsync(RunSettings settings, bool isIsolated, string folder)
{
    AkkaChat.Chaos.Checking.Verdict verdict;
    try
    {
        verdict = await new Run(settings, isIsolated, folder).RunAsync();
    }
    catch (Exception e) when (e is not ArgumentException)
    {
        await Console.Error.WriteLineAsync($"The run could not be played: {e}");
        return 3;
    }

    Console.Write(Report.Summary(verdict));
    Console.WriteLine($"report: {Path.Combine(settings.Output, "report.html")}");
    return verdict.Violations.Count == 0 ? 0 : 1;
}
