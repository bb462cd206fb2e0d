using AkkaChat.Persistence.Search;

namespace AkkaChat.Persistence.Tests.Search;

public sealed class SearchQueryParserSpecs
{
    private const long Day = 86_400_000;

    [Theory]
    [InlineData("Hello  WORLD", "hello|world")]
    [InlineData("\"Hello  world\" and", "hello world|and")]
    [InlineData("“São Paulo”", "sao paulo")]
    [InlineData("\"not closed", "not closed")]
    [InlineData("café CAFÉ", "cafe|cafe")]
    [InlineData("日本 ﾃﾞ", "日本|テ\u3099")]
    [InlineData("- a-b -- --all", "-|a-b|--|--all")]
    [InlineData("https://example.org/x?y=1 std::vector C:\\dir 12:30 :smile: todo: x:)", "https://example.org/x?y=1|std::vector|c:\\dir|12:30|:smile:|todo:|x:)")]
    [InlineData("'; DROP TABLE account; -- %_\\ a* & | ! <-> NEAR(x)", "';|drop|table|account;|--|%_\\|a*|&|||!|<->|near(x)")]
    [InlineData("\u05E9\u05DC\u05D5\u05DD \u0645\u064E\u0631\u0652\u062D\u064E\u0628\u064B\u0627 \u200Fx", "\u05E9\u05DC\u05D5\u05DD|\u0645\u0631\u062D\u0628\u0627|x")]
    [InlineData("👍🏽 e\u0301\u0301\u0301", "👍🏽|e")]
    public void Query_ShouldHaveTheTerms(string text, string expected) => Assert.Equal(expected.Split('|'), SplitAtBars(Terms(text), expected));

    [Fact]
    public void Query_ShouldHaveItsFilters()
    {
        var query = Query("-draft from:@Ana from:bob in:#Garden in:\"Design team\" has:image has:LINK after:2026-01-01 before:2026-02-01 -\"no way\" x");

        Assert.Equal(["x"], query.Terms);
        Assert.Equal(["draft", "no way"], query.Excluded);
        Assert.Equal(["Ana", "bob"], query.From);
        Assert.Equal(["garden", "design team"], query.In);
        Assert.Equal(MessageParts.Image | MessageParts.Link, query.Has);
        Assert.Equal((Ms(2026, 1, 2), Ms(2026, 2, 1)), (query.Since, query.Until));
    }

    [Fact]
    public void Day_ShouldBeginWhereTheCallerIs()
    {
        var query = SearchQueryParser.Parse("on:2026-03-01", TimeSpan.FromHours(-3)).Query!;
        Assert.Equal((Ms(2026, 3, 1) + (Day / 8), Ms(2026, 3, 2) + (Day / 8)), (query.Since, query.Until));
        Assert.Equal((Ms(2026, 3, 1), Ms(2026, 3, 2)), (Query("on:2026-03-01").Since, Query("on:2026-03-01").Until));
    }

    [Theory]
    [InlineData(null, "Say what to look for.")]
    [InlineData("  \t ", "Say what to look for.")]
    [InlineData("\"\" \u0301\u0302 \u200b", "There is nothing in it to look for.")]
    [InlineData("-a -b", "Say also what to look for, not only what not.")]
    [InlineData("author:ana x", "author: is no filter. There are from:, in:, before:, after:, on:, has:; put quotes around what is text.")]
    [InlineData("-from:ana x", "from: cannot be excluded; only words can.")]
    [InlineData("from: ana", "from: needs a value, without a blank before it.")]
    [InlineData("in:#", "There is no name after the colon.")]
    [InlineData("has:cheese", "has: is followed by file, image, link.")]
    [InlineData("before:yesterday", "before: is followed by a day such as 2026-01-31.")]
    [InlineData("on:2026-02-30", "on: is followed by a day such as 2026-01-31.")]
    [InlineData("after:0000-01-01", "after: is followed by a day such as 2026-01-31.")]
    public void Query_ShouldSayWhatIsWrong(string? text, string error) => Assert.Equal(error, SearchQueryParser.Parse(text).Error);

    [Fact]
    public void Query_ShouldBeBounded()
    {
        Assert.Equal("A search has at most 400 characters.", SearchQueryParser.Parse(new string('x', 10_000)).Error);
        Assert.Null(SearchQueryParser.Parse(new string('x', 400)).Error);
        Assert.Equal("A search has at most 32 words and filters.", SearchQueryParser.Parse(string.Join(' ', Enumerable.Repeat("x", 33))).Error);
        Assert.Equal("There is nothing in it to look for.", SearchQueryParser.Parse(new string('\u0301', 400)).Error);
    }

    [Fact]
    public void FiltersAlone_ShouldBeAQuery() => Assert.Empty(Query("from:ana has:file").Terms);

    private static SearchQuery Query(string text) => SearchQueryParser.Parse(text).Query ?? throw new InvalidOperationException(SearchQueryParser.Parse(text).Error);

    private static IReadOnlyList<string> Terms(string text) => Query(text).Terms;

    /// <summary>A term may be a bar itself.</summary>
    private static IEnumerable<string> SplitAtBars(IReadOnlyList<string> terms, string expected) =>
        string.Join('|', terms) == expected ? expected.Split('|') : terms;

    private static long Ms(int year, int month, int day) => new DateTimeOffset(year, month, day, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds();
}
