using System.Text;
using AkkaChat.Edge.LinkCards;
using AkkaChat.Messages.Rooms;

namespace AkkaChat.Edge.Tests.LinkCards;

public sealed class PageReaderSpecs
{
    private const string Url = "https://example.org/a";

    [Fact]
    public void Read_ShouldPreferOpenGraph() => Assert.Equal(
        new LinkCard(Url, "A \"title\" & more", "What it says", "The Site"),
        Read("""
            <!doctype html><html><head><title>Other</title>
            <meta name="description" content="other"><meta name="twitter:title" content="other">
            <meta property="og:title" content="A &quot;title&quot; &amp; more"><meta property='og:title' content='second'>
            <META content="What
              it  says" PROPERTY=og:description><meta property="og:site_name" content="The Site"></head>
            """));

    [Theory]
    [InlineData("<title>  A &lt;b&gt; <i>title</i>  </title><p>x", "A <b> <i>title</i>")]
    [InlineData("<title></title><meta name=twitter:title content=T>", "T")]
    [InlineData("<script>var a = '<title>no</title>';</script><style><title>no</title></style><!-- <title>no</title> --><title>yes</title>", "yes")]
    [InlineData("<svg><title>picture</title></svg><title>page</title>", "picture")]
    [InlineData("<title>a\u0001b\u202Ec 👩‍👩‍👧 &#x1F98A;</title>", "a b c 👩‍👩‍👧 🦊")]
    public void Read_ShouldTakeTheTitle(string html, string title) =>
        Assert.Equal(title, Read(html)?.Title);

    [Theory]
    [InlineData("")]
    [InlineData("plain text")]
    [InlineData("<title> </title>")]
    [InlineData("<body><title>in the body</title><meta property=og:title content=no>")]
    public void Read_ShouldGiveNothing_WhereThePageSaysNothing(string html) => Assert.Null(Read(html));

    [Fact]
    public void Read_ShouldCutLongTexts_AtACharacter()
    {
        var card = Read($"<title>{new string('x', 298)}🦊🦊</title><meta name=description content='{new string('é', 600)}'>")!;

        Assert.Equal(new string('x', 298) + "…", card.Title);
        Assert.Equal(500, card.Description.Length);
        Assert.Equal("example.org", card.Site);
    }

    [Theory]
    [InlineData("utf-8", "utf-8")]
    [InlineData("iso-8859-1", "iso-8859-1")]
    [InlineData("windows-1252", "WINDOWS-1252")]
    [InlineData("shift_jis", "\"Shift_JIS\"")]
    [InlineData("utf-16", "utf-16")]
    public void Read_ShouldDecode_WhatTheResponseNames(string encoding, string charset)
    {
        var text = encoding == "shift_jis" ? "日本語" : "Zoë è";
        var bytes = Find(encoding).GetBytes($"<title>{text}</title>");
        Assert.Equal(text, PageReader.Read(Url, new Uri(Url), bytes, charset).Card?.Title);
    }

    [Fact]
    public void Read_ShouldDecode_WhatThePageOrItsMarkNames()
    {
        var meta = Find("windows-1252").GetBytes("<meta http-equiv=Content-Type content='text/html; charset=windows-1252'><title>Zoë</title>");
        byte[] mark = [0xFE, 0xFF, .. Encoding.BigEndianUnicode.GetBytes("<title>Zoë</title>")];

        Assert.Equal("Zoë", PageReader.Read(Url, new Uri(Url), meta, null).Card?.Title);
        Assert.Equal("Zoë", PageReader.Read(Url, new Uri(Url), mark, "iso-8859-1").Card?.Title);
        Assert.Equal("Zoë", PageReader.Read(Url, new Uri(Url), Encoding.UTF8.GetBytes("<title>Zoë</title>"), "no-such-charset").Card?.Title);
    }

    /// <summary>A parser that builds a tree meets its end here, by its stack or by time that grows with the square of the page.</summary>
    [Fact]
    public void Read_ShouldSurvive_WhateverIsNestedOrRepeated()
    {
        string[] parts = ["<div>", "<b a=1>", "<", "&", "<!--", "<svg><title>", "<a b='", "<table><tr>", "</p>", "<meta charset ", "a0 a1 a2 a3 "];
        foreach (var part in parts)
        {
            var html = Encoding.UTF8.GetBytes("<title>T</title><meta " + string.Concat(Enumerable.Repeat(part, LinkClient.MaxBytes / part.Length)));
            Assert.Equal("T", PageReader.Read(Url, new Uri(Url), html, null).Card?.Title);
        }

        Assert.Equal("T", Read("<title>T</title>" + string.Concat(Enumerable.Repeat("<div>", 10_000)))?.Title);
    }

    private static LinkCard? Read(string html) => PageReader.Read(Url, new Uri(Url), Encoding.UTF8.GetBytes(html), null).Card;

    private static Encoding Find(string name) => CodePagesEncodingProvider.Instance.GetEncoding(name) ?? Encoding.GetEncoding(name);
}
