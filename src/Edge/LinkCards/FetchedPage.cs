using AkkaChat.Messages.Rooms;

namespace AkkaChat.Edge.LinkCards;

/// <summary>What a page says of itself.</summary>
/// <param name="Card">Without its image; null where there is nothing to show.</param>
/// <param name="Image">Where the page says that its picture is.</param>
internal sealed record FetchedPage(LinkCard? Card, Uri? Image = null)
{
    public static FetchedPage Nothing { get; } = new(Card: null);
}
