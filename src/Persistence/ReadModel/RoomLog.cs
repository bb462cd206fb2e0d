using System.Data.Common;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.Consumers;
using AkkaChat.Persistence.Database;
using AkkaChat.Persistence.Journal;
using Dapper;

namespace AkkaChat.Persistence.ReadModel;

/// <inheritdoc cref="IRoomLog"/>
public sealed class RoomLog(IDatabase database, IRoomConsumers consumers) : IRoomLog
{
    private const string RowsOfEventsSql = """
        SELECT
            COALESCE((SELECT journal_nr FROM room_batch WHERE room_id = @room AND last_seq > @after ORDER BY last_seq LIMIT 1), 0),
            COALESCE((SELECT journal_nr FROM room_batch WHERE room_id = @room AND last_seq >= @to ORDER BY last_seq LIMIT 1), @offset)
        """;

    public Task<RoomHead?> GetHeadAsync(RoomId room, CancellationToken cancellationToken = default) =>
        ReadAsync(room, viewer: null, (_, tail) => Task.FromResult(tail.Head), cancellationToken);

    public Task<RoomEventPage?> ReadEventsAsync(
        RoomId room,
        long afterSeq,
        int limit,
        UserId? viewer = null,
        int maxBytes = IRoomLog.MaxEventBytes,
        CancellationToken cancellationToken = default)
    {
        var after = Math.Max(afterSeq, 0);
        var count = Math.Clamp(limit, 1, IRoomLog.MaxEvents);
        return ReadAsync(
            room,
            viewer,
            async (connection, tail) =>
            {
                var events = await ReadStoredEventsAsync(connection, room, tail, after, count, maxBytes, cancellationToken).ConfigureAwait(false);
                return new RoomEventPage(
                    await EventRedaction.ApplyAsync(connection, room, tail, events, cancellationToken).ConfigureAwait(false), tail.Head);
            },
            cancellationToken);
    }

    public Task<RoomMessagePage?> ReadMessagesAsync(
        RoomId room,
        MessageQuery query,
        int limit,
        UserId? viewer = null,
        long thread = 0,
        CancellationToken cancellationToken = default)
    {
        var count = Math.Clamp(limit, 1, IRoomLog.MaxMessages);
        return ReadAsync(
            room,
            viewer,
            async (connection, tail) =>
            {
                var messages = Reader(connection, room, tail, cancellationToken);
                return new RoomMessagePage(await messages.ReadPageAsync(query, count, thread, viewer).ConfigureAwait(false), tail.Head);
            },
            cancellationToken);
    }

    public Task<StoredMessage?> FindMessageAsync(
        RoomId room,
        long seq,
        UserId? viewer = null,
        CancellationToken cancellationToken = default) =>
        ReadAsync(
            room,
            viewer,
            async (connection, tail) => await FindPostedAsync(connection, room, tail, seq, cancellationToken).ConfigureAwait(false) is { } posted
                ? await Reader(connection, room, tail, cancellationToken).FindAsync(posted.N, viewer).ConfigureAwait(false)
                : null,
            cancellationToken);

    public Task<IReadOnlyList<StoredMessage>?> ListPinnedAsync(
        RoomId room, UserId? viewer = null, CancellationToken cancellationToken = default) =>
        ReadAsync(
            room,
            viewer,
            (connection, tail) => Reader(connection, room, tail, cancellationToken).ReadPinnedAsync(viewer),
            cancellationToken);

    public Task<MessageFacts?> FindFactsAsync(RoomId room, long seq, CancellationToken cancellationToken = default) =>
        ReadAsync(
            room,
            viewer: null,
            async (connection, tail) =>
            {
                if (await FindPostedAsync(connection, room, tail, seq, cancellationToken).ConfigureAwait(false) is not { } posted)
                {
                    return null;
                }

                var reader = Reader(connection, room, tail, cancellationToken);
                var message = await reader.FindAsync(posted.N, viewer: null).ConfigureAwait(false);
                return new MessageFacts(message!, await reader.ReadReactionsAsync(posted.N).ConfigureAwait(false), tail.Head.Seq);
            },
            cancellationToken);

    public Task<StoredMessage?> FindByClientIdAsync(
        RoomId room,
        UserId author,
        Guid clientId,
        CancellationToken cancellationToken = default) =>
        ReadAsync(
            room,
            viewer: null,
            async (connection, tail) =>
            {
                var row = await connection.QuerySingleOrDefaultAsync<MessageRow>(new CommandDefinition(
                    $"SELECT {MessageRow.Columns} FROM room_message l WHERE l.room_id = @room AND l.author_id = @author AND l.cid = @cid",
                    new { room = room.Value, author = author.Value, cid = clientId.ToByteArray(bigEndian: true) },
                    cancellationToken: cancellationToken)).ConfigureAwait(false);
                if (row is { ChangedAt: 0 })
                {
                    return row.ToMessage(room);
                }

                // The row of a changed message does not say how it was sent; its event does.
                var posted = row is null
                    ? tail.Events.OfType<MessagePosted>().FirstOrDefault(e => e.ClientId == clientId && e.Author.Id == author)
                    : await FindPostedAsync(connection, room, tail, row.Seq, cancellationToken).ConfigureAwait(false);
                return posted is null ? null : MessageRow.ToMessage(room, posted);
            },
            cancellationToken);

    private MessageReader Reader(DbConnection connection, RoomId room, RoomTail tail, CancellationToken cancellationToken) =>
        new(connection, database.Provider, room, tail, cancellationToken);

    /// <summary>The event of the message, as it was sent; null if this is not the <c>seq</c> of one.</summary>
    private async Task<MessagePosted?> FindPostedAsync(
        DbConnection connection, RoomId room, RoomTail tail, long seq, CancellationToken cancellationToken) =>
        seq < 1
            ? null
            : (await ReadStoredEventsAsync(connection, room, tail, seq - 1, 1, maxBytes: 1, cancellationToken).ConfigureAwait(false))
                .OfType<MessagePosted>().FirstOrDefault(e => e.Seq == seq);

    private async Task<List<RoomEvent>> ReadStoredEventsAsync(
        DbConnection connection, RoomId room, RoomTail tail, long after, int count, int maxBytes, CancellationToken cancellationToken)
    {
        var events = after < tail.Projected.Seq
            ? await ReadProjectedEventsAsync(connection, room, tail.Projected, after, count, maxBytes, cancellationToken).ConfigureAwait(false)
            : [];
        var last = events.Count == 0 ? after : events[^1].Seq;
        if (last < tail.Projected.Seq)
        {
            return events;
        }

        var bytes = events.Sum(RoomEventCatalogue.SizeOf);
        foreach (var @event in tail.Events.Where(e => e.Seq > last))
        {
            if (events.Count == count || (events.Count > 0 && bytes >= maxBytes))
            {
                break;
            }

            events.Add(@event);
            bytes += RoomEventCatalogue.SizeOf(@event);
        }

        return events;
    }

    private async Task<List<RoomEvent>> ReadProjectedEventsAsync(
        DbConnection connection,
        RoomId room,
        TailStart projected,
        long after,
        int count,
        int maxBytes,
        CancellationToken cancellationToken)
    {
        var (first, last) = await connection.QuerySingleAsync<(long, long)>(new CommandDefinition(
            RowsOfEventsSql,
            new { room = room.Value, after, to = after + count, offset = projected.JournalNr },
            cancellationToken: cancellationToken)).ConfigureAwait(false);
        var rows = await database.OnJournalAsync(
            connection,
            journal => JournalReader.ReadRowsWithinAsync(journal, room, first - 1, (int)(last - first + 1), maxBytes, cancellationToken),
            cancellationToken).ConfigureAwait(false);
        return [.. rows.SelectMany(row => row.Events).Where(e => e.Seq > after && e.Seq <= projected.Seq).Take(count)];
    }

    private async Task<T?> ReadAsync<T>(
        RoomId room,
        UserId? viewer,
        Func<DbConnection, RoomTail, Task<T>> read,
        CancellationToken cancellationToken) where T : class?
    {
        while (true)
        {
            var (isBehind, answer) = await database.ReadAsync<(bool, T?)>(
                async connection =>
                {
                    var tail = await RoomTail.ReadAsync(connection, database, room, cancellationToken).ConfigureAwait(false);
                    return tail.IsBehind || !tail.Exists
                        || (viewer is { } user && !await tail.HasMemberAsync(connection, room, user, cancellationToken).ConfigureAwait(false))
                        ? (tail.IsBehind, null)
                        : (false, await read(connection, tail).ConfigureAwait(false));
                },
                cancellationToken).ConfigureAwait(false);
            if (!isBehind)
            {
                return answer;
            }

            // Without holding a connection: the catch-up needs one from the same pool.
            await consumers.CatchUpAsync(room, cancellationToken).ConfigureAwait(false);
        }
    }
}
