using System.Data.Common;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.Database;

namespace AkkaChat.Persistence.ReadModel;

/// <summary>Writes rooms' changes into the tables, within the transaction that holds the read model's locks on the rooms.</summary>
internal sealed class RoomTables(DbConnection connection, DbTransaction transaction, CancellationToken cancellationToken)
{
    /// <summary>Locks rows first, then cursors, then streams, in the same order as <see cref="ReadCursors"/>.</summary>
    public async Task<IReadOnlyList<UserMoved>> WriteAsync(IReadOnlyList<RoomChanges> rooms)
    {
        await WriteRoomsAsync(rooms).ConfigureAwait(false);
        await SettingsTables.WriteAsync(connection, transaction, rooms, cancellationToken).ConfigureAwait(false);
        await WriteBatchesAsync(rooms).ConfigureAwait(false);
        await WriteMessagesAsync(rooms).ConfigureAwait(false);
        await WriteLinksAsync(rooms).ConfigureAwait(false);
        await AttachFilesAsync(rooms).ConfigureAwait(false);
        await new MessageTables(connection, transaction, cancellationToken).WriteAsync(rooms).ConfigureAwait(false);
        await WritePicturesAsync(rooms).ConfigureAwait(false);
        await WriteMembersAsync(rooms).ConfigureAwait(false);
        await ModerationTables.WriteAsync(connection, transaction, rooms, cancellationToken).ConfigureAwait(false);
        await SettingsTables.DeleteAsync(connection, transaction, rooms, cancellationToken).ConfigureAwait(false);
        await WriteCursorsAsync(rooms).ConfigureAwait(false);
        return await UserStreamTable
            .AppendAsync(connection, transaction, [.. rooms.SelectMany(room => room.UserEvents)], cancellationToken)
            .ConfigureAwait(false);
    }

    private async Task WriteRoomsAsync(IReadOnlyList<RoomChanges> rooms)
    {
        var made = rooms.Where(room => room.Created is not null).Select(room => (Id: room.Room.Value, Created: room.Created!)).ToList();
        var none = made.Select(_ => 0L).ToList();
        await InsertAsync(
            "room",
            "",
            RowColumn.Text("id", made.Select(room => room.Id)),
            RowColumn.Text("name", made.Select(room => StoredText.Of(room.Created.Name))),
            RowColumn.Text("topic", made.Select(room => StoredText.Of(room.Created.Topic))),
            RowColumn.Number("visibility", made.Select(room => (long)room.Created.Visibility)),
            RowColumn.Number("created_at", made.Select(room => room.Created.Time.ToUnixTimeMilliseconds())),
            RowColumn.Text("created_by", made.Select(room => room.Created.By.Id.Value)),
            RowColumn.Number("head_seq", none),
            RowColumn.Number("head_n", none),
            RowColumn.Number("member_count", none),
            RowColumn.Number("last_message_n", none),
            RowColumn.Number("last_active", none),
            RowColumn.Text("search_text", made.Select(room => SearchText.OfRoom(room.Created.Name, room.Created.Topic))))
            .ConfigureAwait(false);
        await ExecuteAsync(
            rows => $"""
                UPDATE room SET head_seq = v.seq, head_n = v.n, last_message_n = v.n,
                    last_active = CASE WHEN v.active > 0 THEN v.active ELSE last_active END
                FROM {rows} WHERE room.id = v.id
                """,
            RowColumn.Text("id", rooms.Select(room => room.Room.Value)),
            RowColumn.Number("seq", rooms.Select(room => room.Position.Seq)),
            RowColumn.Number("n", rooms.Select(room => room.Position.N)),
            RowColumn.Number("active", rooms.Select(room => room.LastActive?.ToUnixTimeMilliseconds() ?? 0))).ConfigureAwait(false);
    }

    private async Task WriteLinksAsync(IReadOnlyList<RoomChanges> rooms)
    {
        var switched = rooms.Where(room => room.LinkCards is not null).ToList();
        await ExecuteAsync(
            rows => $"UPDATE room SET link_cards = v.link_cards FROM {rows} WHERE room.id = v.id",
            RowColumn.Text("id", switched.Select(room => room.Room.Value)),
            RowColumn.Number("link_cards", switched.Select(room => room.LinkCards == true ? 1L : 0L))).ConfigureAwait(false);
        var links = rooms.SelectMany(room => room.Links.Select(link => (Room: room.Room.Value, N: link.Key, Cards: link.Value))).ToList();
        await InsertAsync(
            "message_link",
            "ON CONFLICT (room_id, n) DO UPDATE SET cards = excluded.cards",
            RowColumn.Text("room_id", links.Select(link => link.Room)),
            RowColumn.Number("n", links.Select(link => link.N)),
            RowColumn.Text("cards", links.Select(link => StoredCards.ToJson(link.Cards)))).ConfigureAwait(false);
        await ExecuteAsync(
            rows => $"DELETE FROM link_image_use WHERE (room_id, n) IN (SELECT v.room_id, v.n FROM {rows})",
            RowColumn.Text("room_id", links.Select(link => link.Room)),
            RowColumn.Number("n", links.Select(link => link.N))).ConfigureAwait(false);
        var images = links
            .SelectMany(link => link.Cards.Select(card => card.Image?.Id.Value).OfType<string>().Distinct().Select(id => (link.Room, link.N, Id: id)))
            .ToList();
        await InsertAsync(
            "link_image_use",
            "ON CONFLICT (image_id, room_id, n) DO NOTHING",
            RowColumn.Text("image_id", images.Select(image => image.Id)),
            RowColumn.Text("room_id", images.Select(image => image.Room)),
            RowColumn.Number("n", images.Select(image => image.N)),
            RowColumn.Number("expires_at", images.Select(_ => 0L))).ConfigureAwait(false);
    }

    private Task WriteBatchesAsync(IReadOnlyList<RoomChanges> rooms)
    {
        var batches = rooms.SelectMany(room => room.Batches.Select(batch => (Room: room.Room.Value, Batch: batch))).ToList();
        return InsertAsync(
            "room_batch",
            "",
            RowColumn.Text("room_id", batches.Select(row => row.Room)),
            RowColumn.Number("last_seq", batches.Select(row => row.Batch.LastSeq)),
            RowColumn.Number("first_seq", batches.Select(row => row.Batch.FirstSeq)),
            RowColumn.Number("journal_nr", batches.Select(row => row.Batch.JournalNr)));
    }

    private async Task WriteMessagesAsync(IReadOnlyList<RoomChanges> rooms)
    {
        var messages = rooms.SelectMany(room => room.Messages.Select(message => (Room: room.Room.Value, Message: message))).ToList();
        await InsertAsync(
            "room_message",
            "",
            RowColumn.Text("room_id", messages.Select(row => row.Room)),
            RowColumn.Number("n", messages.Select(row => row.Message.N)),
            RowColumn.Number("seq", messages.Select(row => row.Message.Seq)),
            RowColumn.Bytes("cid", messages.Select(row => row.Message.ClientId.ToByteArray(bigEndian: true))),
            RowColumn.Text("author_id", messages.Select(row => row.Message.Author.Id.Value)),
            RowColumn.Text("author_username", messages.Select(row => StoredText.Of(row.Message.Author.Username))),
            RowColumn.Text("author_display_name", messages.Select(row => StoredText.Of(row.Message.Author.DisplayName))),
            RowColumn.Text("text", messages.Select(row => StoredText.Of(row.Message.Text))),
            RowColumn.Number("ts", messages.Select(row => row.Message.Time.ToUnixTimeMilliseconds())),
            RowColumn.Number("reply_to_seq", messages.Select(row => row.Message.ReplyToSeq)),
            RowColumn.Text("mentions", messages.Select(row => string.Join(' ', row.Message.Mentions.Select(user => user.Value)))),
            RowColumn.Text("files", messages.Select(row => FilesColumn.Write(row.Message.Files))),
            RowColumn.Number("audience", messages.Select(row => (long)row.Message.Audience)))
            .ConfigureAwait(false);
        var mentions = messages
            .SelectMany(row => row.Message.Mentions.Distinct().Select(user => (User: user.Value, row.Room, row.Message.N)))
            .ToList();
        await InsertAsync(
            "message_mention",
            "",
            RowColumn.Text("user_id", mentions.Select(mention => mention.User)),
            RowColumn.Text("room_id", mentions.Select(mention => mention.Room)),
            RowColumn.Number("n", mentions.Select(mention => mention.N))).ConfigureAwait(false);
    }

    /// <summary>From now on the room's members can see the files, which are no longer removed.</summary>
    private Task AttachFilesAsync(IReadOnlyList<RoomChanges> rooms)
    {
        var files = rooms
            .SelectMany(room => room.Messages.SelectMany(message => message.Files.Select(file => (Room: room.Room.Value, Message: message, file.Id))))
            .OrderBy(row => row.Id.Value, StringComparer.Ordinal)
            .ToList();
        return ExecuteAsync(
            rows => $"""
                UPDATE file SET state = 2, message_n = v.n, claimed_by = v.cid
                FROM {rows} WHERE file.id = v.id AND file.room_id = v.room_id AND file.state = 1
                """,
            RowColumn.Text("id", files.Select(row => row.Id.Value)),
            RowColumn.Text("room_id", files.Select(row => row.Room)),
            RowColumn.Number("n", files.Select(row => row.Message.N)),
            RowColumn.Bytes("cid", files.Select(row => row.Message.ClientId.ToByteArray(bigEndian: true))));
    }

    /// <summary>A picture is a room's once: what another has taken the place of is removed, and never becomes it again.</summary>
    private async Task WritePicturesAsync(IReadOnlyList<RoomChanges> rooms)
    {
        var changed = rooms.Where(room => room.Pictures.Count > 0).ToList();
        await ExecuteAsync(
            rows => $"UPDATE room SET picture = v.picture FROM {rows} WHERE room.id = v.id",
            RowColumn.Text("id", changed.Select(room => room.Room.Value)),
            RowColumn.Text("picture", changed.Select(room => room.Pictures[^1].Picture?.Value ?? ""))).ConfigureAwait(false);
        var (taken, replaced) = (PictureFiles(changed, e => e.Picture), PictureFiles(changed, e => e.Previous));
        await ExecuteAsync(
            rows => $"UPDATE file SET state = 2 FROM {rows} WHERE file.id = v.id AND file.room_id = v.room_id AND file.purpose = 2 AND file.state = 1",
            taken).ConfigureAwait(false);
        await ExecuteAsync(
            rows => $"UPDATE file SET state = 3 FROM {rows} WHERE file.id = v.id AND file.room_id = v.room_id AND file.purpose = 2 AND file.state = 2",
            replaced).ConfigureAwait(false);
    }

    private static RowColumn[] PictureFiles(List<RoomChanges> rooms, Func<RoomPictureChanged, FileId?> file)
    {
        var files = rooms
            .SelectMany(room => room.Pictures.Select(file).OfType<FileId>().Select(id => (Id: id.Value, Room: room.Room.Value)))
            .OrderBy(row => row.Id, StringComparer.Ordinal)
            .ToList();
        return [RowColumn.Text("id", files.Select(row => row.Id)), RowColumn.Text("room_id", files.Select(row => row.Room))];
    }

    private async Task WriteMembersAsync(IReadOnlyList<RoomChanges> rooms)
    {
        var left = rooms
            .SelectMany(room => room.Members.Where(member => member.Value is null).Select(member => (Room: room.Room.Value, User: member.Key)))
            .ToList();
        // The count moves by what changes: a large room is not counted again for each who joins.
        var moved = rooms.SelectMany(room => room.Members.Keys.Select(user => (Room: room.Room.Value, User: user))).ToList();
        await ExecuteAsync(
            rows => $"""
                UPDATE room SET member_count = member_count - c.n
                FROM (
                    SELECT v.room_id, count(*) AS n
                    FROM {rows} JOIN room_member m ON m.room_id = v.room_id AND m.user_id = v.user_id
                    GROUP BY v.room_id
                ) c
                WHERE room.id = c.room_id
                """,
            RowColumn.Text("room_id", moved.Select(row => row.Room)),
            RowColumn.Text("user_id", moved.Select(row => row.User))).ConfigureAwait(false);
        await ExecuteAsync(
            rows => $"DELETE FROM room_member WHERE (room_id, user_id) IN (SELECT v.room_id, v.user_id FROM {rows})",
            RowColumn.Text("room_id", left.Select(row => row.Room)),
            RowColumn.Text("user_id", left.Select(row => row.User))).ConfigureAwait(false);
        var joined = rooms.SelectMany(room => room.Members.Values.OfType<MemberRow>().Select(m => (Room: room.Room.Value, Member: m))).ToList();
        await InsertAsync(
            "room_member",
            """
            ON CONFLICT (room_id, user_id) DO UPDATE SET username = excluded.username, display_name = excluded.display_name,
                role = excluded.role, joined_seq = excluded.joined_seq, joined_at = excluded.joined_at
            """,
            RowColumn.Text("room_id", joined.Select(row => row.Room)),
            RowColumn.Text("user_id", joined.Select(row => row.Member.User.Id.Value)),
            RowColumn.Text("username", joined.Select(row => StoredText.Of(row.Member.User.Username))),
            RowColumn.Text("display_name", joined.Select(row => StoredText.Of(row.Member.User.DisplayName))),
            RowColumn.Number("role", joined.Select(row => (long)row.Member.Role)),
            RowColumn.Number("joined_seq", joined.Select(row => row.Member.JoinedSeq)),
            RowColumn.Number("joined_at", joined.Select(row => row.Member.JoinedAt.ToUnixTimeMilliseconds()))).ConfigureAwait(false);
        var roles = rooms.SelectMany(room => room.Roles.Select(role => (Room: room.Room.Value, User: role.Key, Role: role.Value))).ToList();
        await ExecuteAsync(
            rows => $"UPDATE room_member SET role = v.role FROM {rows} WHERE room_member.room_id = v.room_id AND room_member.user_id = v.user_id",
            RowColumn.Text("room_id", roles.Select(row => row.Room)),
            RowColumn.Text("user_id", roles.Select(row => row.User)),
            RowColumn.Number("role", roles.Select(row => (long)row.Role))).ConfigureAwait(false);
        var grown = joined.CountBy(row => row.Room).ToList();
        await ExecuteAsync(
            rows => $"UPDATE room SET member_count = member_count + v.n FROM {rows} WHERE room.id = v.id",
            RowColumn.Text("id", grown.Select(room => room.Key)),
            RowColumn.Number("n", grown.Select(room => (long)room.Value))).ConfigureAwait(false);
    }

    private Task WriteCursorsAsync(IReadOnlyList<RoomChanges> rooms)
    {
        var cursors = rooms.SelectMany(room => room.Cursors.Select(cursor => (Room: room.Room.Value, User: cursor.Key, N: cursor.Value))).ToList();
        return InsertAsync(
            "read_cursor",
            "ON CONFLICT (user_id, room_id) DO UPDATE SET n = excluded.n WHERE read_cursor.n < excluded.n",
            RowColumn.Text("user_id", cursors.Select(row => row.User)),
            RowColumn.Text("room_id", cursors.Select(row => row.Room)),
            RowColumn.Number("n", cursors.Select(row => row.N)));
    }

    private Task InsertAsync(string table, string suffix, params RowColumn[] columns) =>
        MultiRow.InsertAsync(connection, transaction, table, columns, suffix, cancellationToken);

    private Task ExecuteAsync(Func<string, string> statement, params RowColumn[] columns) =>
        MultiRow.ExecuteAsync(connection, transaction, statement, columns, cancellationToken);
}
