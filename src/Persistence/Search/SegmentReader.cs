using System.Data.Common;
using AkkaChat.Persistence.Database;
using Dapper;

namespace AkkaChat.Persistence.Search;

/// <summary>A segment without its messages.</summary>
internal sealed record SegmentInfo(long Id, int Count, long MaxTs);

/// <summary>What of a query the index can decide: it proposes messages that may match, and leaves out none that do.</summary>
/// <param name="Rooms">The only rooms.</param>
/// <param name="Authors">Null: any.</param>
/// <param name="Before">Where the page begins: what is below it. Null: at the newest.</param>
internal sealed record IndexFilter(
    IReadOnlyList<string> Terms,
    IReadOnlySet<string> Rooms,
    IReadOnlySet<string>? Authors,
    MessageParts Has,
    long Since,
    long Until,
    DocKey? Before)
{
    public bool Allows(DocKey doc) => doc.Ts >= Since && doc.Ts < Until && (Before is not { } before || doc.CompareTo(before) < 0);
}

/// <summary>Segments never change, so every search of the process may use what one has read: 35 KB each.</summary>
internal sealed class SegmentCache(int capacity)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<long, LinkedListNode<(long Id, SegmentDocs Docs)>> _segments = [];
    private readonly LinkedList<(long Id, SegmentDocs Docs)> _newest = [];

    public SegmentDocs? Find(long id)
    {
        lock (_lock)
        {
            if (!_segments.TryGetValue(id, out var node))
            {
                return null;
            }

            _newest.Remove(node);
            _newest.AddFirst(node);
            return node.Value.Docs;
        }
    }

    public void Add(long id, SegmentDocs docs)
    {
        lock (_lock)
        {
            if (!_segments.TryAdd(id, new LinkedListNode<(long, SegmentDocs)>((id, docs))))
            {
                return;
            }

            _newest.AddFirst(_segments[id]);
            if (_segments.Count > capacity)
            {
                _segments.Remove(_newest.Last!.Value.Id);
                _newest.RemoveLast();
            }
        }
    }
}

/// <summary>Reads segments and postings from the tables.</summary>
internal sealed class SegmentReader(IDatabase database, SegmentCache cache, IndexFilter filter, CancellationToken cancellationToken)
{
    /// <summary>Grams of a term that are looked up. More do not make it much rarer.</summary>
    private const int GramsOfATerm = 8;

    /// <summary>Up to here the segments of a few rooms are found by room.</summary>
    private const int FewRooms = 50;

    // Too short a term for a gram needs one of many.
    private readonly List<(IReadOnlyList<long> All, GramRange? AnyOf)> _needed = [.. filter.Terms.Select(term => Grams.Needed(term, GramsOfATerm))];

    /// <summary>The messages that no segment has; read them before the segments, or one that moves meanwhile would be in neither.</summary>
    public async Task<List<DocKey>> ReadTailAsync(DbConnection connection)
    {
        // Without the rooms: it is short, and a room at a time would take longer.
        var rows = await connection.QueryAsync<(string Room, long N, long Ts)>(new CommandDefinition(
            "SELECT room_id, n, ts FROM search_tail", cancellationToken: cancellationToken)).ConfigureAwait(false);
        return [.. rows.Where(row => filter.Rooms.Contains(row.Room)).Select(row => new DocKey(row.Ts, row.Room, row.N)).Where(filter.Allows).OrderDescending()];
    }

    /// <summary>Those that may have a message, the one with the newest message first.</summary>
    public async Task<Queue<SegmentInfo>> ReadSegmentsAsync(DbConnection connection)
    {
        var ofRooms = filter.Rooms.Count <= FewRooms
            ? $"AND id IN (SELECT segment FROM search_segment_room WHERE {RowFilter.Sql(database.Provider, "room_id", "rooms")})"
            : "";
        var rows = await connection.QueryAsync<(long Id, long Count, long MaxTs)>(new CommandDefinition(
            $"""
            SELECT id, messages, max_ts FROM search_segment
            WHERE format = @format AND max_ts >= @since AND min_ts < @until AND min_ts <= @before {ofRooms}
            ORDER BY max_ts DESC, id DESC
            """,
            new
            {
                format = SegmentDocs.Format,
                since = filter.Since,
                until = filter.Until,
                before = filter.Before?.Ts ?? long.MaxValue,
                rooms = RowFilter.Value(database.Provider, filter.Rooms.Count <= FewRooms ? filter.Rooms : []),
            },
            cancellationToken: cancellationToken)).ConfigureAwait(false);
        return new Queue<SegmentInfo>(rows.Select(row => new SegmentInfo(row.Id, (int)row.Count, row.MaxTs)));
    }

    /// <summary>For each segment, the messages that may match, the newest first.</summary>
    public async Task<IReadOnlyList<IEnumerable<DocKey>>> ReadAsync(DbConnection connection, IReadOnlyList<SegmentInfo> segments)
    {
        var sets = await ReadSetsAsync(connection, segments).ConfigureAwait(false);
        // Most have nothing of a rare word: their messages need not be read.
        var wanted = segments.Where(segment => !sets[segment.Id].IsEmpty).ToList();
        var docs = await ReadDocsAsync(connection, [.. wanted.Select(segment => segment.Id)]).ConfigureAwait(false);
        return [.. wanted.Where(segment => docs.ContainsKey(segment.Id)).Select(segment => Matching(docs[segment.Id], sets[segment.Id]))];
    }

    private IEnumerable<DocKey> Matching(SegmentDocs docs, DocSet set)
    {
        var rooms = docs.Rooms.Select(filter.Rooms.Contains).ToArray();
        var authors = filter.Authors is null ? null : docs.Authors.Select(filter.Authors.Contains).ToArray();
        foreach (var doc in set.Descending())
        {
            if (rooms[docs.RoomOf(doc)]
                && (authors is null || authors[docs.AuthorOf(doc)])
                && (docs.PartsOf(doc) & filter.Has) == filter.Has
                && filter.Allows(docs.KeyOf(doc)))
            {
                yield return docs.KeyOf(doc);
            }
        }
    }

    /// <summary>Of each segment, the messages that have the grams of every term.</summary>
    private async Task<Dictionary<long, DocSet>> ReadSetsAsync(DbConnection connection, IReadOnlyList<SegmentInfo> segments)
    {
        var sets = segments.ToDictionary(segment => segment.Id, segment => DocSet.All(segment.Count));
        var grams = _needed.SelectMany(term => term.All).Distinct().ToList();
        if (grams.Count > 0)
        {
            var postings = await ReadPostingsAsync(
                connection, segments, RowFilter.Sql(database.Provider, "gram", "grams"), RowFilter.Value(database.Provider, grams)).ConfigureAwait(false);
            foreach (var segment in segments)
            {
                // A gram that the segment does not have has no row.
                var found = postings[segment.Id].ToList();
                sets[segment.Id] = found.Count == grams.Count ? Intersection(found, segment.Count) : DocSet.None(segment.Count);
            }
        }

        foreach (var range in _needed.Where(term => term.AnyOf is not null).Select(term => term.AnyOf!.Value).Distinct())
        {
            var left = segments.Where(segment => !sets[segment.Id].IsEmpty).ToList();
            var postings = await ReadPostingsAsync(connection, left, "gram BETWEEN @from AND @to", null, range).ConfigureAwait(false);
            foreach (var segment in left)
            {
                sets[segment.Id].And(Union(postings[segment.Id], segment.Count));
            }
        }

        return sets;
    }

    private async Task<ILookup<long, byte[]>> ReadPostingsAsync(
        DbConnection connection, IReadOnlyList<SegmentInfo> segments, string condition, object? grams, GramRange range = default)
    {
        var rows = await connection.QueryAsync<(long Segment, byte[] Docs)>(new CommandDefinition(
            $"SELECT segment, docs FROM search_posting WHERE {RowFilter.Sql(database.Provider, "segment", "segments")} AND {condition}",
            new
            {
                segments = RowFilter.Value(database.Provider, segments.Select(segment => segment.Id)),
                grams,
                from = range.From,
                to = range.To,
            },
            cancellationToken: cancellationToken)).ConfigureAwait(false);
        return rows.ToLookup(row => row.Segment, row => row.Docs);
    }

    private static DocSet Intersection(List<byte[]> postings, int count)
    {
        var set = Union([postings[0]], count);
        for (var i = 1; i < postings.Count && !set.IsEmpty; i++)
        {
            set.And(Union([postings[i]], count));
        }

        return set;
    }

    private static DocSet Union(IEnumerable<byte[]> postings, int count)
    {
        var set = DocSet.None(count);
        foreach (var posting in postings)
        {
            set.Add(posting);
        }

        return set;
    }

    private async Task<Dictionary<long, SegmentDocs>> ReadDocsAsync(DbConnection connection, IReadOnlyList<long> segments)
    {
        var docs = segments.Select(id => (Id: id, Docs: cache.Find(id))).Where(segment => segment.Docs is not null).ToDictionary(s => s.Id, s => s.Docs!);
        var unknown = segments.Where(id => !docs.ContainsKey(id)).ToList();
        if (unknown.Count > 0)
        {
            var rows = await connection.QueryAsync<(long Id, byte[] Docs)>(new CommandDefinition(
                $"SELECT id, docs FROM search_segment WHERE {RowFilter.Sql(database.Provider, "id")}",
                new { ids = RowFilter.Value(database.Provider, unknown) },
                cancellationToken: cancellationToken)).ConfigureAwait(false);
            foreach (var (id, bytes) in rows)
            {
                cache.Add(id, docs[id] = SegmentDocs.Decode(bytes));
            }
        }

        return docs;
    }
}
