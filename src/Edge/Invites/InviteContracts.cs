using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.Invites;

namespace AkkaChat.Edge.Invites;

/// <param name="ExpiresIn">In seconds, a minute to 30 days; absent: 7 days.</param>
/// <param name="MaxUses">1 to 1,000; absent: any number.</param>
/// <param name="UserId">The only user who may use it; absent: anybody.</param>
public sealed record InviteRequest(long? ExpiresIn, int? MaxUses, string? UserId);

/// <param name="Url">The page of the web client that asks whether to join.</param>
/// <param name="MaxUses">Null: any number.</param>
/// <param name="UserId">Null: for anybody.</param>
public sealed record InviteView(
    string Code, string Url, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, int? MaxUses, int Uses, string CreatedBy, string? UserId)
{
    public static InviteView From(RoomInvite invite, HttpRequest request) => new(
        invite.Code,
        $"{request.Scheme}://{request.Host}/#/invite/{invite.Code}",
        invite.CreatedAt,
        invite.ExpiresAt,
        invite.MaxUses,
        invite.Uses,
        invite.CreatedBy.Value,
        invite.User?.Value);
}

/// <summary>What somebody with an invitation learns of the room before joining.</summary>
public sealed record InvitedRoomView(
    string Room, string Name, string Topic, string Visibility, int MemberCount, bool Joined, DateTimeOffset ExpiresAt);

internal static class InviteRules
{
    private const int MaxUses = 1000;
    private static readonly TimeSpan MinLife = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan MaxLife = TimeSpan.FromDays(30);

    /// <summary>Messages per field; empty when the request is valid.</summary>
    public static Dictionary<string, string[]> Validate(InviteRequest request, out UserId? user)
    {
        var errors = new Dictionary<string, string[]>();
        if (request.ExpiresIn is { } seconds && (seconds < MinLife.TotalSeconds || seconds > MaxLife.TotalSeconds))
        {
            errors["expiresIn"] = [$"expiresIn must be {MinLife.TotalSeconds} to {MaxLife.TotalSeconds} seconds."];
        }

        if (request.MaxUses is < 1 or > MaxUses)
        {
            errors["maxUses"] = [$"maxUses must be 1 to {MaxUses}, or absent."];
        }

        user = UserId.TryParse(request.UserId, out var parsed) ? parsed : null;
        if (request.UserId is not null && user is null)
        {
            errors["userId"] = ["userId must be the id of a user."];
        }

        return errors;
    }
}
