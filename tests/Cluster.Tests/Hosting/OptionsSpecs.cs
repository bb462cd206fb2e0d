using AkkaChat.Cluster.Hosting;
using AkkaChat.Cluster.Management;
using AkkaChat.Cluster.Nodes;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace AkkaChat.Cluster.Tests.Hosting;

/// <summary>Every wrong value is named by the full key that an operator would set, all of them at once, before the node starts.</summary>
public sealed class OptionsSpecs
{
    public static TheoryData<string, string> WrongValues => new()
    {
        { "AkkaChat:Rooms:PassivateAfter", "00:00:04.999" },
        { "AkkaChat:Rooms:WatchLease", "00:00:02" },
        { "AkkaChat:Rooms:SnapshotEvery", "9" },
        { "AkkaChat:Rooms:MaxPending", "0" },
        { "AkkaChat:Rooms:MaxPending", "1000001" },
        { "AkkaChat:Rooms:MaxBatchEvents", "0" },
        { "AkkaChat:Rooms:MaxBatchEvents", "1001" },
        { "AkkaChat:Rooms:MaxBatchBytes", "16383" },
        { "AkkaChat:Rooms:MaxBatchBytes", "786433" },
        { "AkkaChat:Cluster:Roles:0", "boss" },
        { "AkkaChat:Cluster:SeedNodes:0", "10.0.0.1:4053" },
        { "AkkaChat:Cluster:SeedNodes:0", "akka.tcp://other@10.0.0.1:4053" },
        { "AkkaChat:Cluster:SeedNodes:0", "akka.tcp://chat@10.0.0.1" },
        { "AkkaChat:Cluster:Hostname", " " },
        { "AkkaChat:Cluster:Port", "-1" },
        { "AkkaChat:Cluster:Port", "65536" },
        { "AkkaChat:Cluster:StableAfter", "00:00:00.9" },
        { "AkkaChat:Cluster:AcceptableHeartbeatPause", "00:00:00" },
        { "AkkaChat:Management:Port", "65536" },
        { "AkkaChat:Management:Port", "-1" },
        { "AkkaChat:Management:Token", "too-short" },
    };

    [Theory]
    [MemberData(nameof(WrongValues))]
    public void Validate_ShouldNameTheFullKey(string key, string value)
    {
        var error = Assert.Single(Errors(new Dictionary<string, string?> { [key] = value }));
        Assert.Contains(key.EndsWith(":0", StringComparison.Ordinal) ? key[..^2] : key, error, StringComparison.Ordinal);
    }

    [Fact]
    public void Validate_ShouldNameEveryError_WhenThereAreMany()
    {
        var wrong = WrongValues.Select(row => ((string)row[0], (string)row[1])).DistinctBy(row => row.Item1).ToDictionary(row => row.Item1, row => (string?)row.Item2);
        Assert.Equal(wrong.Count, Errors(wrong).Count);
    }

    [Fact]
    public void Validate_ShouldPass_WhenNothingIsSet() => Assert.Empty(Errors([]));

    [Theory]
    [InlineData("AkkaChat:Rooms:MaxPending", "1")]
    [InlineData("AkkaChat:Rooms:MaxPending", "1000000")]
    [InlineData("AkkaChat:Cluster:Port", "65535")]
    [InlineData("AkkaChat:Cluster:SeedNodes:0", "akka.tcp://chat@room-0.rooms.chat.svc:4053")]
    [InlineData("AkkaChat:Cluster:Roles:0", "room")]
    [InlineData("AkkaChat:Management:Port", "0")]
    public void Validate_ShouldPass_WhenTheValueIsAtItsBound(string key, string value) =>
        Assert.Empty(Errors(new Dictionary<string, string?> { [key] = value }));

    /// <summary>What a start of a node would say.</summary>
    private static List<string> Errors(Dictionary<string, string?> settings)
    {
        var builder = Microsoft.AspNetCore.Builder.WebApplication.CreateSlimBuilder();
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Services.AddChatClusterOptions();
        builder.Services.AddManagement();
        using var services = builder.Services.BuildServiceProvider();
        try
        {
            services.GetRequiredService<IStartupValidator>().Validate();
            return [];
        }
        catch (OptionsValidationException error)
        {
            return [.. error.Failures];
        }
        catch (AggregateException errors)
        {
            return [.. errors.InnerExceptions.Cast<OptionsValidationException>().SelectMany(error => error.Failures)];
        }
    }
}
