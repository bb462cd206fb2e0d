using System.Data.Common;
using AkkaChat.Persistence.Database;

namespace AkkaChat.Persistence.ReadModel;

/// <summary>Writes what becomes of messages that are in the tables already: edits, deletions, reactions and pins.</summary>
internal sealed class MessageTables(DbConnection connection, DbTransaction transaction, CancellationToken cancellationToken)
{
    public async Task WriteAsync(IReadOnlyList<RoomChanges> rooms)
    {
        await WriteTextsAsync(rooms).ConfigureAwait(false);
        await WriteReactionsAsync(rooms).ConfigureAwait(false);
        await WritePinsAsync(rooms).ConfigureAwait(false);
    }

    private async Task WriteTextsAsync(IReadOnlyList<RoomChanges> rooms)
    {
        var changed = rooms.SelectMany(room => room.Changed.Select(change => (Room: room.Room.Value, N: change.Key, Change: change.Value))).ToList();
        await ExecuteAsync(
            rows => $"""
                UPDATE room_message SET text = v.text, mentions = v.mentions, changed_at = v.changed_at, deleted = v.deleted, audience = v.audience,
                    files = CASE WHEN v.deleted = 1 THEN '' ELSE files END
                FROM {rows} WHERE room_message.room_id = v.room_id AND room_message.n = v.n
                """,
            RowColumn.Text("room_id", changed.Select(row => row.Room)),
            RowColumn.Number("n", changed.Select(row => row.N)),
            RowColumn.Text("text", changed.Select(row => StoredText.Of(row.Change.Text ?? ""))),
            RowColumn.Text("mentions", changed.Select(row => string.Join(' ', row.Change.Mentions.Select(user => user.Value)))),
            RowColumn.Number("changed_at", changed.Select(row => row.Change.At.ToUnixTimeMilliseconds())),
            RowColumn.Number("deleted", changed.Select(row => row.Change.Text is null ? 1L : 0L)),
            RowColumn.Number("audience", changed.Select(row => (long)row.Change.Audience))).ConfigureAwait(false);
        await ExecuteAsync(
            rows => $"DELETE FROM message_mention WHERE (room_id, n) IN (SELECT v.room_id, v.n FROM {rows})",
            RowColumn.Text("room_id", changed.Select(row => row.Room)),
            RowColumn.Number("n", changed.Select(row => row.N))).ConfigureAwait(false);
        var mentions = changed.SelectMany(row => row.Change.Mentions.Distinct().Select(user => (User: user.Value, row.Room, row.N))).ToList();
        await InsertAsync(
            "message_mention",
            "",
            RowColumn.Text("user_id", mentions.Select(mention => mention.User)),
            RowColumn.Text("room_id", mentions.Select(mention => mention.Room)),
            RowColumn.Number("n", mentions.Select(mention => mention.N))).ConfigureAwait(false);
        await RemoveWhatDeletedMessagesHadAsync(rooms).ConfigureAwait(false);
    }

    /// <summary>Nobody sees the files any more, and the collector removes them.</summary>
    private async Task RemoveWhatDeletedMessagesHadAsync(IReadOnlyList<RoomChanges> rooms)
    {
        var files = rooms
            .SelectMany(room => room.RemovedFiles.Select(file => (Id: file.Value, Room: room.Room.Value)))
            .OrderBy(file => file.Id, StringComparer.Ordinal)
            .ToList();
        await ExecuteAsync(
            rows => $"UPDATE file SET state = 3 FROM {rows} WHERE file.id = v.id AND file.room_id = v.room_id AND file.purpose = 0 AND file.state = 2",
            RowColumn.Text("id", files.Select(file => file.Id)),
            RowColumn.Text("room_id", files.Select(file => file.Room))).ConfigureAwait(false);
        var deleted = rooms
            .SelectMany(room => room.Changed.Where(change => change.Value.Text is null).Select(change => (Room: room.Room.Value, N: change.Key)))
            .ToList();
        foreach (var table in new[] { "message_reaction", "message_pin" })
        {
            await ExecuteAsync(
                rows => $"DELETE FROM {table} WHERE (room_id, n) IN (SELECT v.room_id, v.n FROM {rows})",
                RowColumn.Text("room_id", deleted.Select(row => row.Room)),
                RowColumn.Number("n", deleted.Select(row => row.N))).ConfigureAwait(false);
        }
    }

    private async Task WriteReactionsAsync(IReadOnlyList<RoomChanges> rooms)
    {
        var all = rooms.SelectMany(room => room.Reactions.Select(reaction => (Room: room.Room.Value, reaction.Key, Event: reaction.Value))).ToList();
        var (on, off) = (all.Where(row => row.Event.On).ToList(), all.Where(row => !row.Event.On).ToList());
        await InsertAsync(
            "message_reaction",
            "ON CONFLICT (room_id, n, emoji, user_id) DO UPDATE SET seq = excluded.seq",
            RowColumn.Text("room_id", on.Select(row => row.Room)),
            RowColumn.Number("n", on.Select(row => row.Key.N)),
            RowColumn.Text("emoji", on.Select(row => row.Key.Emoji)),
            RowColumn.Text("user_id", on.Select(row => row.Key.User)),
            RowColumn.Number("seq", on.Select(row => row.Event.Seq))).ConfigureAwait(false);
        await ExecuteAsync(
            rows => $"""
                DELETE FROM message_reaction WHERE (room_id, n, emoji, user_id) IN (SELECT v.room_id, v.n, v.emoji, v.user_id FROM {rows})
                """,
            RowColumn.Text("room_id", off.Select(row => row.Room)),
            RowColumn.Number("n", off.Select(row => row.Key.N)),
            RowColumn.Text("emoji", off.Select(row => row.Key.Emoji)),
            RowColumn.Text("user_id", off.Select(row => row.Key.User))).ConfigureAwait(false);
    }

    private async Task WritePinsAsync(IReadOnlyList<RoomChanges> rooms)
    {
        var all = rooms.SelectMany(room => room.Pins.Values.Select(pin => (Room: room.Room.Value, Pin: pin))).ToList();
        var (on, off) = (all.Where(row => row.Pin.On).ToList(), all.Where(row => !row.Pin.On).ToList());
        await InsertAsync(
            "message_pin",
            "ON CONFLICT (room_id, n) DO UPDATE SET seq = excluded.seq",
            RowColumn.Text("room_id", on.Select(row => row.Room)),
            RowColumn.Number("n", on.Select(row => row.Pin.N)),
            RowColumn.Number("seq", on.Select(row => row.Pin.Seq))).ConfigureAwait(false);
        await ExecuteAsync(
            rows => $"DELETE FROM message_pin WHERE (room_id, n) IN (SELECT v.room_id, v.n FROM {rows})",
            RowColumn.Text("room_id", off.Select(row => row.Room)),
            RowColumn.Number("n", off.Select(row => row.Pin.N))).ConfigureAwait(false);
    }

    private Task InsertAsync(string table, string suffix, params RowColumn[] columns) =>
        MultiRow.InsertAsync(connection, transaction, table, columns, suffix, cancellationToken);

    private Task ExecuteAsync(Func<string, string> statement, params RowColumn[] columns) =>
        MultiRow.ExecuteAsync(connection, transaction, statement, columns, cancellationToken);
}
