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
        // By message, since a statement may not change a row twice.
        var texts = batch.Rooms
            .SelectMany(room => room.Events.Select(TextOf).Where(text => text.N > 0).Select(text => (Room: room.Room.Value, text.N, text.Seq)))
            .GroupBy(text => (text.Room, text.N), text => text.Seq)
            .Select(text => (text.Key.Room, text.Key.N, Seq: text.Last()))
            .ToList();
        if (texts.Count == 0)
        {
            return;
        }

        // The projection has written the messages: it leads, in this transaction or in earlier ones.
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
                RowColumn.Text("room_id", texts.Select(text => text.Room)),
                RowColumn.Number("n", texts.Select(text => text.N)),
                RowColumn.Number("seq", texts.Select(text => text.Seq)),
            ],
            cancellationToken).ConfigureAwait(false);
        batch.AfterCommit(() => indexer.Added(texts.Count));
    }

    private static (long N, long Seq) TextOf(RoomEvent @event) => @event switch
    {
        MessagePosted e => (e.N, e.Seq),
        MessageEdited e => (e.N, e.Seq),
        _ => default,
    };
}
