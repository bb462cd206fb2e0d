using System.Text.RegularExpressions;
using AkkaChat.Support;
using CsCheck;

namespace AkkaChat.Cluster.Tests.Rooms;

public sealed partial class MentionScannerSpecs
{
    [Theory]
    [InlineData("", "")]
    [InlineData("no name here", "")]
    [InlineData("@", "")]
    [InlineData("@ ana", "")]
    [InlineData("@ana", "ana")]
    [InlineData("hi @Ana, and @bo!", "Ana bo")]
    [InlineData("(@ana)@bo\n@cy", "ana bo cy")]
    [InlineData("@@ana", "ana")]
    [InlineData("@ana@bo", "ana")] // the second follows a name
    [InlineData("mail ana@example.org", "")]
    [InlineData("a.b-@ana _@bo", "")]
    [InlineData("Ask @ana.- Or @bo-", "ana.- ana. ana bo- bo")] // all that it may mean
    [InlineData("@a.b-c_d", "a.b-c_d")]
    [InlineData("@ana_", "ana_")]
    [InlineData("@..-", "..- .. .")]
    [InlineData("é@ana @éa", "ana")]
    [InlineData("👋@ana👋", "ana")]
    [InlineData("@ana @ana", "ana ana")]
    public void Names_ShouldFindEachName(string text, string names) => Assert.Equal(names, string.Join(' ', MentionScanner.Names(text)));

    [Fact]
    public void Names_ShouldHaveAtMost32Characters_AsUsernamesHave()
    {
        var name = new string('a', 30);

        Assert.Equal([$"{name}..", $"{name}.", name], MentionScanner.Names($"@{name}....."));
        Assert.Empty(MentionScanner.Names($"@{name}aaa"));
    }

    [Fact]
    public void Names_ShouldStopAfterFifty() =>
        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"u{i}"), MentionScanner.Names(string.Join(' ', Enumerable.Range(0, 60).Select(i => $"@u{i}"))));

    [Fact]
    public void Names_ShouldAgreeWithTheRegularExpression() =>
        Gen.OneOf("@", "a", "B", "7", ".", "-", "_", " ", "é", "👋").Array[0, 120].Select(string.Concat).ForAll(
            text => Assert.Equal(
                Mention().Matches(text).Select(match => match.Groups[1].Value).Take(50).SelectMany(Readings),
                MentionScanner.Names(text)),
            cases: 20_000);

    private static IEnumerable<string> Readings(string name)
    {
        for (; name.Length > 0; name = name[..^1])
        {
            if (name.Length <= 32)
            {
                yield return name;
            }

            if (name[^1] is not ('.' or '-'))
            {
                break;
            }
        }
    }

    [GeneratedRegex("(?<![A-Za-z0-9_.-])@([A-Za-z0-9_.-]+)")]
    private static partial Regex Mention();
}
