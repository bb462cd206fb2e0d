using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.ReadModel;

namespace AkkaChat.Persistence.Search;

/// <param name="Room">Only this one; null: any of the caller's.</param>
/// <param name="From">Only this author's; null: anybody's.</param>
/// <param name="Cursor">Of the page before; null: the first page.</param>
public sealed record MessageSearchRequest(SearchQuery Query, UserId User, RoomId? Room, UserId? From, SearchCursor? Cursor, int Limit);

/// <summary>Where the next page begins: after this message. Opaque to clients.</summary>
public sealed record SearchCursor(long Ts, RoomId Room, long N)
{
    public override string ToString() => new PageCursor(Ts, FormattableString.Invariant($"{Room.Value}.{N}")).ToString();

    /// <returns>Null if this class has not created it.</returns>
    public static SearchCursor? Parse(string value) =>
        PageCursor.Parse(value) is { } cursor && MessageId.TryParse(cursor.Id, out var id) ? new SearchCursor(cursor.Number, id.Room, id.Seq) : null;
}

/// <param name="Text">A part of the message's text.</param>
/// <param name="Matches">In <paramref name="Text"/>.</param>
/// <param name="IsCutBefore">Whether there is more before it.</param>
/// <param name="IsCutAfter">Whether there is more behind it.</param>
public sealed record SearchSnippet(string Text, IReadOnlyList<TextRange> Matches, bool IsCutBefore, bool IsCutAfter);

/// <param name="Matches">Where the message's text has what was looked for: in order, not overlapping. None where only a file's name has it.</param>
public sealed record MessageHit(
    StoredMessage Message, string RoomName, RoomVisibility RoomVisibility, FileId? RoomPicture, IReadOnlyList<TextRange> Matches, SearchSnippet Snippet);

/// <param name="NextCursor">
/// Where to go on; null: there is no more. A page with one may have few messages or none: then much was looked at, and little matched.
/// </param>
public sealed record MessageHits(IReadOnlyList<MessageHit> Items, SearchCursor? NextCursor);

/// <summary>The search took longer than it may, and has nothing to show.</summary>
public sealed class SearchTimeoutException() : Exception("The search took too long.");

/// <summary>
/// Finds messages of the rooms that a user is in, as they are now, the newest first. What was acknowledged before the call counts: a message
/// that is deleted is not found, one that is edited is found by its new text only, and a room that the user has left has nothing.
/// </summary>
public interface IMessageSearch
{
    const int MaxPage = 50;

    /// <exception cref="SearchTimeoutException">Nothing was found in the time.</exception>
    Task<MessageHits> SearchAsync(MessageSearchRequest request, TimeSpan timeout, CancellationToken cancellationToken = default);
}
