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

    /// <param name="text">The event that has the message's text with these links.</param>
    public static NewWork For(RoomId room, RoomEvent text, IReadOnlyList<string> urls)
    {
        // An edit does not say whose message it changes.
        var (seq, n, subject) = text switch
        {
            MessagePosted posted => (posted.Seq, posted.N, posted.Author.Id.Value),
            MessageEdited edited => (edited.MessageSeq, edited.N, room.Value),
            _ => throw new ArgumentException($"{text.GetType().Name} has no text.", nameof(text)),
        };
        return new NewWork(
            Kind,
            string.Create(CultureInfo.InvariantCulture, $"{room.Value}.{text.Seq}"),
            JsonSerializer.Serialize(new LinkCardWork(room.Value, seq, n, urls), JsonSerializerOptions.Web))
        {
            Subject = subject,
        };
    }

    /// <exception cref="JsonException">The payload is not one of this kind.</exception>
    public static LinkCardWork Read(string payload) =>
        JsonSerializer.Deserialize<LinkCardWork>(payload, JsonSerializerOptions.Web) ?? throw new JsonException("The payload is null.");
}
