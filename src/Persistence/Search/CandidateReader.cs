using System.Data.Common;

namespace AkkaChat.Persistence.Search;

/// <summary>
/// The messages that may match, the newest first and each once, of the tail and of all segments. A segment is read when no message before its
/// newest is left: a common word fills its page from the first, and what is older is never read.
/// </summary>
internal sealed class CandidateReader(SegmentReader reader, DbConnection connection)
{
    private const int FirstSegments = 8;

    /// <summary>Of one statement. A rare word passes through all of them; each statement's work stays some milliseconds.</summary>
    private const int MostSegments = 128;

    private readonly PriorityQueue<IEnumerator<DocKey>, DocKey> _sources = new(Comparer<DocKey>.Create((x, y) => y.CompareTo(x)));
    private Queue<SegmentInfo>? _segments;
    private int _next = FirstSegments;
    private DocKey? _last;

    /// <summary>The next ones; fewer than <paramref name="count"/> only if there are no more.</summary>
    public async Task<IReadOnlyList<DocKey>> TakeAsync(int count)
    {
        if (_segments is null)
        {
            Add(await reader.ReadTailAsync(connection).ConfigureAwait(false));
            _segments = await reader.ReadSegmentsAsync(connection).ConfigureAwait(false);
        }

        var taken = new List<DocKey>(count);
        while (taken.Count < count)
        {
            while (_segments.TryPeek(out var segment) && (!_sources.TryPeek(out _, out var newest) || segment.MaxTs >= newest.Ts))
            {
                await ReadSegmentsAsync(_segments).ConfigureAwait(false);
            }

            if (!_sources.TryDequeue(out var source, out var doc))
            {
                break;
            }

            Advance(source);
            // A message that was edited is in two segments, or in one and the tail.
            if (doc != _last)
            {
                taken.Add(doc);
                _last = doc;
            }
        }

        return taken;
    }

    private async Task ReadSegmentsAsync(Queue<SegmentInfo> segments)
    {
        var some = new List<SegmentInfo>();
        while (some.Count < _next && segments.TryDequeue(out var segment))
        {
            some.Add(segment);
        }

        _next = Math.Min(MostSegments, _next * 2);
        foreach (var docs in await reader.ReadAsync(connection, some).ConfigureAwait(false))
        {
            Add(docs);
        }
    }

    private void Add(IEnumerable<DocKey> docs) => Advance(docs.GetEnumerator());

    private void Advance(IEnumerator<DocKey> source)
    {
        if (source.MoveNext())
        {
            _sources.Enqueue(source, source.Current);
        }
    }
}
