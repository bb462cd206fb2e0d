using System.Data.Common;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using Dapper;

namespace AkkaChat.Persistence.ReadModel;

/// <summary>Writes a room's changes into the tables, within the transaction that holds the lock on the room's offset.</summary>
internal sealed class RoomTables(DbConnection connection, DbTransaction transaction, RoomId room, CancellationToken cancellationToken)
{
    /// <summary>Rows first, cursors next, streams last: the same order of locks as <see cref="ReadCursors"/>.</summary>
    public async Task<IReadOnlyList<UserMoved>> WriteAsync(RoomChanges changes)
    {
        await WriteRoomAsync(changes).ConfigureAwait(false);
        await WriteBatchesAsync(changes.Batches).ConfigureAwait(false);
        await WriteMessagesAsync(changes.Messages).ConfigureAwait(false);
        await WriteMembersAsync(changes.Members).ConfigureAwait(false);
        await WriteCursorsAsync(changes.Cursors).ConfigureAwait(false);
        return await UserStreamTable
            .AppendAsync(connection, transaction, room, changes.UserEvents, 0, cancellationToken)
            .ConfigureAwait(false);
    }

    private async Task WriteRoomAsync(RoomChanges changes)
    {
        if (changes.Created is { } created)
        {
            await ExecuteAsync(
                """
                INSERT INTO room (id, name, topic, visibility, created_at, created_by, head_seq, head_n, member_count, last_message_n,
                    last_active, search_text)
                VALUES (@room, @name, @topic, @visibility, @ts, @by, 0, 0, 0, 0, @ts, @search)
                """,
                new
                {
                    room = room.Value,
                    name = StoredText.Of(created.Name),
                    topic = StoredText.Of(created.Topic),
                    visibility = (long)created.Visibility,
                    ts = created.Time.ToUnixTimeMilliseconds(),
                    by = created.By.Id.Value,
                    search = SearchText.OfRoom(created.Name, created.Topic),
                }).ConfigureAwait(false);
        }

        await ExecuteAsync(
            """
            UPDATE room SET head_seq = @Seq, head_n = @N, last_message_n = @N, last_active = COALESCE(@active, last_active) WHERE id = @room
            """,
            new
            {
                room = room.Value,
                changes.Position.Seq,
                changes.Position.N,
                active = changes.LastActive?.ToUnixTimeMilliseconds(),
            }).ConfigureAwait(false);
        await ExecuteAsync(
            "UPDATE room_offset SET journal_nr = @JournalNr WHERE room_id = @room",
            new { room = room.Value, changes.Position.JournalNr }).ConfigureAwait(false);
    }

    private Task WriteBatchesAsync(List<BatchRow> batches) => InsertAsync(
        "room_batch",
        "",
        RowColumn.Text("room_id", batches.Select(_ => room.Value)),
        RowColumn.Number("last_seq", batches.Select(batch => batch.LastSeq)),
        RowColumn.Number("first_seq", batches.Select(batch => batch.FirstSeq)),
        RowColumn.Number("journal_nr", batches.Select(batch => batch.JournalNr)));

    private async Task WriteMessagesAsync(List<MessagePosted> messages)
    {
        await InsertAsync(
            "room_message",
            "",
            RowColumn.Text("room_id", messages.Select(_ => room.Value)),
            RowColumn.Number("n", messages.Select(m => m.N)),
            RowColumn.Number("seq", messages.Select(m => m.Seq)),
            RowColumn.Bytes("cid", messages.Select(m => m.ClientId.ToByteArray(bigEndian: true))),
            RowColumn.Text("author_id", messages.Select(m => m.Author.Id.Value)),
            RowColumn.Text("author_username", messages.Select(m => StoredText.Of(m.Author.Username))),
            RowColumn.Text("author_display_name", messages.Select(m => StoredText.Of(m.Author.DisplayName))),
            RowColumn.Text("text", messages.Select(m => StoredText.Of(m.Text))),
            RowColumn.Number("ts", messages.Select(m => m.Time.ToUnixTimeMilliseconds())),
            RowColumn.Number("reply_to_seq", messages.Select(m => m.ReplyToSeq)),
            RowColumn.Text("mentions", messages.Select(m => string.Join(' ', m.Mentions.Select(user => user.Value))))).ConfigureAwait(false);
        var mentions = messages.SelectMany(m => m.Mentions.Distinct().Select(user => (User: user.Value, m.N))).ToList();
        await InsertAsync(
            "message_mention",
            "",
            RowColumn.Text("user_id", mentions.Select(mention => mention.User)),
            RowColumn.Text("room_id", mentions.Select(_ => room.Value)),
            RowColumn.Number("n", mentions.Select(mention => mention.N))).ConfigureAwait(false);
    }

    private async Task WriteMembersAsync(SortedDictionary<string, MemberRow?> members)
    {
        if (members.Count == 0)
        {
            return;
        }

        foreach (var left in members.Where(member => member.Value is null))
        {
            await ExecuteAsync(
                "DELETE FROM room_member WHERE room_id = @room AND user_id = @user",
                new { room = room.Value, user = left.Key }).ConfigureAwait(false);
        }

        var joined = members.Values.OfType<MemberRow>().ToList();
        await InsertAsync(
            "room_member",
            """
            ON CONFLICT (room_id, user_id) DO UPDATE SET username = excluded.username, display_name = excluded.display_name,
                role = excluded.role, joined_seq = excluded.joined_seq, joined_at = excluded.joined_at
            """,
            RowColumn.Text("room_id", joined.Select(_ => room.Value)),
            RowColumn.Text("user_id", joined.Select(member => member.User.Id.Value)),
            RowColumn.Text("username", joined.Select(member => StoredText.Of(member.User.Username))),
            RowColumn.Text("display_name", joined.Select(member => StoredText.Of(member.User.DisplayName))),
            RowColumn.Number("role", joined.Select(member => (long)member.Role)),
            RowColumn.Number("joined_seq", joined.Select(member => member.JoinedSeq)),
            RowColumn.Number("joined_at", joined.Select(member => member.JoinedAt.ToUnixTimeMilliseconds()))).ConfigureAwait(false);
        // Counted anew and not added up: it is right whatever the events were, and joins are rare.
        await ExecuteAsync(
            "UPDATE room SET member_count = (SELECT count(*) FROM room_member WHERE room_id = @room) WHERE id = @room",
            new { room = room.Value }).ConfigureAwait(false);
    }

    private Task WriteCursorsAsync(SortedDictionary<string, long> cursors) => InsertAsync(
        "read_cursor",
        "ON CONFLICT (user_id, room_id) DO UPDATE SET n = excluded.n WHERE read_cursor.n < excluded.n",
        RowColumn.Text("user_id", cursors.Keys),
        RowColumn.Text("room_id", cursors.Keys.Select(_ => room.Value)),
        RowColumn.Number("n", cursors.Values));

    private Task InsertAsync(string table, string suffix, params RowColumn[] columns) =>
        MultiRow.InsertAsync(connection, transaction, table, columns, suffix, cancellationToken);

    private Task<int> ExecuteAsync(string sql, object parameters) =>
        connection.ExecuteAsync(new CommandDefinition(sql, parameters, transaction, cancellationToken: cancellationToken));
}
