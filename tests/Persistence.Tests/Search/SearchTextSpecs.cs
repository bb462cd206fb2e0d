using AkkaChat.Persistence.ReadModel;
using AkkaChat.Persistence.Search;
using AkkaChat.Support;
using CsCheck;

namespace AkkaChat.Persistence.Tests.Search;

/// <summary>Folded texts, their grams, and what stands in a segment: what makes the index right, without a database.</summary>
public sealed class SearchTextSpecs
{
    /// <summary>Letters with marks, ligatures, kana, ideographs, Hangul, Arabic, emoji, blanks, and halves of surrogate pairs.</summary>
    private static readonly string[] Parts =
    [
        "a", "B", "é", "e\u0301", "ß", "ﬁ", "İ", "ς", " ", "\n\t", "-", "が", "か\u3099", "ｶﾞ", "日", "本", "𠮷", "한", "ا", "\u064B", "👍🏽", "\u200d", "\ud83d", "Ø",
        "c", "d", "7",
    ];

    private static readonly Gen<string> Texts = Gen.Int[0, Parts.Length - 1].Array[0, 60].Select(parts => string.Concat(parts.Select(part => Parts[part])));

    [Fact]
    public void Folding_ShouldBeThatOfOtherSearches_ExceptForWhatNobodySees() => Texts.ForAll(
        text =>
        {
            if (!text.Contains('\u200d', StringComparison.Ordinal))
            {
                Assert.Equal(SearchText.Normalize(text), FoldedText.Fold(text));
            }

            Assert.Equal(FoldedText.Fold(text), FoldedText.Of(text).Value);
            Assert.Equal(FoldedText.Fold(text), FoldedText.Fold(FoldedText.Fold(text)));
        },
        cases: 2_000);

    [Fact]
    public void Grams_ShouldBeInEveryTextWithTheTerm() => Gen.Select(Texts, Gen.Int[0, 59], Gen.Int[1, 30], Gen.Int[2, 8]).ForAll(
        sample =>
        {
            var (text, start, length, limit) = sample;
            var folded = FoldedText.Fold(text);
            if (start >= folded.Length)
            {
                return;
            }

            // As a query is: whole characters, folded by itself.
            var term = FoldedText.Fold(folded.Substring(start, Math.Min(length, folded.Length - start)));
            if (term.Length == 0 || !folded.Contains(term, StringComparison.Ordinal))
            {
                return;
            }

            var grams = Grams.Of(folded).ToHashSet();
            var (all, anyOf) = Grams.Needed(term, limit);
            Assert.True(all.Count > 0 || anyOf is not null);
            Assert.True(all.Count <= limit);
            Assert.Subset(grams, all.ToHashSet());
            Assert.True(anyOf is not { } range || grams.Any(gram => gram >= range.From && gram <= range.To));
        },
        cases: 5_000);

    [Theory]
    [InlineData("Der CAFÉ am Eck", "cafe", "CAFÉ")]
    [InlineData("Der Cafe\u0301\u0302 am Eck", "cafe", "Cafe\u0301\u0302")]
    [InlineData("Straße", "ss", "ß")]
    [InlineData("die ﬁne Art", "fi", "ﬁ")]
    [InlineData("東京に行く", "京", "京")]
    [InlineData("ガム", "か", null)]
    [InlineData("two\n  lines", "two lines", "two\n  lines")]
    [InlineData("x 👍🏽 y", "👍", "👍")]
    [InlineData("מַחְשֵׁב", "מחשב", "מַחְשֵׁב")]
    public void Match_ShouldBeMarkedInTheTextItself(string text, string term, string? marked)
    {
        var ranges = new MatchFinder([term], []).Find(text);
        Assert.Equal(marked, ranges.Count == 0 ? null : text.Substring(ranges[0].Start, ranges[0].Length));
    }

    [Fact]
    public void Matches_ShouldBeInOrderWithoutOverlaps()
    {
        Assert.Equal([new(0, 4), new(5, 1), new(6, 1)], new MatchFinder(["ab", "bcd", "x"], []).Find("abcd xx"));
        Assert.Equal([new(0, 5)], new MatchFinder(["hello", "ell"], []).Find("hello"));
        Assert.False(new MatchFinder(["a"], ["b"]).Matches("a B"));
        Assert.True(new MatchFinder(["a"], ["b"]).Matches("a c"));
    }

    [Fact]
    public void Snippet_ShouldBeAroundTheFirstMatch_AndCutNoCharacter() => Gen.Select(Texts.Array[1, 30], Gen.Int[0, 600]).ForAll(
        (parts, at) =>
        {
            var text = string.Concat(parts);
            var match = at < text.Length ? new TextRange(at, Math.Min(5, text.Length - at)) : (TextRange?)null;
            var snippet = MatchFinder.SnippetOf(text, match is { } m ? [m] : []);

            Assert.True(snippet.Text.Length <= 241);
            Assert.Contains(snippet.Text, text, StringComparison.Ordinal);
            Assert.True(snippet.IsCutBefore || text.StartsWith(snippet.Text, StringComparison.Ordinal));
            Assert.True(snippet.IsCutAfter || text.EndsWith(snippet.Text, StringComparison.Ordinal));
            if (match is { } expected)
            {
                var shown = Assert.Single(snippet.Matches);
                Assert.Equal(text.AsSpan(expected.Start, shown.Length), snippet.Text.AsSpan(shown.Start, shown.Length));
            }
        },
        cases: 1_000);

    [Fact]
    public void Places_ShouldBeReadAsWritten() => Gen.Select(Gen.Int[1, 5_000], Gen.Double[0, 1], Gen.Int).ForAll(
        sample =>
        {
            var (count, density, seed) = sample;
            var random = new Random(seed);
            var places = Enumerable.Range(0, count).Where(_ => random.NextDouble() < density).Select(place => (ushort)place).ToList();
            var encoded = DocSet.Encode(places, count);
            var set = DocSet.None(count);
            set.Add(encoded);

            Assert.Equal(Enumerable.Reverse(places).Select(place => (int)place), set.Descending());
            Assert.True(encoded.Length <= 1 + (((count + 63) / 64) * 8));
            set.And(DocSet.All(count));
            Assert.Equal(places.Count == 0, set.IsEmpty);
            Assert.Equal(places.Count, set.Descending().Count());
        },
        cases: 300);

    [Fact]
    public void Messages_ShouldBeReadAsWritten()
    {
        var docs = Enumerable.Range(0, 3_000)
            .Select(i => new Doc(new DocKey(1_750_000_000_000 + (i * 37L), $"r_{i % 41}", (i * 7L) + 1), $"u_{i % 13}", (MessageParts)(i % 8)))
            .Order(Comparer<Doc>.Create((x, y) => x.Key.CompareTo(y.Key))).ToList();
        var read = SegmentDocs.Decode(SegmentDocs.Encode(docs));

        Assert.Equal(docs, Enumerable.Range(0, read.Count).Select(i => new Doc(read.KeyOf(i), read.Authors[read.AuthorOf(i)], read.PartsOf(i))));
    }
}
