using System.Text.RegularExpressions;
using AkkaChat.LoadTest.Limits;
using AkkaChat.Support.Processes;

namespace AkkaChat.LoadTest.Tests.Limits;

public sealed partial class LimitSpecs
{
    [Fact]
    public void Setting_ShouldBeOneOfTheServers_WhereALimitNamesIt()
    {
        var settings = File.ReadAllText(Path.Combine(Product.Root, "docs", "settings.md"));
        var keys = Limit.All.SelectMany(limit => Key().Matches(limit.Lift)).Select(match => match.Value).ToList();

        Assert.True(keys.Count > 10);
        Assert.All(keys, key => Assert.Contains($"`{key}`", settings, StringComparison.Ordinal));
    }

    [Fact]
    public void Notice_ShouldBeToldOnce_AndCounted()
    {
        var told = new List<Notice>();
        var notices = new Notices(told.Add);
        notices.Add(Limit.Sends, "first");
        notices.Add(Limit.Sends, "second");

        Assert.Equal("first", Assert.Single(told).Detail);
        Assert.Equal((2, "first"), (Assert.Single(notices.All).Count, notices.All[0].Detail));
    }

    [GeneratedRegex("AkkaChat(:[A-Za-z]+)+")]
    private static partial Regex Key();
}
