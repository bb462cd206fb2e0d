using System.Globalization;
using System.Text.Json.Nodes;
using AkkaChat.Support.Processes;
using NJsonSchema;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace AkkaChat.Edge.Tests.Contract;

/// <summary>
/// docs/asyncapi.yaml, read once. The document leaves its objects open, as clients must; frames are held to it closed, so that the server
/// sends no field that it does not name.
/// </summary>
internal sealed class AsyncApi
{
    private const string SchemaRef = "#/components/schemas/";

    private readonly Dictionary<string, JsonSchema> _requests = [];
    private readonly Dictionary<string, JsonSchema> _events = [];
    private readonly JsonSchema _definitions;

    private AsyncApi()
    {
        var yaml = new YamlStream();
        using var reader = File.OpenText(Path.Combine(Product.Root, "docs", "asyncapi.yaml"));
        yaml.Load(reader);
        Root = (JsonObject)ToJson(yaml.Documents.Single().RootNode)!;
        var definitions = new JsonObject();
        foreach (var (name, schema) in Schemas)
        {
            definitions[name] = Close(schema!.DeepClone());
        }

        var whole = new JsonObject { ["definitions"] = definitions }.ToJsonString().Replace(SchemaRef, "#/definitions/");
        _definitions = JsonSchema.FromJsonAsync(whole).GetAwaiter().GetResult();
        foreach (var (name, schema) in Schemas)
        {
            if (schema!["properties"] is JsonObject properties && properties["op"]?["enum"]?[0] is { } op)
            {
                _requests[op.GetValue<string>()] = Definition(name);
            }
            else if (schema["properties"]?["ev"]?["enum"]?[0] is { } ev)
            {
                _events[ev.GetValue<string>()] = Definition(name);
            }
        }
    }

    public static AsyncApi Document { get; } = new();

    public JsonObject Root { get; }

    public JsonObject Schemas => (JsonObject)Root["components"]!["schemas"]!;

    public JsonObject Messages => (JsonObject)Root["components"]!["messages"]!;

    public IEnumerable<string> Ops => _requests.Keys;

    public IEnumerable<string> Events => _events.Keys;

    public IEnumerable<string> Errors => ((JsonArray)Schemas["ErrorCode"]!["enum"]!).Select(code => code!.GetValue<string>());

    public IEnumerable<int> CloseCodes =>
        ((JsonObject)Root["x-close-codes"]!).Select(code => int.Parse(code.Key, CultureInfo.InvariantCulture));

    /// <summary>What is wrong with a request, in the document's eyes; empty where nothing is.</summary>
    public string CheckRequest(string op, string frame) =>
        _requests.TryGetValue(op, out var schema) ? Check(schema, frame) : $"no request has the op {op}";

    public string CheckEvent(string ev, string frame) =>
        _events.TryGetValue(ev, out var schema) ? Check(schema, frame) : $"no event is called {ev}";

    /// <param name="op">What the request asked; null where that is not known.</param>
    public string CheckReply(string? op, bool isError, string frame) =>
        isError ? Check(Definition("ErrorReply"), frame) : op switch
        {
            "hello" => Check(Definition("HelloReply"), frame),
            "message.send" => Check(Definition("SendReply"), frame),
            "read.set" => Check(Definition("ReadReply"), frame),
            "thread.read" => Check(Definition("ThreadReadReply"), frame),
            "room.sync" => Check(Definition("SyncReply"), frame),
            "presence.watch" => Check(Definition("PresenceReply"), frame),
            "typing" or "presence.unwatch" or "link.remove" or "message.edit" or "message.delete" or "reaction.set" or "message.pin" => Check(Definition("DoneReply"), frame),
            _ => $"no reply is known for {op}",
        };

    private JsonSchema Definition(string name) => _definitions.Definitions[name];

    private static string Check(JsonSchema schema, string frame)
    {
        var errors = schema.Validate(frame);
        return errors.Count == 0 ? "" : $"{string.Join("; ", errors.Select(error => error.ToString()))}\n{frame}";
    }

    private static JsonNode Close(JsonNode node)
    {
        if (node is JsonObject schema)
        {
            foreach (var (_, value) in schema)
            {
                if (value is not null)
                {
                    Close(value);
                }
            }

            if (schema["properties"] is JsonObject && schema["type"]?.GetValueKind() == System.Text.Json.JsonValueKind.String)
            {
                schema["additionalProperties"] = false;
            }
        }
        else if (node is JsonArray array)
        {
            foreach (var value in array.OfType<JsonNode>())
            {
                Close(value);
            }
        }

        return node;
    }

    private static JsonNode? ToJson(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(map.Children.Select(
            child => KeyValuePair.Create(((YamlScalarNode)child.Key).Value!, ToJson(child.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(ToJson)]),
        YamlScalarNode { Style: ScalarStyle.Plain } plain => Plain(plain.Value!),
        YamlScalarNode text => JsonValue.Create(text.Value),
        _ => throw new InvalidDataException($"{node.NodeType} is not expected."),
    };

    private static JsonValue? Plain(string value) => value switch
    {
        "" or "null" or "~" => null,
        "true" => JsonValue.Create(true),
        "false" => JsonValue.Create(false),
        _ => long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? JsonValue.Create(number)
            : JsonValue.Create(value),
    };
}
