using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.ReadModel;

namespace AkkaChat.Edge.Rooms;

/// <param name="Reason">For people, at most 250 characters; may be absent.</param>
public sealed record RemovalRequest(string? UserId, string? Reason);

/// <param name="Role"><c>owner</c>, <c>admin</c> or <c>member</c>.</param>
public sealed record RoleRequest(string? Role);

public sealed record BanView(UserView User, UserView By, string Reason, DateTimeOffset Ts);

/// <param name="Action">The event's <c>ev</c>.</param>
/// <param name="Subject">Null for a change of the room itself.</param>
/// <param name="Detail">The reason, the new role, the new topic; may be empty.</param>
public sealed record AuditView(long Seq, DateTimeOffset Ts, string Action, UserView By, UserView? Subject, string Detail)
{
    public static AuditView From(AuditEntry entry) => new(
        entry.Seq,
        entry.Time,
        entry.Action,
        UserView.From(entry.By),
        entry.Subject is { } subject ? UserView.From(subject) : null,
        entry.Detail);
}
