using AkkaChat.Messages.Rooms;

namespace AkkaChat.Persistence.ReadModel;

/// <summary>One row of a room's audit list: a change of the room or of somebody's rights, and who made it.</summary>
/// <param name="Action">The event's <c>ev</c>.</param>
/// <param name="Subject">Whose rights changed; null for a change of the room.</param>
/// <param name="Detail">The reason, the new role, the new topic; may be empty.</param>
internal sealed record AuditRow(long Seq, DateTimeOffset Time, string Action, UserRef By, UserRef? Subject, string Detail)
{
    /// <summary>Null for an event that is not audited.</summary>
    public static AuditRow? Of(RoomEvent @event) => @event switch
    {
        RoomCreated e => Of(e, e.By, null, e.Visibility.WireName()),
        RoomTopicChanged e => Of(e, e.By, null, e.Topic),
        RoomRenamed e => Of(e, e.By, null, e.Name),
        RoomVisibilityChanged e => Of(e, e.By, null, e.Visibility.WireName()),
        RoomArchived e => Of(e, e.By, null, e.Archived ? "on" : "off"),
        RoomDeleted e => Of(e, e.By, null, ""),
        RoomLinkCardsChanged e => Of(e, e.By, null, e.LinkCards ? "on" : "off"),
        RoomPictureChanged e => Of(e, e.By, null, e.Picture?.Value ?? ""),
        MemberKicked e => Of(e, e.By, e.User, e.Why),
        MemberBanned e => Of(e, e.By, e.User, e.Why),
        MemberUnbanned e => Of(e, e.By, e.User, ""),
        MemberRoleChanged e => Of(e, e.By, e.User, e.Role.WireName()),
        _ => null,
    };

    private static AuditRow Of(RoomEvent e, UserRef by, UserRef? subject, string detail) =>
        new(e.Seq, e.Time, RoomEventCatalogue.NameOf(e), by, subject, detail);
}
