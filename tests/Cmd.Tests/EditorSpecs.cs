namespace AkkaChat.Cmd.Tests;

/// <summary>The prompt: what keys make of a line, and what Tab offers.</summary>
public sealed class EditorSpecs
{
    private static readonly Catalogue Offered = new(
        "akka.tcp://chat@127.0.0.1:1",
        "1.0",
        [
            new Palette("cluster", "", [new Command("show", "", []), new Command("down", "", [new Switch("a", "ADDRESS", "", true), new Switch("b", "B", "", false)])]),
            new Palette("cluster-sharding", "", [new Command("region-stats", "", [])]),
            new Palette("chat", "", [new Command("rooms", "", [])]),
        ]);

    [Theory]
    [InlineData("", "chat, cluster, cluster-sharding, exit, help")]
    [InlineData("cl", "cluster, cluster-sharding")]
    [InlineData("cluster ", "down, help, show")]
    [InlineData("cluster s", "show")]
    [InlineData("cluster down ", "-a, -b")]
    [InlineData("cluster down -a ", "")]
    [InlineData("cluster down -a x ", "-b")]
    [InlineData("help ch", "chat")]
    [InlineData("help cluster ", "down, show")]
    [InlineData("nothing ", "help")]
    public void Completion_ShouldOfferWhatTheNodeHas(string line, string offered) =>
        Assert.Equal(offered, string.Join(", ", new Completion(Offered).Of(line)));

    [Theory]
    [InlineData("clu\t\n", "cluster")]
    [InlineData("cluster sh\t\n", "cluster show ")]
    [InlineData("ch\tro\t\n", "chat rooms ")]
    [InlineData("abc\u0001x\n", "xabc")]
    [InlineData("abc\bd\n", "abd")]
    [InlineData("cluster show\u0017leader\n", "cluster leader")]
    [InlineData("abc\u0015d\n", "d")]
    [InlineData("abc\u0001\u000bd\n", "d")]
    [InlineData("abc\u0003d\n", "d")]
    [InlineData("abc<<X\n", "aXbc")]
    public void Keys_ShouldEditTheLine(string keys, string line) => Assert.Equal(line, Editor(keys, out _).ReadLine("> "));

    [Fact]
    public void Tab_ShouldListTheCandidates_WhenTheyHaveNothingMoreInCommon()
    {
        Editor("cluster \t\n", out var terminal).ReadLine("> ");

        Assert.Contains("down  help  show", terminal.Written, StringComparison.Ordinal);
    }

    [Fact]
    public void History_ShouldBringBackEarlierLines()
    {
        var editor = Editor("one\ntwo\n^^\n^^vv\n\u0004", out _);

        Assert.Equal(["one", "two", "one", "", null], Enumerable.Range(0, 5).Select(_ => editor.ReadLine("> ")));
    }

    [Theory]
    [InlineData("cluster show", "cluster|show")]
    [InlineData("  a   b ", "a|b")]
    [InlineData("chat rooms -s \"two words\"", "chat|rooms|-s|two words")]
    [InlineData("a 'b \"c\"' d\\ e ''", "a|b \"c\"|d e|")]
    public void Line_ShouldBeSplitIntoWords(string line, string words) => Assert.Equal(words.Split('|'), CommandLine.Split(line));

    [Fact]
    public void Line_ShouldBeRefused_WhenAQuoteIsNotClosed() =>
        Assert.Equal(ExitCodes.WrongUsage, Assert.Throws<CommandFailedException>(() => CommandLine.Split("a \"b")).ExitCode);

    private static LineEditor Editor(string keys, out FakeTerminal terminal) => new(terminal = new FakeTerminal(keys), new Completion(Offered));

    /// <summary>Types: &lt; is the left arrow, ^ and v those of the history, control characters are themselves.</summary>
    private sealed class FakeTerminal(string keys) : ITerminal
    {
        private readonly Queue<char> _keys = new(keys);

        public string Written { get; private set; } = "";

        public ConsoleKeyInfo ReadKey() => _keys.Dequeue() switch
        {
            '\n' => new('\r', ConsoleKey.Enter, false, false, false),
            '\t' => new('\t', ConsoleKey.Tab, false, false, false),
            '\b' => new('\b', ConsoleKey.Backspace, false, false, false),
            '<' => new('\0', ConsoleKey.LeftArrow, false, false, false),
            '^' => new('\0', ConsoleKey.UpArrow, false, false, false),
            'v' => new('\0', ConsoleKey.DownArrow, false, false, false),
            < ' ' and var control => new(control, ConsoleKey.A + control - 1, false, false, control: true),
            var typed => new(typed, ConsoleKey.NoName, false, false, false),
        };

        public void Write(string text) => Written += text;
    }
}
