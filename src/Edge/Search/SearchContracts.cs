using AkkaChat.Messages.Client;
using AkkaChat.Messages.Rooms;
using AkkaChat.Edge.Rooms;
using AkkaChat.Persistence.Search;

namespace AkkaChat.Edge.Search;

/// <summary>A part of a text, in UTF-16 units.</summary>
public sealed record MatchView(int Start, int Length)
{
    internal static IReadOnlyList<MatchView> Of(IReadOnlyList<TextRange> ranges) => [.. ranges.Select(range => new MatchView(range.Start, range.Length))];
}

/// <summary>The part of a text around its first match.</summary>
public sealed record SnippetView(string Text, IReadOnlyList<MatchView> Matches, bool CutBefore, bool CutAfter);

/// <summary>What is shown of the room beside a message.</summary>
public sealed record FoundRoomView(string Id, string Name, string Visibility, string? Picture);

/// <param name="Matches">In the message's text.</param>
public sealed record MessageHitView(MessageView Message, FoundRoomView Room, IReadOnlyList<MatchView> Matches, SnippetView Snippet)
{
    internal static MessageHitView Of(MessageHit hit) => new(
        RoomViews.Of(hit.Message),
        new FoundRoomView(hit.Message.Room.Value, hit.RoomName, hit.RoomVisibility.WireName(), hit.RoomPicture?.Value),
        MatchView.Of(hit.Matches),
        new SnippetView(hit.Snippet.Text, MatchView.Of(hit.Snippet.Matches), hit.Snippet.IsCutBefore, hit.Snippet.IsCutAfter));
}
