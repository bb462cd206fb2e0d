using AkkaChat.Edge.Accounts;
using AkkaChat.Edge.Http;
using AkkaChat.Edge.Presence;
using AkkaChat.Edge.Rooms;
using AkkaChat.Messages.Client;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.Accounts;
using AkkaChat.Persistence.People;
using AkkaChat.Persistence.ReadModel;
using Microsoft.AspNetCore.Mvc;

namespace AkkaChat.Edge.People;

/// <summary>Other users: who they are, who is meant, and whom the caller does not want to hear from.</summary>
internal static class PeopleEndpoints
{
    private const int MaxPeople = 100;
    private const int DefaultPage = 20;
    private const int MaxPage = 50;
    private const int MaxSearch = 100;

    public static void MapPeople(this IEndpointRouteBuilder endpoints)
    {
        var users = endpoints.MapGroup("/api").RequireAuthorization().WithTags("People");
        users.MapGet("/users", ListAsync).WithName("listUsers").WithSummary("What others see of some people, or of those whose names begin so")
            .Produces<ListView<PersonView>>().ProducesProblem(400).ProducesProblem(429);
        users.MapGet("/users/{id}", ProfileAsync).WithName("getUser").WithSummary("What others see of a user")
            .Produces<ProfileView>().ProducesProblem(404);
        users.MapPut("/users/{id}/block", (HttpContext context, string id, IAccountStore accounts, UserBlocks blocks, CancellationToken cancellationToken) =>
                BlockAsync(context, id, on: true, accounts, blocks, cancellationToken))
            .WithName("blockUser").WithSummary("Not hear from a user any more")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(400).ProducesProblem(404);
        users.MapDelete("/users/{id}/block", (HttpContext context, string id, IAccountStore accounts, UserBlocks blocks, CancellationToken cancellationToken) =>
                BlockAsync(context, id, on: false, accounts, blocks, cancellationToken))
            .WithName("unblockUser").WithSummary("Hear from a user again")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(404);
        users.MapGet("/blocks", BlocksAsync).WithName("listBlocks").WithSummary("Whom the caller does not want to hear from")
            .Produces<ListView<PersonView>>();
    }

    private static async Task<IResult> ListAsync(
        HttpContext context,
        [FromQuery] string? ids,
        [FromQuery] string? search,
        [FromQuery] string? cursor,
        [FromQuery] int? limit,
        IAccountStore accounts,
        PeopleSearch people,
        PeopleThrottle throttle,
        CancellationToken cancellationToken)
    {
        if (search is not null)
        {
            return await SearchAsync(context, search, cursor, limit, accounts, people, throttle, cancellationToken);
        }

        var asked = (ids ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (asked.Length is 0 or > MaxPeople)
        {
            return Problems.Invalid(new Dictionary<string, string[]> { ["ids"] = [$"ids must be 1 to {MaxPeople} ids of people, with commas between."] });
        }

        return Results.Json(new ListView<PersonView>(
            await PersonsAsync([.. asked.Distinct().Select(id => new UserId(id))], accounts, cancellationToken), null));
    }

    private static async Task<IResult> SearchAsync(
        HttpContext context,
        string search,
        string? cursor,
        int? limit,
        IAccountStore accounts,
        PeopleSearch people,
        PeopleThrottle throttle,
        CancellationToken cancellationToken)
    {
        if (search.Length > MaxSearch)
        {
            return Problems.Invalid(new Dictionary<string, string[]> { ["search"] = [$"search must have at most {MaxSearch} characters."] });
        }

        if (throttle.TrySearch(context.GetUser().Id) is { } wait)
        {
            return Problems.RateLimited(wait);
        }

        var page = await people.FindAsync(search, cursor, Math.Min(limit ?? DefaultPage, MaxPage), cancellationToken);
        return Results.Json(new ListView<PersonView>(await PersonsAsync(page.Items, accounts, cancellationToken), page.NextCursor));
    }

    private static async Task<IResult> ProfileAsync(
        HttpContext context,
        string id,
        [FromQuery] string? room,
        IAccountStore accounts,
        UserBlocks blocks,
        RoomAccess access,
        IRoomDirectory directory,
        OnlineUsers online,
        CancellationToken cancellationToken)
    {
        var caller = context.GetUser().Id;
        if (!UserId.TryParse(id, out var user) || await accounts.FindAsync(user, cancellationToken) is not { } account)
        {
            return NoSuchUser();
        }

        // Whoever does not want to hear from the caller does not say when they are there either.
        var isOpen = (await blocks.ListBlockersAsync(caller, [user], cancellationToken)).Count == 0;
        var isOnline = isOpen && online.IsKnown ? online.IsOnline(user) : (bool?)null;
        var membership = RoomId.TryParse(room, out var asked) && await access.CheckAsync(asked, caller, cancellationToken) is null
            ? await directory.GetMembershipAsync(asked, user, cancellationToken)
            : null;
        var person = account.ToPerson();
        return Results.Json(new ProfileView(
            person.Id,
            person.Username,
            person.DisplayName,
            person.Avatar,
            person.Status,
            isOnline,
            isOpen && isOnline != true ? account.LastSeen : null,
            (await blocks.ListBlockersAsync(user, [caller], cancellationToken)).Count > 0,
            membership?.Role.WireName()));
    }

    private static async Task<IResult> BlockAsync(
        HttpContext context, string id, bool on, IAccountStore accounts, UserBlocks blocks, CancellationToken cancellationToken)
    {
        var caller = context.GetUser().Id;
        if (!UserId.TryParse(id, out var user) || await accounts.FindAsync(user, cancellationToken) is null)
        {
            return NoSuchUser();
        }

        if (user == caller)
        {
            return Problems.Of(StatusCodes.Status400BadRequest, ProblemCodes.Invalid, "You cannot block yourself.");
        }

        return await blocks.SetAsync(caller, user, on, cancellationToken)
            ? Results.NoContent()
            : Problems.Of(StatusCodes.Status400BadRequest, ProblemCodes.Invalid, $"You have blocked {UserBlocks.MaxBlocked} users already.");
    }

    private static async Task<IResult> BlocksAsync(
        HttpContext context, IAccountStore accounts, UserBlocks blocks, CancellationToken cancellationToken)
    {
        var blocked = await blocks.ListAsync(context.GetUser().Id, cancellationToken);
        return Results.Json(new ListView<PersonView>(await PersonsAsync(blocked, accounts, cancellationToken), null));
    }

    /// <summary>In the order of the ids, without those who do not exist.</summary>
    public static async Task<IReadOnlyList<PersonView>> PersonsAsync(
        IReadOnlyList<UserId> ids, IAccountStore accounts, CancellationToken cancellationToken)
    {
        const int Chunk = 500;
        var found = new Dictionary<UserId, PersonView>();
        foreach (var some in ids.Chunk(Chunk))
        {
            foreach (var account in await accounts.FindManyAsync(some, cancellationToken))
            {
                found[account.Id] = account.ToPerson();
            }
        }

        return [.. ids.Where(found.ContainsKey).Select(id => found[id])];
    }

    private static IResult NoSuchUser() => Problems.NotFound("There is no such user.");
}
