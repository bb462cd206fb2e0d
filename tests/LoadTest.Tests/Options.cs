using AkkaChat.LoadTest.Arguments;

namespace AkkaChat.LoadTest.Tests;

internal static class Options
{
    /// <summary>What these arguments ask for; they have no errors.</summary>
    public static LoadOptions Of(params string[] arguments)
    {
        var line = new CommandLine(_ => Task.FromResult(0));
        var parsed = line.Root.Parse(arguments);
        Assert.Empty(parsed.Errors);
        return line.Options(parsed.CommandResult);
    }
}
