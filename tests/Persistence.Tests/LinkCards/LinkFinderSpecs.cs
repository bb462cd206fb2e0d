using AkkaChat.Persistence.LinkCards;

namespace AkkaChat.Persistence.Tests.LinkCards;

public sealed class LinkFinderSpecs
{
    [Theory]
    [InlineData("no link: example.org, mailto:a@b.c, ftp://example.org, javascript:alert(1)", "")]
    [InlineData("see https://example.org/a?b=c&d#e.", "https://example.org/a?b=c&d#e")]
    [InlineData("HTTP://Example.ORG!", "HTTP://Example.ORG")]
    [InlineData("(https://example.org/a_(b)) and [x](https://example.org/c).", "https://example.org/a_(b) https://example.org/c")]
    [InlineData("**https://example.org/a** _https://example.org/b_", "https://example.org/a https://example.org/b")]
    [InlineData("<https://example.org/a> \"https://example.org/b\"", "https://example.org/a https://example.org/b")]
    [InlineData("`https://example.org/a` and ```\nhttps://example.org/b\n``` and https://example.org/c", "https://example.org/c")]
    [InlineData("https://example.org/a https://example.org/a https://example.org/b", "https://example.org/a https://example.org/b")]
    [InlineData("https://a.example https://b.example https://c.example https://d.example", "https://a.example https://b.example https://c.example")]
    [InlineData("https://münchen.example/straße", "https://münchen.example/straße")]
    [InlineData("https://example.org/🦊 x", "https://example.org/🦊")]
    [InlineData("https:// http://", "")]
    public void Find_ShouldGiveTheFirstLinks(string text, string links) => Assert.Equal(links, string.Join(' ', LinkFinder.Find(text)));

    [Fact]
    public void Find_ShouldPassOverALinkThatIsTooLong() =>
        Assert.Equal(["https://b.example"], LinkFinder.Find($"https://a.example/{new string('x', LinkFinder.MaxLength)} https://b.example"));

    [Fact]
    public void Find_ShouldBeQuick_WhateverTheText()
    {
        foreach (var part in new[] { "https://", "http://a)", "`https://a", "```", "((((https://a" })
        {
            var text = string.Concat(Enumerable.Repeat(part, 16 * 1024 / part.Length));
            Assert.InRange(LinkFinder.Find(text).Count, 0, LinkFinder.MaxLinks);
        }
    }
}
