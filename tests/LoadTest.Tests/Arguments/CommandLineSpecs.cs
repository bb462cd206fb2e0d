using AkkaChat.LoadTest.Arguments;

namespace AkkaChat.LoadTest.Tests.Arguments;

public sealed class CommandLineSpecs
{
    [Fact]
    public void Arguments_ShouldStandOverTheScenariosDefaults()
    {
        var options = Options.Of("--scenario", "slow-readers", "--users", "7", "--rate", "2.5", "--duration", "5m", "--ramp", "0", "--max-p99", "250");

        Assert.Equal((7, 1, 2.5, 16_000), (options.Users, options.Rooms, options.Rate, options.Payload));
        Assert.Equal((TimeSpan.FromMinutes(5), TimeSpan.Zero, 250), (options.Duration, options.Ramp, options.MaxP99));
        Assert.Equal(1, options.MaxErrors);
    }

    [Fact]
    public void NoArguments_ShouldPlayChatOfAHundredUsers()
    {
        var options = Options.Of();

        Assert.Equal(("chat", 100, 10, 100d), (options.Scenario.Name, options.Users, options.Rooms, options.Rate));
        Assert.Equal("http://localhost:8080/", options.Url.ToString());
        Assert.Null(options.Contradiction());
    }

    [Theory]
    [InlineData("--users", "0")]
    [InlineData("--users", "many")]
    [InlineData("--users", "1.5")]
    [InlineData("--rate", "-1")]
    [InlineData("--rate", "NaN")]
    [InlineData("--duration", "0")]
    [InlineData("--duration", "5 weeks")]
    [InlineData("--payload", "31")]
    [InlineData("--payload", "16385")]
    [InlineData("--scenario", "stampede")]
    [InlineData("--url", "localhost:8080")]
    [InlineData("--url", "ftp://localhost")]
    [InlineData("--max-errors", "101")]
    public void Argument_ShouldBeRefusedByName_WhenItIsWrong(string option, string value)
    {
        var errors = new CommandLine(_ => Task.FromResult(0)).Root.Parse([option, value]).Errors;

        Assert.Contains(option, Assert.Single(errors).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Argument_ShouldBeRefused_WhenItIsUnknown() =>
        Assert.NotEmpty(new CommandLine(_ => Task.FromResult(0)).Root.Parse(["--usres", "5"]).Errors);

    [Theory]
    [InlineData("--rooms-per-user", "--rooms", "2", "--rooms-per-user", "3")]
    [InlineData("--rooms", "--rooms", "11", "--users", "10")]
    [InlineData("million", "--rate", "100000", "--duration", "1h")]
    public void Contradiction_ShouldBeTold(string word, params string[] arguments) =>
        Assert.Contains(word, Options.Of(arguments).Contradiction(), StringComparison.Ordinal);

    public static TheoryData<string> Scenarios() => [.. Scenario.All.Select(scenario => scenario.Name)];

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void Scenario_ShouldBePlayableAsItIs_AndWithFewUsers(string name)
    {
        Assert.Null(Options.Of("--scenario", name).Contradiction());
        Assert.Null(Options.Of("--scenario", name, "--users", "1").Contradiction());
    }
}
