using System.Data.Common;
using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.Database;

namespace AkkaChat.Persistence.ReadModel;

/// <summary>Writes bans and the audit lists, within the projection's transaction.</summary>
internal static class ModerationTables
{
    public static async Task WriteAsync(
        DbConnection connection,
        DbTransaction transaction,
        IReadOnlyList<RoomChanges> rooms,
        CancellationToken cancellationToken)
    {
        var lifted = rooms
            .SelectMany(room => room.Bans.Where(ban => ban.Value is null).Select(ban => (Room: room.Room.Value, User: ban.Key)))
            .ToList();
        await MultiRow.ExecuteAsync(
            connection,
            transaction,
            rows => $"DELETE FROM room_ban WHERE (room_id, user_id) IN (SELECT v.room_id, v.user_id FROM {rows})",
            [RowColumn.Text("room_id", lifted.Select(row => row.Room)), RowColumn.Text("user_id", lifted.Select(row => row.User))],
            cancellationToken).ConfigureAwait(false);
        var bans = rooms.SelectMany(room => room.Bans.Values.OfType<Messages.Rooms.MemberBanned>().Select(e => (Room: room.Room.Value, Ban: e))).ToList();
        await MultiRow.InsertAsync(
            connection,
            transaction,
            "room_ban",
            [
                RowColumn.Text("room_id", bans.Select(row => row.Room)),
                RowColumn.Text("user_id", bans.Select(row => row.Ban.User.Id.Value)),
                RowColumn.Text("username", bans.Select(row => StoredText.Of(row.Ban.User.Username))),
                RowColumn.Text("display_name", bans.Select(row => StoredText.Of(row.Ban.User.DisplayName))),
                RowColumn.Text("reason", bans.Select(row => StoredText.Of(row.Ban.Why))),
                RowColumn.Text("by_id", bans.Select(row => row.Ban.By.Id.Value)),
                RowColumn.Text("by_username", bans.Select(row => StoredText.Of(row.Ban.By.Username))),
                RowColumn.Text("by_display_name", bans.Select(row => StoredText.Of(row.Ban.By.DisplayName))),
                RowColumn.Number("seq", bans.Select(row => row.Ban.Seq)),
                RowColumn.Number("ts", bans.Select(row => row.Ban.Time.ToUnixTimeMilliseconds())),
            ],
            "",
            cancellationToken).ConfigureAwait(false);
        var audit = rooms.SelectMany(room => room.Audit.Select(row => (Room: room.Room.Value, Row: row))).ToList();
        await MultiRow.InsertAsync(
            connection,
            transaction,
            "room_audit",
            [
                RowColumn.Text("room_id", audit.Select(row => row.Room)),
                RowColumn.Number("seq", audit.Select(row => row.Row.Seq)),
                RowColumn.Number("ts", audit.Select(row => row.Row.Time.ToUnixTimeMilliseconds())),
                RowColumn.Text("action", audit.Select(row => row.Row.Action)),
                RowColumn.Text("by_id", audit.Select(row => row.Row.By.Id.Value)),
                RowColumn.Text("by_username", audit.Select(row => StoredText.Of(row.Row.By.Username))),
                RowColumn.Text("by_display_name", audit.Select(row => StoredText.Of(row.Row.By.DisplayName))),
                RowColumn.Text("subject_id", audit.Select(row => row.Row.Subject?.Id.Value ?? "")),
                RowColumn.Text("subject_username", audit.Select(row => StoredText.Of(row.Row.Subject?.Username ?? ""))),
                RowColumn.Text("subject_display_name", audit.Select(row => StoredText.Of(row.Row.Subject?.DisplayName ?? ""))),
                RowColumn.Text("detail", audit.Select(row => StoredText.Of(row.Row.Detail))),
            ],
            "",
            cancellationToken).ConfigureAwait(false);
        await WriteDeletionsAsync(connection, transaction, rooms, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Of others' messages. Their authors are in the rows, which the events do not have.</summary>
    private static Task WriteDeletionsAsync(
        DbConnection connection, DbTransaction transaction, IReadOnlyList<RoomChanges> rooms, CancellationToken cancellationToken)
    {
        var deletions = rooms.SelectMany(room => room.Deletions.Select(e => (room.Room, Event: e))).ToList();
        return MultiRow.ExecuteAsync(
            connection,
            transaction,
            rows => $"""
                INSERT INTO room_audit (room_id, seq, ts, action, by_id, by_username, by_display_name, subject_id, subject_username,
                    subject_display_name, detail)
                SELECT v.room_id, v.seq, v.ts, 'message.deleted', v.by_id, v.by_username, v.by_display_name, m.author_id, m.author_username,
                    m.author_display_name, v.detail
                FROM {rows} JOIN room_message m ON m.room_id = v.room_id AND m.n = v.n
                WHERE m.author_id <> v.by_id
                """,
            [
                RowColumn.Text("room_id", deletions.Select(row => row.Room.Value)),
                RowColumn.Number("n", deletions.Select(row => row.Event.N)),
                RowColumn.Number("seq", deletions.Select(row => row.Event.Seq)),
                RowColumn.Number("ts", deletions.Select(row => row.Event.Time.ToUnixTimeMilliseconds())),
                RowColumn.Text("by_id", deletions.Select(row => row.Event.By.Id.Value)),
                RowColumn.Text("by_username", deletions.Select(row => StoredText.Of(row.Event.By.Username))),
                RowColumn.Text("by_display_name", deletions.Select(row => StoredText.Of(row.Event.By.DisplayName))),
                RowColumn.Text("detail", deletions.Select(row => new MessageId(row.Room, row.Event.MessageSeq).ToString())),
            ],
            cancellationToken);
    }
}
