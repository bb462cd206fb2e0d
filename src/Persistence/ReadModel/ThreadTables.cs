using System.Data.Common;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.Database;
using Dapper;

namespace AkkaChat.Persistence.ReadModel;

/// <summary>
/// Writes threads, and who follows them, within the projection's transaction. Asks and writes nothing for messages in no thread. A user follows a
/// thread by posting there, as the root's author, and where mentioned: then the place stands before the message that made them follow.
/// </summary>
internal sealed class ThreadTables(
    DbConnection connection, DbTransaction transaction, DatabaseProvider provider, CancellationToken cancellationToken)
{
    /// <summary>After the messages and their changes are written, and before the users' streams.</summary>
    public async Task WriteAsync(IReadOnlyList<RoomChanges> rooms)
    {
        await ResetAsync(rooms).ConfigureAwait(false);
        var touched = rooms.Where(room => room.Threads.Exists(step => step is not ThreadStep.Reset)).ToList();
        if (touched.Count == 0)
        {
            return;
        }

        var roots = await ReadNewRootsAsync(touched).ConfigureAwait(false);
        var readers = new ThreadReaders(await ReadReadersAsync(touched, roots).ConfigureAwait(false), await ReadBlocksAsync(touched).ConfigureAwait(false), roots);
        foreach (var room in touched)
        {
            readers.Apply(room);
        }

        await WriteThreadsAsync(touched).ConfigureAwait(false);
        await WriteReadersAsync(readers.Changed).ConfigureAwait(false);
        await WriteDeletionsAsync(touched).ConfigureAwait(false);
        foreach (var room in touched)
        {
            var now = room.Threads.OfType<ThreadStep.Replied>().LastOrDefault()?.Event.Time
                ?? room.Threads.OfType<ThreadStep.Edited>().LastOrDefault()?.Event.Time ?? default;
            room.UserEvents.AddRange(readers.Followed
                .Where(key => key.Room == room.Room.Value)
                .Select(key => new UserEventRow(new Messages.Ids.UserId(key.User), UserEventKind.ThreadUpdated, room.Room, key.Thread, now)));
        }
    }

    private Task ResetAsync(IReadOnlyList<RoomChanges> rooms)
    {
        var resets = rooms
            .SelectMany(room => room.Threads.OfType<ThreadStep.Reset>().Select(step => (Room: room.Room.Value, User: step.User.Value, step.N)))
            .GroupBy(row => (row.Room, row.User))
            .Select(rows => rows.Last())
            .ToList();
        return MultiRow.ExecuteAsync(
            connection,
            transaction,
            rows => $"""
                UPDATE thread_reader SET follows = 0, read_n = CASE WHEN v.n > read_n THEN v.n ELSE read_n END
                FROM {rows} WHERE thread_reader.user_id = v.user_id AND thread_reader.room_id = v.room_id
                """,
            [
                RowColumn.Text("room_id", resets.Select(row => row.Room)),
                RowColumn.Text("user_id", resets.Select(row => row.User)),
                RowColumn.Number("n", resets.Select(row => row.N)),
            ],
            cancellationToken);
    }

    /// <summary>The authors of the roots that get their first reply, where they are still members.</summary>
    private async Task<Dictionary<(string Room, long Thread), string>> ReadNewRootsAsync(IReadOnlyList<RoomChanges> rooms)
    {
        var roots = new Dictionary<(string, long), string>();
        foreach (var room in rooms)
        {
            var replied = room.Threads.OfType<ThreadStep.Replied>().DistinctBy(step => step.Thread).ToDictionary(step => step.Thread, step => step.Event.ThreadN);
            if (replied.Count == 0)
            {
                continue;
            }

            var rows = await connection.QueryAsync<(long Seq, string Author)>(new CommandDefinition(
                $"""
                SELECT l.seq, l.author_id FROM room_message l
                JOIN room_member m ON m.room_id = l.room_id AND m.user_id = l.author_id
                LEFT JOIN thread t ON t.room_id = l.room_id AND t.seq = l.seq
                WHERE l.room_id = @room AND t.seq IS NULL AND {RowFilter.Sql(provider, "l.n", "ns")}
                """,
                new { room = room.Room.Value, ns = RowFilter.Value(provider, replied.Values) },
                transaction,
                cancellationToken: cancellationToken)).ConfigureAwait(false);
            foreach (var (seq, author) in rows)
            {
                roots[(room.Room.Value, seq)] = author;
            }
        }

        return roots;
    }

    private async Task<Dictionary<ThreadReaderKey, ThreadReaderRow>> ReadReadersAsync(
        IReadOnlyList<RoomChanges> rooms, Dictionary<(string Room, long Thread), string> roots)
    {
        var steps = rooms.SelectMany(room => room.Threads).ToList();
        var users = steps.SelectMany(ThreadReaders.UsersOf).Concat(roots.Values).ToHashSet();
        var threads = steps.Select(ThreadReaders.ThreadOf).Where(thread => thread > 0).ToHashSet();
        var rows = await connection.QueryAsync<(string User, string Room, long Thread, long Follows, long ReadN, long PostedN)>(new CommandDefinition(
            $"""
            SELECT user_id, room_id, thread_seq, follows, read_n, posted_n FROM thread_reader
            WHERE {RowFilter.Sql(provider, "user_id", "users")} AND {RowFilter.Sql(provider, "room_id", "rooms")}
                AND {RowFilter.Sql(provider, "thread_seq", "threads")}
            """,
            new
            {
                users = RowFilter.Value(provider, users),
                rooms = RowFilter.Value(provider, rooms.Select(room => room.Room.Value)),
                threads = RowFilter.Value(provider, threads),
            },
            transaction,
            cancellationToken: cancellationToken)).ConfigureAwait(false);
        return rows.ToDictionary(
            row => new ThreadReaderKey(row.User, row.Room, row.Thread), row => new ThreadReaderRow(row.Follows != 0, row.ReadN, row.PostedN));
    }

    /// <summary>By whom those who are mentioned do not want to hear from.</summary>
    private async Task<HashSet<(string User, string Blocked)>> ReadBlocksAsync(IReadOnlyList<RoomChanges> rooms)
    {
        var mentioned = rooms.SelectMany(room => room.Threads).SelectMany(ThreadReaders.MentionedIn).ToHashSet();
        return mentioned.Count == 0
            ? []
            : [.. await connection.QueryAsync<(string User, string Blocked)>(new CommandDefinition(
                $"SELECT user_id, blocked_id FROM user_block WHERE {RowFilter.Sql(provider, "user_id")}",
                RowFilter.Parameter(provider, mentioned),
                transaction,
                cancellationToken: cancellationToken)).ConfigureAwait(false)];
    }

    private Task WriteThreadsAsync(IReadOnlyList<RoomChanges> rooms)
    {
        var threads = rooms
            .SelectMany(room => room.Threads.OfType<ThreadStep.Replied>().GroupBy(step => step.Thread)
                .Select(replies => (Room: room.Room.Value, Thread: replies.Key, Count: (long)replies.Count(), replies.Last().Event)))
            .ToList();
        return MultiRow.InsertAsync(
            connection,
            transaction,
            "thread",
            [
                RowColumn.Text("room_id", threads.Select(row => row.Room)),
                RowColumn.Number("seq", threads.Select(row => row.Thread)),
                RowColumn.Number("n", threads.Select(row => row.Event.ThreadN)),
                RowColumn.Number("replies", threads.Select(row => row.Count)),
                RowColumn.Number("last_n", threads.Select(row => row.Event.N)),
                RowColumn.Number("last_ts", threads.Select(row => row.Event.Time.ToUnixTimeMilliseconds())),
            ],
            """
            ON CONFLICT (room_id, seq) DO UPDATE SET replies = thread.replies + excluded.replies, last_n = excluded.last_n,
                last_ts = excluded.last_ts
            """,
            cancellationToken);
    }

    private Task WriteReadersAsync(IReadOnlyList<KeyValuePair<ThreadReaderKey, ThreadReaderRow>> readers) => MultiRow.InsertAsync(
        connection,
        transaction,
        "thread_reader",
        [
            RowColumn.Text("user_id", readers.Select(row => row.Key.User)),
            RowColumn.Text("room_id", readers.Select(row => row.Key.Room)),
            RowColumn.Number("thread_seq", readers.Select(row => row.Key.Thread)),
            RowColumn.Number("follows", readers.Select(row => row.Value.Follows ? 1L : 0L)),
            RowColumn.Number("read_n", readers.Select(row => row.Value.ReadN)),
            RowColumn.Number("posted_n", readers.Select(row => row.Value.PostedN)),
        ],
        """
        ON CONFLICT (user_id, room_id, thread_seq) DO UPDATE SET follows = excluded.follows, posted_n = excluded.posted_n,
            read_n = CASE WHEN excluded.read_n > thread_reader.read_n THEN excluded.read_n ELSE thread_reader.read_n END
        """,
        cancellationToken);

    /// <summary>A deletion is rare, so what it leaves is looked up: the last reply of the thread, and of the author in it.</summary>
    private async Task WriteDeletionsAsync(IReadOnlyList<RoomChanges> rooms)
    {
        foreach (var room in rooms)
        {
            foreach (var thread in room.Threads.OfType<ThreadStep.Deleted>().GroupBy(step => step.Thread))
            {
                await connection.ExecuteAsync(new CommandDefinition(
                    $"""
                    UPDATE thread SET replies = replies - @count, last_n = COALESCE(({LastOf("max(y.n)")}), 0), last_ts = COALESCE(({LastOf("max(y.ts)")}), 0)
                    WHERE room_id = @room AND seq = @thread;
                    UPDATE thread_reader SET posted_n = COALESCE(({LastOf("max(y.n)")} AND y.author_id = thread_reader.user_id), 0)
                    WHERE room_id = @room AND thread_seq = @thread AND {RowFilter.Sql(provider, "posted_n", "ns")}
                    """,
                    new
                    {
                        room = room.Room.Value,
                        thread = thread.Key,
                        count = (long)thread.Count(),
                        ns = RowFilter.Value(provider, thread.Select(step => step.Event.N)),
                    },
                    transaction,
                    cancellationToken: cancellationToken)).ConfigureAwait(false);
            }
        }
    }

    private static string LastOf(string what) =>
        $"SELECT {what} FROM room_message y WHERE y.room_id = @room AND y.thread_seq = @thread AND y.thread_seq > 0 AND y.deleted = 0";
}
