using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using AkkaChat.Messages.Client;
using AkkaChat.Support.Processes;

namespace AkkaChat.Messages.Tests.Client;

/// <summary>The tables and examples of docs/protocol.md against the code.</summary>
public sealed partial class ProtocolDocumentSpecs
{
    private static readonly string Document = File.ReadAllText(Path.Combine(Product.Root, "docs/protocol.md"));

    [Fact]
    public void ErrorTable_ShouldNameEveryCodeAndWhetherToRetry()
    {
        var documented = ErrorRow().Matches(Section("### Errors")).Select(row => (row.Groups[1].Value, row.Groups[2].Value == "yes"));
        Assert.Equal(Enum.GetValues<ErrorCode>().Select(code => (code.WireName(), code.IsRetryable())).Order(), documented.Order());
    }

    [Fact]
    public void CloseTable_ShouldNameEveryCode()
    {
        var documented = CloseRow().Matches(Section("### Close codes")).SelectMany(row => row.Groups[1].Value.Split(", ")).Select(int.Parse).ToHashSet();
        Assert.Subset(documented, typeof(CloseCodes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (int)field.GetRawConstantValue()!).ToHashSet());
    }

    [Fact]
    public void Document_ShouldNameEveryEventThatTheServerSends()
    {
        var sent = ClientFramesSpecs.Frames.Select(row => JsonDocument.Parse((byte[])row[1]).RootElement)
            .Where(frame => frame.TryGetProperty("ev", out _))
            .Select(frame => frame.GetProperty("ev").GetString()!)
            .ToHashSet();
        var documented = EventName().Matches(Document).Concat(EventRow().Matches(Document)).Select(match => match.Groups[1].Value).ToHashSet();
        documented.Remove("…");
        Assert.Equal(documented.Order(), sent.Order());
    }

    [Fact]
    public void Document_ShouldNameTheSubprotocolAndTheFrameLimit()
    {
        Assert.Contains($"`{ClientProtocol.Subprotocol}`", Document, StringComparison.Ordinal);
        Assert.Contains($"\"frameBytes\":{ClientProtocol.MaxFrameBytes}", Document, StringComparison.Ordinal);
        Assert.Contains($"up to {ClientProtocol.MaxRequestIdLength} characters", Document, StringComparison.Ordinal);
        Assert.Contains($"at most {ClientProtocol.MaxSyncEvents} events", Document, StringComparison.Ordinal);
        Assert.Contains($"at most {ClientProtocol.MaxDigestRooms} in a frame", Document, StringComparison.Ordinal);
    }

    private static string Section(string heading)
    {
        var start = Document.IndexOf(heading, StringComparison.Ordinal) + heading.Length;
        var end = Document.IndexOf("\n#", start, StringComparison.Ordinal);
        return Document[start..end];
    }

    [GeneratedRegex(@"^\| `(\w+)` \| (yes|no) \|", RegexOptions.Multiline)]
    private static partial Regex ErrorRow();

    [GeneratedRegex(@"^\| (\d{4}(?:, \d{4})*) \|", RegexOptions.Multiline)]
    private static partial Regex CloseRow();

    [GeneratedRegex("\"ev\":\"([^\"]+)\"")]
    private static partial Regex EventName();

    [GeneratedRegex(@"^\| `([a-z]+\.[a-zA-Z]+)`(?: \([^)]*\))? \| `\{", RegexOptions.Multiline)]
    private static partial Regex EventRow();
}
