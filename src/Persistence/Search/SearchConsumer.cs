using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.Consumers;
using AkkaChat.Persistence.Database;

namespace AkkaChat.Persistence.Search;

/// <summary>
/// Puts new texts at the index's tail, where searches find them at once. One row each is all that a message pays in the transaction that
/// projects it. A deletion changes nothing: what is deleted is not shown, wherever the index has it.
/// </summary>
public sealed class SearchConsumer(SearchIndexer indexer) : IRoomConsumer
{
    public string Name => "search";

    public ConsumerStart Start => ConsumerStart.Beginning;

    public async Task ConsumeAsync(ConsumerBatch batch, CancellationToken cancellationToken)
    {
        var posted = batch.Rooms
            .SelectMany(room => room.Events.OfType<MessagePosted>().Select(e => (Room: room.Room.Value, e.N, e.Seq, e.Time)))
            .ToList();
        // By message, since a statement may not change a row twice.
        var edited = batch.Rooms
            .SelectMany(room => room.Events.OfType<MessageEdited>().Select(e => (Room: room.Room.Value, e.N, e.Seq)))
            .GroupBy(text => (text.Room, text.N), text => text.Seq)
            .Select(text => (text.Key.Room, text.Key.N, Seq: text.Last()))
            .ToList();
        await MultiRow.InsertAsync(
            batch.Connection,
            batch.Transaction,
            "search_tail",
            [
                RowColumn.Text("room_id", posted.Select(text => text.Room)),
                RowColumn.Number("n", posted.Select(text => text.N)),
                RowColumn.Number("ts", posted.Select(text => text.Time.ToUnixTimeMilliseconds())),
                RowColumn.Number("seq", posted.Select(text => text.Seq)),
            ],
            "ON CONFLICT (room_id, n) DO NOTHING",
            cancellationToken).ConfigureAwait(false);
        // An edit does not say when its message was sent. The projection has written that: it leads, in this transaction or in earlier ones.
        await MultiRow.ExecuteAsync(
            batch.Connection,
            batch.Transaction,
            rows => $"""
                INSERT INTO search_tail (room_id, n, ts, seq)
                SELECT v.room_id, v.n, l.ts, v.seq FROM {rows} JOIN room_message l ON l.room_id = v.room_id AND l.n = v.n
                WHERE l.deleted = 0
                ON CONFLICT (room_id, n) DO UPDATE SET seq = excluded.seq
                """,
            [
                RowColumn.Text("room_id", edited.Select(text => text.Room)),
                RowColumn.Number("n", edited.Select(text => text.N)),
                RowColumn.Number("seq", edited.Select(text => text.Seq)),
            ],
            cancellationToken).ConfigureAwait(false);
        if (posted.Count + edited.Count > 0)
        {
            batch.AfterCommit(() => indexer.Added(posted.Count + edited.Count));
        }
    }
}
