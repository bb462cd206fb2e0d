using System.Text.Json;
using AkkaChat.Messages.Rooms;

namespace AkkaChat.Persistence.ReadModel;

/// <summary>Link cards as stored in a column: JSON, which escapes what PostgreSQL's text cannot store.</summary>
internal static class StoredCards
{
    public static string ToJson(IReadOnlyList<LinkCard> cards) => JsonSerializer.Serialize(cards, JsonSerializerOptions.Web);

    public static IReadOnlyList<LinkCard> FromJson(string? json) =>
        json is null ? [] : JsonSerializer.Deserialize<List<LinkCard>>(json, JsonSerializerOptions.Web) ?? [];
}
