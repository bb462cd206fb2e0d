using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using AkkaChat.Messages.Client;
using AkkaChat.Support.Processes;

namespace AkkaChat.Edge.Tests.Contract;

public sealed partial class AsyncApiSpecs
{
    private static readonly string Protocol = File.ReadAllText(Path.Combine(Product.Root, "docs", "protocol.md"));

    private readonly AsyncApi _document = AsyncApi.Document;

    [Fact]
    public void Document_ShouldBeAsyncApi3_WhenRead()
    {
        Assert.Equal("3.0.0", _document.Root["asyncapi"]!.GetValue<string>());
        Assert.Equal(ClientProtocol.Subprotocol, _document.Root["info"]!["version"]!.GetValue<string>());
        Assert.Equal("/ws", _document.Root["channels"]!["chat"]!["address"]!.GetValue<string>());
        Assert.All(
            (JsonObject)_document.Root["operations"]!,
            operation => Assert.Contains(operation.Value!["action"]!.GetValue<string>(), new[] { "send", "receive" }));
    }

    [Fact]
    public void References_ShouldAllLeadSomewhere_WhenFollowed()
    {
        foreach (var reference in References(_document.Root))
        {
            JsonNode? node = _document.Root;
            foreach (var part in reference[2..].Split('/'))
            {
                node = node?[part];
            }

            Assert.True(node is not null, $"{reference} leads nowhere");
        }
    }

    [Fact]
    public void Messages_ShouldAllBeUsed_WhenTheChannelAndItsOperationsAreRead()
    {
        var used = References(_document.Root["operations"]!).Select(reference => reference.Split('/')[^1]).Where(name => name != "chat");
        var listed = ((JsonObject)_document.Root["channels"]!["chat"]!["messages"]!).Select(message => message.Key).Order();

        Assert.Equal(_document.Messages.Select(message => message.Key).Order(), used.Distinct().Order());
        Assert.Equal(_document.Messages.Select(message => message.Key).Order(), listed);
    }

    [Fact]
    public void Ops_ShouldBeThoseOfTheProtocol_WhenCompared() =>
        Assert.Equal(Matches(OpName(), Protocol), _document.Ops.Order());

    [Fact]
    public void Events_ShouldBeThoseOfTheProtocol_WhenCompared() => Assert.Equal(
        Matches(EventName(), Protocol).Concat(
            new[] { "Durable events", "The user stream" }.SelectMany(section => Matches(FirstColumn(), Section(section))))
            .Distinct().Order(),
        _document.Events.Order());

    [Fact]
    public void Errors_ShouldBeThoseOfTheProtocolAndTheCode_WhenCompared()
    {
        Assert.Equal(Matches(FirstColumn(), Section("Errors")), _document.Errors.Order());
        Assert.Equal(Enum.GetValues<ErrorCode>().Select(code => code.WireName()).Order(), _document.Errors.Order());
    }

    [Fact]
    public void Retryable_ShouldBeAsTheProtocolSays_WhenCompared() => Assert.All(
        Enum.GetValues<ErrorCode>(),
        code => Assert.Contains($"| `{code.WireName()}` | {(code.IsRetryable() ? "yes" : "no")} |", Section("Errors"), StringComparison.Ordinal));

    [Fact]
    public void CloseCodes_ShouldBeThoseOfTheProtocol_WhenCompared()
    {
        var told = CloseCode().Matches(Section("Close codes"))
            .SelectMany(row => row.Groups[1].Value.Split(", "))
            .Select(code => int.Parse(code, CultureInfo.InvariantCulture));

        Assert.Equal(told.Order(), _document.CloseCodes.Order());
        Assert.All(
            (JsonObject)_document.Root["x-close-codes"]!,
            code => Assert.Equal(
                int.Parse(code.Key, CultureInfo.InvariantCulture) < 4500, code.Value!["reconnect"]!.GetValue<bool>()));
        Assert.All(
            typeof(CloseCodes).GetFields().Select(field => (int)field.GetValue(null)!), code => Assert.Contains(code, _document.CloseCodes));
    }

    [Theory]
    [InlineData("""{"ev":"pong","more":1}""")]
    [InlineData("""{"ev":"room.lagged","room":"r_1","d":{"head":5}}""")]
    [InlineData("""{"ev":"room.lagged","room":"r_0190f2a30190f2a30190f2a30190f2a3","d":{}}""")]
    public void Check_ShouldFindFault_WhenAFrameIsNotAsDescribed(string frame) =>
        Assert.NotEmpty(_document.CheckEvent(JsonNode.Parse(frame)!["ev"]!.GetValue<string>(), frame));

    private static string Section(string title)
    {
        var start = Protocol.IndexOf($"# {title}\n", StringComparison.Ordinal);
        Assert.True(start >= 0, $"docs/protocol.md has no section {title}");
        var end = Protocol.IndexOf("\n#", start, StringComparison.Ordinal);
        return Protocol[start..(end < 0 ? Protocol.Length : end)];
    }

    private static IEnumerable<string> Matches(Regex regex, string text) =>
        regex.Matches(text).Select(match => match.Groups[1].Value).Where(name => name.Length > 1).Distinct().Order();

    private static IEnumerable<string> References(JsonNode node) => node switch
    {
        JsonObject map => map.SelectMany(child =>
            child.Key == "$ref" ? [child.Value!.GetValue<string>()] : child.Value is null ? [] : References(child.Value)),
        JsonArray list => list.OfType<JsonNode>().SelectMany(References),
        _ => [],
    };

    [GeneratedRegex("\"op\":\"([a-z.]+)\"")]
    private static partial Regex OpName();

    [GeneratedRegex("\"ev\":\"([a-zA-Z.]+)\"")]
    private static partial Regex EventName();

    [GeneratedRegex("^\\| `([a-zA-Z_.]+)`", RegexOptions.Multiline)]
    private static partial Regex FirstColumn();

    [GeneratedRegex("^\\| ([0-9, ]+) \\|", RegexOptions.Multiline)]
    private static partial Regex CloseCode();
}
