using System.Data.Common;
using System.Text.Json;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.Database;
using AkkaChat.Persistence.ReadModel;
using Dapper;

namespace AkkaChat.Persistence.Search;

/// <summary>A message as it is now, with its room.</summary>
internal sealed class SearchRow : MessageRow
{
    /// <summary>Rows of one statement.</summary>
    private const int Chunk = 1_000;

    public string RoomId { get; set; } = "";

    public string RoomName { get; set; } = "";

    public long Visibility { get; set; }

    public string Picture { get; set; } = "";

    public DocKey Key => new(Ts, RoomId, N);

    public RoomId Room => new(RoomId);

    /// <summary>What is searched: the text, and below it the names of its files.</summary>
    public string Searched => Files.Length == 0 ? Text : $"{Text}\n{string.Join('\n', FilesColumn.Read(Files).Select(file => file.Name))}";

    public MessageParts Parts
    {
        get
        {
            var files = FilesColumn.Read(Files);
            return (files.Count > 0 ? MessageParts.File : 0)
                | (files.Any(file => file.Type.StartsWith("image/", StringComparison.Ordinal)) ? MessageParts.Image : 0)
                | (HasLink(Text) ? MessageParts.Link : 0);
        }
    }

    public StoredMessage ToMessage() => ToMessage(Room);

    /// <summary>
    /// Those of the messages that exist and are not deleted. With a <paramref name="viewer"/>, those of rooms that the viewer is in: decided in
    /// the statement that reads the text.
    /// </summary>
    public static async Task<Dictionary<(string Room, long N), SearchRow>> ReadAsync(
        DbConnection connection,
        DatabaseProvider provider,
        IReadOnlyList<DocKey> docs,
        UserId? viewer,
        CancellationToken cancellationToken)
    {
        var result = new Dictionary<(string, long), SearchRow>(docs.Count);
        foreach (var chunk in docs.Chunk(Chunk))
        {
            var rows = await connection.QueryAsync<SearchRow>(new CommandDefinition(
                Sql(provider, viewer is not null), Parameters(provider, chunk, viewer), cancellationToken: cancellationToken)).ConfigureAwait(false);
            foreach (var row in rows)
            {
                result[(row.RoomId, row.N)] = row;
            }
        }

        return result;
    }

    private static string Sql(DatabaseProvider provider, bool isOfAViewer)
    {
        var docs = provider == DatabaseProvider.Postgres
            ? "unnest(@rooms, @ns) AS v (room_id, n)"
            : "(SELECT json_extract(value, '$[0]') AS room_id, json_extract(value, '$[1]') AS n FROM json_each(@docs)) AS v";
        return $"""
            SELECT l.room_id AS RoomId, r.name AS RoomName, r.visibility AS Visibility, r.picture AS Picture, {Columns}
            FROM {docs}
            JOIN room_message l ON l.room_id = v.room_id AND l.n = v.n
            JOIN room r ON r.id = l.room_id
            {(isOfAViewer ? "JOIN room_member m ON m.room_id = l.room_id AND m.user_id = @viewer" : "")}
            WHERE l.deleted = 0
            """;
    }

    private static object Parameters(DatabaseProvider provider, DocKey[] docs, UserId? viewer) => provider == DatabaseProvider.Postgres
        ? new { rooms = docs.Select(doc => doc.Room).ToArray(), ns = docs.Select(doc => doc.N).ToArray(), viewer = viewer?.Value }
        : new { docs = JsonSerializer.Serialize(docs.Select(doc => new object[] { doc.Room, doc.N })), viewer = viewer?.Value };

    private static bool HasLink(string text) =>
        text.Contains("http://", StringComparison.OrdinalIgnoreCase) || text.Contains("https://", StringComparison.OrdinalIgnoreCase);
}
