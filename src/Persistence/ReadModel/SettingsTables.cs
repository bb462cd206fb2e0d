using System.Data.Common;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.Database;
using Dapper;

namespace AkkaChat.Persistence.ReadModel;

/// <summary>Writes what rooms are, and removes those that were deleted, within the projection's transaction. Rare, so one room at a time.</summary>
internal static class SettingsTables
{
    public static async Task WriteAsync(
        DbConnection connection, DbTransaction transaction, IReadOnlyList<RoomChanges> rooms, CancellationToken cancellationToken)
    {
        foreach (var room in rooms.Where(room => room.Name is not null || room.Topic is not null || room.Visibility is not null || room.Archived is not null))
        {
            // The search text has both, and an event only one.
            var id = room.Room.Value;
            var (name, topic) = await connection.QuerySingleAsync<(string Name, string Topic)>(new CommandDefinition(
                "SELECT name, topic FROM room WHERE id = @id", new { id }, transaction, cancellationToken: cancellationToken)).ConfigureAwait(false);
            name = StoredText.Of(room.Name ?? name);
            topic = StoredText.Of(room.Topic ?? topic);
            await connection.ExecuteAsync(new CommandDefinition(
                """
                UPDATE room SET name = @name, topic = @topic, search_text = @search, visibility = COALESCE(@visibility, visibility),
                    archived = COALESCE(@archived, archived)
                WHERE id = @id
                """,
                new
                {
                    id,
                    name,
                    topic,
                    search = SearchText.OfRoom(name, topic),
                    visibility = (long?)room.Visibility,
                    archived = room.Archived is { } archived ? (archived ? 1L : 0L) : (long?)null,
                },
                transaction,
                cancellationToken: cancellationToken)).ConfigureAwait(false);
        }
    }

    /// <summary>After the members are written. Files are only marked: the collector removes them.</summary>
    public static async Task DeleteAsync(
        DbConnection connection, DbTransaction transaction, IReadOnlyList<RoomChanges> rooms, CancellationToken cancellationToken)
    {
        foreach (var (room, deleted) in rooms.Where(room => room.Deleted is not null).Select(room => (room, room.Deleted!)))
        {
            var of = new { room = room.Room.Value };
            var members = await connection.QueryAsync<string>(new CommandDefinition(
                "SELECT user_id FROM room_member WHERE room_id = @room", of, transaction, cancellationToken: cancellationToken)).ConfigureAwait(false);
            room.UserEvents.AddRange(members.Select(user => new UserEventRow(
                new UserId(user), UserEventKind.MembershipRemoved, room.Room, (long)LeaveReason.Deleted, deleted.Time)));
            await connection.ExecuteAsync(new CommandDefinition(
                """
                DELETE FROM room_member WHERE room_id = @room;
                DELETE FROM room_ban WHERE room_id = @room;
                DELETE FROM room_invite WHERE room_id = @room;
                DELETE FROM saved_message WHERE room_id = @room;
                DELETE FROM link_image_use WHERE room_id = @room;
                UPDATE file SET state = 3 WHERE room_id = @room AND state IN (1, 2);
                UPDATE room SET deleted = 1, member_count = 0, picture = '' WHERE id = @room
                """,
                of,
                transaction,
                cancellationToken: cancellationToken)).ConfigureAwait(false);
        }
    }
}
