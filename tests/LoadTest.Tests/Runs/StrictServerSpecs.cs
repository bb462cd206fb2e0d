using AkkaChat.Support.Processes;

namespace AkkaChat.LoadTest.Tests.Runs;

/// <summary>A server of its own, since its limit would bind the other runs too.</summary>
public sealed class StrictServerSpecs
{
    [Fact]
    public async Task Run_ShouldWaitAndNameTheSetting_WhenTheServerLimitsRegistrations()
    {
        await using var strict = await SingleNode.StartAsync(new Dictionary<string, string> { ["AkkaChat__Auth__RegistrationsPerAddressPerMinute"] = "20" });
        var ended = await Tool.RunAsync("--url", strict.Url.ToString(), "--users", "21", "--rooms", "1", "--rate", "10", "--duration", "1", "--ramp", "0");

        Assert.True(ended.ExitCode == 0, ended.Words);
        Assert.Contains("AkkaChat:Auth:RegistrationsPerAddressPerMinute", ended.Output, StringComparison.Ordinal);
    }
}
