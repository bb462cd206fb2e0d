using AkkaChat.Messages.Client;
using AkkaChat.Persistence.Accounts;

namespace AkkaChat.Edge.People;

/// <summary>One or more other users; either field.</summary>
public sealed record DirectRequest(string? UserId, IReadOnlyList<string?>? UserIds);

/// <summary>What others see of a user, and what is between them and the caller.</summary>
/// <param name="Online">Null when presence is unknown, or not for the caller.</param>
/// <param name="LastSeen">To the minute; null where it is not known, or the user is online.</param>
/// <param name="Blocked">Whether the caller does not want to hear from the user.</param>
/// <param name="Role">In the room that was asked for; null if the user is not a member there.</param>
public sealed record ProfileView(
    string Id,
    string Username,
    string DisplayName,
    string? Avatar,
    StatusView? Status,
    bool? Online,
    DateTimeOffset? LastSeen,
    bool Blocked,
    string? Role);

internal static class PersonViews
{
    public static PersonView ToPerson(this Account account) => new(
        account.Id.Value, account.Username, account.DisplayName, account.Avatar?.Value, StatusView.Of(account.StatusEmoji, account.StatusText));
}
