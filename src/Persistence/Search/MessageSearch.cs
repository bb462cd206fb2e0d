using System.Data.Common;
using System.Diagnostics;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.Accounts;
using AkkaChat.Persistence.Consumers;
using AkkaChat.Persistence.Database;
using AkkaChat.Persistence.ReadModel;
using Dapper;

namespace AkkaChat.Persistence.Search;

/// <inheritdoc cref="IMessageSearch"/>
public sealed class MessageSearch(IDatabase database, IRoomConsumers consumers) : IMessageSearch
{
    /// <summary>Segments in memory: two million messages, 40 MB at most.</summary>
    private const int CachedSegments = 1_024;

    /// <summary>
    /// Messages that one search reads. The tail is below it; beside that, only a query whose every part is common, and the whole rare, comes near.
    /// </summary>
    private const int MaxRead = 6_000;

    private const int FirstRead = 60;
    private const int MostRead = 1_000;

    private readonly SegmentCache _cache = new(CachedSegments);
    private readonly RoomFreshness _freshness = new(database, consumers);

    public async Task<MessageHits> SearchAsync(MessageSearchRequest request, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        using var budget = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        budget.CancelAfter(timeout);
        try
        {
            var started = Stopwatch.GetTimestamp();
            var rooms = await ReadScopeAsync(request, budget.Token).ConfigureAwait(false);
            await _freshness.EnsureAsync(rooms, budget.Token).ConfigureAwait(false);
            return await database.ReadAsync(
                connection => SearchAsync(connection, request, rooms, () => Stopwatch.GetElapsedTime(started) < timeout / 2, budget.Token),
                budget.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (budget.IsCancellationRequested && !cancellationToken.IsCancellationRequested && e is OperationCanceledException or DbException)
        {
            throw new SearchTimeoutException();
        }
    }

    /// <summary>The rooms that the caller is in, those that the request names.</summary>
    private Task<List<string>> ReadScopeAsync(MessageSearchRequest request, CancellationToken cancellationToken) => database.ReadAsync(
        async connection =>
        {
            var rows = await connection.QueryAsync<(string Id, string Name)>(new CommandDefinition(
                "SELECT r.id, r.name FROM room_member m JOIN room r ON r.id = m.room_id WHERE m.user_id = @user",
                new { user = request.User.Value },
                cancellationToken: cancellationToken)).ConfigureAwait(false);
            return rows
                .Where(room => request.Room is not { } only || room.Id == only.Value)
                .Where(room => request.Query.In.Count == 0 || request.Query.In.Any(name => name == room.Id || name == FoldedText.Fold(room.Name)))
                .Select(room => room.Id)
                .ToList();
        },
        cancellationToken);

    private async Task<MessageHits> SearchAsync(
        DbConnection connection, MessageSearchRequest request, List<string> rooms, Func<bool> hasTime, CancellationToken cancellationToken)
    {
        var authors = await ReadAuthorsAsync(connection, request, cancellationToken).ConfigureAwait(false);
        if (rooms.Count == 0 || authors is { Count: 0 })
        {
            return new MessageHits([], null);
        }

        var query = request.Query;
        var before = request.Cursor is { } cursor ? new DocKey(cursor.Ts, cursor.Room.Value, cursor.N) : (DocKey?)null;
        var filter = new IndexFilter(query.Terms, rooms.ToHashSet(), authors, query.Has, query.Since, query.Until, before);
        var candidates = new CandidateReader(new SegmentReader(database, _cache, filter, cancellationToken), connection);
        var finder = new MatchFinder(query.Terms, query.Excluded);
        var limit = Math.Clamp(request.Limit, 1, IMessageSearch.MaxPage);
        var hits = new List<MessageHit>();
        var (read, size) = (0, FirstRead);
        while (true)
        {
            var docs = await candidates.TakeAsync(size).ConfigureAwait(false);
            var rows = await SearchRow.ReadAsync(connection, database.Provider, docs, request.User, cancellationToken).ConfigureAwait(false);
            foreach (var doc in docs)
            {
                if (rows.TryGetValue((doc.Room, doc.N), out var row) && Matches(row, query, authors, finder))
                {
                    if (hits.Count == limit)
                    {
                        return new MessageHits(hits, CursorOf(hits[^1].Message));
                    }

                    hits.Add(HitOf(row, finder));
                }
            }

            read += docs.Count;
            if (docs.Count < size)
            {
                return new MessageHits(hits, null);
            }

            if (read >= MaxRead || !hasTime())
            {
                return new MessageHits(hits, new SearchCursor(docs[^1].Ts, new RoomId(docs[^1].Room), docs[^1].N));
            }

            size = Math.Min(MostRead, size * 3);
        }
    }

    /// <summary>What the index cannot decide, or decides for a text that is no more.</summary>
    private static bool Matches(SearchRow row, SearchQuery query, HashSet<string>? authors, MatchFinder finder) =>
        (authors is null || authors.Contains(row.AuthorId))
        && (query.Has == MessageParts.None || (row.Parts & query.Has) == query.Has)
        && finder.Matches(row.Searched);

    /// <summary>Null: anybody.</summary>
    private static async Task<HashSet<string>?> ReadAuthorsAsync(
        DbConnection connection, MessageSearchRequest request, CancellationToken cancellationToken)
    {
        HashSet<string>? authors = request.From is { } only ? [only.Value] : null;
        if (request.Query.From.Count == 0)
        {
            return authors;
        }

        var named = new HashSet<string>();
        foreach (var name in request.Query.From)
        {
            var id = name == "me" ? request.User.Value
                : UserId.TryParse(name, out var user) ? user.Value
                : await connection.ExecuteScalarAsync<string?>(new CommandDefinition(
                    "SELECT id FROM account WHERE username_key = @key", new { key = AccountKeys.Username(name) }, cancellationToken: cancellationToken))
                    .ConfigureAwait(false);
            if (id is not null && authors?.Contains(id) != false)
            {
                named.Add(id);
            }
        }

        return named;
    }

    private static MessageHit HitOf(SearchRow row, MatchFinder finder)
    {
        var matches = finder.Find(row.Text);
        return new MessageHit(
            row.ToMessage(),
            row.RoomName,
            (RoomVisibility)row.Visibility,
            row.Picture.Length == 0 ? null : new FileId(row.Picture),
            matches,
            MatchFinder.SnippetOf(row.Text, matches));
    }

    private static SearchCursor CursorOf(StoredMessage message) => new(message.Time.ToUnixTimeMilliseconds(), message.Room, message.N);
}
