using AkkaChat.Cluster.Hosting;
using AkkaChat.Cluster.Management;
using AkkaChat.Cluster.Nodes;
using AkkaChat.Edge.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace AkkaChat.Edge.Tests.Hosting;

/// <summary>What the start of an edge, and of a room-only node, says about settings: all errors at once, each with its full key.</summary>
public sealed class SettingSpecs
{
    [Theory]
    [InlineData("AkkaChat:Sockets:SendPerSec", "AkkaChat:Sockets:SendPerSec is not a setting; did you mean AkkaChat:Sockets:SendPerSecond?")]
    [InlineData("AkkaChat:Socket:SendPerSecond", "AkkaChat:Socket:SendPerSecond is not a setting; did you mean AkkaChat:Sockets:SendPerSecond?")]
    [InlineData("AkkaChat:Cluster:Roles", "AkkaChat:Cluster:Roles is not a setting; did you mean AkkaChat:Cluster:Roles:0?")]
    [InlineData("AkkaChat:Auth:SigningKeys:1:Keys", "AkkaChat:Auth:SigningKeys:1:Keys is not a setting; did you mean AkkaChat:Auth:SigningKeys:0:Key?")]
    [InlineData("AkkaChat:Sockets:SendBurst:0", "AkkaChat:Sockets:SendBurst:0 is not a setting; did you mean AkkaChat:Sockets:SendBurst?")]
    [InlineData("AkkaChat:Zzzzzzzzzzzz:Qqqqqqqqqqqqqqqq", "AkkaChat:Zzzzzzzzzzzz:Qqqqqqqqqqqqqqqq is not a setting.")]
    public void Edge_ShouldNameTheNearestKey_WhenAKeyIsUnknown(string key, string error) =>
        Assert.Equal([error], EdgeErrors(new() { [key] = "1" }));

    [Fact]
    public async Task Edge_ShouldReportEverySectionAndEnd_WhenManyAreWrong()
    {
        using var app = Build(AddEdge, new()
        {
            ["AkkaChat:Sockets:SendBurst"] = "many",
            ["AkkaChat:Sockets:SendPerSecond"] = "0",
            ["AkkaChat:Rooms:WatchLease"] = "soon",
            ["AkkaChat:Database:Migrate"] = "maybe",
            ["AkkaChat:Database:MaxPoolSize"] = "0",
            ["AkkaChat:Passwords:Iterations"] = "2.5",
            ["AkkaChat:Auth:AccessTokenLifetime"] = "02:00:00",
            ["AkkaChat:Presence:Redis"] = "localhost:6379,nonsense=hunter2",
            ["AkkaChat:Web:Rot"] = "/srv/page",
        });
        var errors = new StringWriter();

        Assert.Equal(1, await app.RunNodeAsync([], errors).WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal(
            [
                "AkkaChat:Auth:AccessTokenLifetime must be from 00:00:10 to 01:00:00, not 02:00:00.",
                "AkkaChat:Database:MaxPoolSize must be from 1 to 1000, not 0.",
                "AkkaChat:Database:Migrate must be true or false, not 'maybe'.",
                "AkkaChat:Passwords:Iterations must be a whole number, not '2.5'.",
                "AkkaChat:Presence:Redis must be a StackExchange.Redis connection string, as in 127.0.0.1:6379.",
                "AkkaChat:Rooms:WatchLease must be a time span, as in 00:00:30, not 'soon'.",
                "AkkaChat:Sockets:SendBurst must be a whole number, not 'many'.",
                "AkkaChat:Sockets:SendPerSecond must be above 0.",
                "AkkaChat:Web:Rot is not a setting; did you mean AkkaChat:Web:Root?",
            ],
            errors.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("00:00:30", "00:00:30", false)]
    [InlineData("00:00:29", "00:00:30", true)]
    public void Edge_ShouldRefuseARenewalThatIsNotShorterThanTheLease(string renew, string lease, bool isAllowed)
    {
        var errors = EdgeErrors(new() { ["AkkaChat:Relay:Renew"] = renew, ["AkkaChat:Rooms:WatchLease"] = lease });

        Assert.Equal(isAllowed ? [] : ["AkkaChat:Relay:Renew must be shorter than AkkaChat:Rooms:WatchLease, best a third of it."], errors);
    }

    [Fact]
    public void Edge_ShouldRefuseAnAccessTokenThatOutlivesItsSession() => Assert.Equal(
        ["AkkaChat:Auth:AccessTokenLifetime must be shorter than AkkaChat:Auth:RefreshTokenLifetime."],
        EdgeErrors(new() { ["AkkaChat:Auth:AccessTokenLifetime"] = "00:15:00", ["AkkaChat:Auth:RefreshTokenLifetime"] = "00:10:00" }));

    [Fact]
    public void Node_ShouldRefuseSqlite_WhenItHasSeedNodes() => Assert.Equal(
        ["AkkaChat:Database:Provider must be 'postgres' when AkkaChat:Cluster:SeedNodes is set."],
        RoomNodeErrors(new() { ["AkkaChat:Cluster:SeedNodes:0"] = "akka.tcp://chat@10.0.0.1:4053" }));

    /// <summary>An operator gives all nodes of a cluster one environment.</summary>
    [Fact]
    public void Node_ShouldAcceptTheSettingsOfEveryRole()
    {
        var settings = new Dictionary<string, string?>
        {
            ["PORT"] = "8080",
            ["DATA"] = "./data",
            ["akkachat:auth:signingkeys:0:id"] = "k1",
            ["AkkaChat:Auth:SigningKeys:0:Key"] = Convert.ToBase64String(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32)),
            ["AkkaChat:Auth:AllowGeneratedKey"] = "true",
            ["AkkaChat:Sockets:SendPerSecond"] = "100.5",
            ["AkkaChat:Sockets:SendBurst"] = "500",
            ["AkkaChat:Database:Provider"] = "Postgres",
            ["AkkaChat:Database:ConnectionString"] = "Host=127.0.0.1;Password=secret",
            ["AkkaChat:Presence:Redis"] = "127.0.0.1:6390,password=secret,abortConnect=false",
            ["AkkaChat:Cluster:SeedNodes:0"] = "akka.tcp://chat@127.0.0.1:5101",
            ["AkkaChat:Cluster:SeedNodes:1"] = "akka.tcp://chat@127.0.0.1:5102",
            ["AkkaChat:Cluster:Hostname"] = "127.0.0.1",
            ["AkkaChat:Cluster:Roles:0"] = "room",
            ["AkkaChat:Cluster:Port"] = "5101",
            ["AkkaChat:Management:Port"] = "9110",
            ["AkkaChat:Web:Root"] = "/srv/page",
            // An empty list in a JSON file.
            ["AkkaChat:Security:KnownProxies"] = "",
        };

        Assert.Empty(EdgeErrors(settings));
        Assert.Empty(RoomNodeErrors(settings));
    }

    [Fact]
    public void RoomNode_ShouldNameTheNearestSection_WhenASectionOfEdgesIsMisspelt() => Assert.Equal(
        ["AkkaChat:Socket:SendBurst is not a setting; did you mean AkkaChat:Sockets:SendBurst?"],
        RoomNodeErrors(new() { ["AkkaChat:Socket:SendBurst"] = "1" }));

    private static List<string> EdgeErrors(Dictionary<string, string?> settings) => Errors(AddEdge, settings);

    private static List<string> RoomNodeErrors(Dictionary<string, string?> settings) => Errors(AddRoomNode, settings);

    private static void AddEdge(WebApplicationBuilder builder) => builder.AddChatEdge();

    private static void AddRoomNode(WebApplicationBuilder builder)
    {
        builder.Services.AddManagement();
        builder.Services.AddChatNode(builder.Configuration, [ChatRoles.Room]);
    }

    private static WebApplication Build(Action<WebApplicationBuilder> add, Dictionary<string, string?> settings)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Development" });
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddInMemoryCollection(settings);
        add(builder);
        return builder.Build();
    }

    private static List<string> Errors(Action<WebApplicationBuilder> add, Dictionary<string, string?> settings)
    {
        using var app = Build(add, settings);
        try
        {
            app.Services.GetRequiredService<IStartupValidator>().Validate();
            return [];
        }
        catch (Exception e) when (StartFailure.Explain(e) is { } sentences)
        {
            return [.. sentences.Split(Environment.NewLine)];
        }
    }
}
