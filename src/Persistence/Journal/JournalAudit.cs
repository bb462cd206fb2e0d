using System.Data.Common;
using System.Runtime.CompilerServices;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.Database;
using Dapper;

namespace AkkaChat.Persistence.Journal;

/// <param name="Row">The number of the row with the defect.</param>
public sealed record JournalDefect(RoomId Room, long Row, string Message);

/// <summary>The result of the audit of one room.</summary>
/// <param name="Rows">The number of rows read.</param>
public sealed record RoomAudit(RoomId Room, long Rows, long Events, long Messages, IReadOnlyList<JournalDefect> Defects);

/// <summary>
/// Reads journals from their first row and checks that rows are numbered 1, 2, 3, … without a gap, as are events by <c>seq</c> and messages
/// by <c>n</c>, and that each row can be read. May run while rooms write: a room's rows appear in order.
/// </summary>
public sealed class JournalAudit(IDatabase database)
{
    private const int RowsAtOnce = 500;
    private const int RoomsAtOnce = 200;
    private const int MaxDefects = 20;

    private const string RoomsSql = """
        WITH RECURSIVE rooms (id, i) AS (
            SELECT (SELECT min(persistence_id) FROM journal WHERE persistence_id > @after), 1
            UNION ALL
            SELECT (SELECT min(persistence_id) FROM journal WHERE persistence_id > rooms.id), i + 1
            FROM rooms WHERE rooms.id IS NOT NULL AND i < @count
        )
        SELECT id FROM rooms WHERE id IS NOT NULL
        """;

    /// <summary>All rooms that have a journal, in the order of their ids.</summary>
    public async IAsyncEnumerable<RoomAudit> CheckAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        for (var after = ""; ;)
        {
            var ids = await database.WithJournalAsync(
                async journal => (await journal.QueryAsync<string>(new CommandDefinition(
                    RoomsSql, new { after, count = RoomsAtOnce }, cancellationToken: cancellationToken)).ConfigureAwait(false)).AsList(),
                cancellationToken).ConfigureAwait(false);
            foreach (var id in ids.Where(id => id.StartsWith(RoomId.Prefix, StringComparison.Ordinal)))
            {
                yield return await CheckAsync(new RoomId(id), cancellationToken).ConfigureAwait(false);
            }

            if (ids.Count < RoomsAtOnce)
            {
                yield break;
            }

            after = ids[^1];
        }
    }

    /// <summary>One room; one without a journal has no rows.</summary>
    public async Task<RoomAudit> CheckAsync(RoomId room, CancellationToken cancellationToken = default)
    {
        var audit = new Running(room);
        while (true)
        {
            var rows = await database.WithJournalAsync(
                journal => ReadAsync(journal, room, audit.LastRow, cancellationToken), cancellationToken).ConfigureAwait(false);
            foreach (var row in rows)
            {
                audit.Add(row);
            }

            if (rows.Count < RowsAtOnce)
            {
                return audit.Result();
            }
        }
    }

    private static async Task<IReadOnlyList<JournalReader.Row>> ReadAsync(
        DbConnection journal, RoomId room, long after, CancellationToken cancellationToken) =>
        (await journal.QueryAsync<JournalReader.Row>(new CommandDefinition(
            JournalReader.RowsSql, new { room = room.Value, after, limit = RowsAtOnce }, cancellationToken: cancellationToken)).ConfigureAwait(false))
        .AsList();

    /// <summary>Continues after a defect, so that one defect is not reported for all rows after it.</summary>
    private sealed class Running(RoomId room)
    {
        private readonly List<JournalDefect> _defects = [];
        private long _rows;
        private long _events;
        private long _seq;
        private long _n;

        public long LastRow { get; private set; }

        public RoomAudit Result() => new(room, _rows, _events, _n, _defects);

        public void Add(JournalReader.Row row)
        {
            _rows++;
            if (row.Nr != LastRow + 1)
            {
                Report(row.Nr, $"rows {LastRow + 1} to {row.Nr - 1} are missing");
            }

            LastRow = row.Nr;
            try
            {
                if (JournalReader.Read(room, row) is RoomEventBatch batch)
                {
                    foreach (var @event in batch.Events)
                    {
                        Add(row.Nr, @event);
                    }
                }
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                // A damaged row can cause any exception: reporting it is the audit's purpose.
                Report(row.Nr, $"the row cannot be read: {e.Message}");
            }
        }

        private void Add(long row, RoomEvent @event)
        {
            _events++;
            if (@event.Seq != _seq + 1)
            {
                Report(row, $"seq {_seq} is followed by {@event.Seq}");
            }

            _seq = @event.Seq;
            if (@event is MessagePosted posted)
            {
                if (posted.N != _n + 1)
                {
                    Report(row, $"message {_n} is followed by {posted.N}");
                }

                _n = posted.N;
            }
        }

        private void Report(long row, string message)
        {
            if (_defects.Count < MaxDefects)
            {
                _defects.Add(new JournalDefect(room, row, message));
            }
        }
    }
}
