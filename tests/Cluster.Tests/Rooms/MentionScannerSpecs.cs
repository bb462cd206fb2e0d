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
    [InlineData("Ask @ana. Or @bo-", "ana bo")]
    [InlineData("@a.b-c_d", "a.b-c_d")]
    [InlineData("@ana_", "ana_")]
    [InlineData("@...", "")]
    [InlineData("é@ana @éa", "ana")]
    [InlineData("👋@ana👋", "ana")]
    [InlineData("@ana @ana", "ana ana")]
    public void Names_ShouldFindEachName(string text, string names) => Assert.Equal(names, string.Join(' ', MentionScanner.Names(text)));

    [Fact]
    public void Names_ShouldStopAfterFifty() =>
        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"u{i}"), MentionScanner.Names(string.Join(' ', Enumerable.Range(0, 60).Select(i => $"@u{i}"))));

    [Fact]
    public void Names_ShouldAgreeWithTheRegularExpression() =>
        Gen.OneOf("@", "a", "B", "7", ".", "-", "_", " ", "é", "👋").Array[0, 120].Select(string.Concat).ForAll(
            text => Assert.Equal(
                Mention().Matches(text).Select(match => match.Groups[1].Value.TrimEnd('.', '-')).Where(name => name.Length > 0).Take(50),
                MentionScanner.Names(text)),
            cases: 20_000);

    [GeneratedRegex("(?<![A-Za-z0-9_.-])@([A-Za-z0-9_.-]*)")]
    private static partial Regex Mention();
}
