using System.Text.Json;
using System.Text.Json.Serialization;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;

namespace AkkaChat.Persistence.ReadModel;

/// <summary>A message's files as one column: JSON, or null if it has none.</summary>
internal static partial class FilesColumn
{
    public static string Write(IReadOnlyList<MessageFile> files) => files.Count == 0
        ? ""
        : JsonSerializer.Serialize(
            [.. files.Select(f => new Entry(f.Id.Value, StoredText.Of(f.Name), f.Type, f.Size, f.Width, f.Height, f.Placeholder))],
            Json.Default.EntryArray);

    public static IReadOnlyList<MessageFile> Read(string column) => column.Length == 0
        ? []
        : [.. JsonSerializer.Deserialize(column, Json.Default.EntryArray)!
            .Select(e => new MessageFile(new FileId(e.Id), e.Name, e.Type, e.Size, e.Width, e.Height, e.Placeholder))];

    internal sealed record Entry(string Id, string Name, string Type, long Size, int Width, int Height, string Placeholder);

    [JsonSerializable(typeof(Entry[]))]
    private sealed partial class Json : JsonSerializerContext;
}
