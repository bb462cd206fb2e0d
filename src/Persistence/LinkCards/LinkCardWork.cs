using System.Globalization;
using System.Text.Json;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.Work;

namespace AkkaChat.Persistence.LinkCards;

/// <summary>The links of one message that get cards: the payload of work of kind <see cref="Kind"/>.</summary>
/// <param name="Seq">The <c>seq</c> of the message.</param>
/// <param name="N">The number of the message.</param>
public sealed record LinkCardWork(string Room, long Seq, long N, IReadOnlyList<string> Urls)
{
    public const string Kind = "link-card";

    public static NewWork For(RoomId room, MessagePosted message, IReadOnlyList<string> urls) => new(
        Kind,
        string.Create(CultureInfo.InvariantCulture, $"{room.Value}.{message.Seq}"),
        JsonSerializer.Serialize(new LinkCardWork(room.Value, message.Seq, message.N, urls), JsonSerializerOptions.Web));

    /// <exception cref="JsonException">The payload is not one of this kind.</exception>
    public static LinkCardWork Read(string payload) =>
        JsonSerializer.Deserialize<LinkCardWork>(payload, JsonSerializerOptions.Web) ?? throw new JsonException("The payload is null.");
}
