using AkkaChat.LocalCluster;

// `./run cluster`, after the build: PORT and DATA come from there, checked.
var port = int.Parse(Environment.GetEnvironmentVariable("PORT") ?? "8080", System.Globalization.CultureInfo.InvariantCulture);
var data = Environment.GetEnvironmentVariable("DATA")
    ?? throw new InvalidOperationException("DATA is not set; start this through ./run cluster.");
using var interrupt = new Interrupt();
await using var cluster = new ClusterRun(port, Path.Combine(data, "cluster"), interrupt);
try
{
    await cluster.StartAsync();
    await cluster.SuperviseAsync();
    return interrupt.ExitCode;
}
catch (OperationCanceledException) when (interrupt.Stop.IsCancellationRequested)
{
    return interrupt.ExitCode;
}
catch (Exception e) when (e is InvalidOperationException or TimeoutException or IOException)
{
    await Console.Error.WriteLineAsync($"akkachat: {e.Message}");
    return 1;
}
