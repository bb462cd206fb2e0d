using AkkaChat.Edge.Accounts;
using AkkaChat.Edge.Http;
using AkkaChat.Edge.People;
using AkkaChat.Edge.Rooms;
using AkkaChat.Messages.Client;
using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.Accounts;
using AkkaChat.Persistence.People;
using AkkaChat.Persistence.ReadModel;
using AkkaChat.Persistence.Search;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace AkkaChat.Edge.Search;

/// <summary>What a search is asked for. What the query says in words may also come as parameters of the same names.</summary>
internal sealed class SearchParameters
{
    [FromQuery(Name = "q")]
    public string? Q { get; set; }

    [FromQuery(Name = "type")]
    public string? Type { get; set; }

    [FromQuery(Name = "room")]
    public string? Room { get; set; }

    [FromQuery(Name = "from")]
    public string? From { get; set; }

    [FromQuery(Name = "in")]
    public string? In { get; set; }

    [FromQuery(Name = "before")]
    public string? Before { get; set; }

    [FromQuery(Name = "after")]
    public string? After { get; set; }

    [FromQuery(Name = "on")]
    public string? On { get; set; }

    [FromQuery(Name = "has")]
    public string? Has { get; set; }

    [FromQuery(Name = "cursor")]
    public string? Cursor { get; set; }

    [FromQuery(Name = "limit")]
    public int? Limit { get; set; }

    /// <summary>Minutes that the caller's clock is ahead of UTC: when a day begins.</summary>
    [FromQuery(Name = "utcOffset")]
    public int? UtcOffset { get; set; }

    /// <summary>The query with its parameters as words.</summary>
    public string Text => string.Join(
        ' ',
        new[] { ("from", From), ("in", In), ("before", Before), ("after", After), ("on", On), ("has", Has) }
            .Where(filter => !string.IsNullOrEmpty(filter.Item2))
            .Select(filter => $"{filter.Item1}:\"{filter.Item2!.Replace("\"", "", StringComparison.Ordinal)}\"")
            .Prepend(Q ?? ""));
}

/// <summary>Search over messages, rooms and people.</summary>
internal static class SearchEndpoints
{
    private const int DefaultPage = 25;
    private const int MaxPeople = 50;
    private const int MaxOffset = 14 * 60;
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    public static IServiceCollection AddSearch(this IServiceCollection services)
    {
        services.AddSettings<SearchOptions, SearchOptionsValidator>(SearchOptions.SectionName);
        services.AddSingleton<SearchThrottle>();
        return services;
    }

    public static void MapSearch(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet("/api/search", SearchAsync).RequireAuthorization().WithTags("Search").WithName("Search")
            .WithSummary("Messages of the caller's rooms, rooms or people that match")
            .Produces<ListView<MessageHitView>>().ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status429TooManyRequests)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

    private static async Task<IResult> SearchAsync(
        HttpContext context,
        [AsParameters] SearchParameters parameters,
        SearchThrottle throttle,
        RoomAccess access,
        IMessageSearch messages,
        PeopleSearch people,
        IAccountStore accounts,
        IRoomDirectory directory,
        RoomViews views,
        IOptions<SearchOptions> options,
        CancellationToken cancellationToken)
    {
        var user = context.GetUser().Id;
        if (throttle.TrySearch(user) is { } wait)
        {
            return Problems.RateLimited(wait);
        }

        return parameters.Type switch
        {
            null or "" or "messages" => await FindMessagesAsync(user, parameters, access, messages, options.Value.Timeout, cancellationToken),
            "rooms" => await FindByNameAsync(parameters, q => FindRoomsAsync(user, q, parameters, directory, views, cancellationToken)),
            "people" => await FindByNameAsync(parameters, q => FindPeopleAsync(q, parameters, people, accounts, cancellationToken)),
            _ => Invalid("type", "The type must be messages, rooms or people."),
        };
    }

    private static async Task<IResult> FindMessagesAsync(
        UserId user,
        SearchParameters parameters,
        RoomAccess access,
        IMessageSearch search,
        TimeSpan timeout,
        CancellationToken cancellationToken)
    {
        if (parameters.UtcOffset is < -MaxOffset or > MaxOffset)
        {
            return Invalid("utcOffset", "The offset is in minutes, from -840 to 840.");
        }

        var cursor = string.IsNullOrEmpty(parameters.Cursor) ? null : SearchCursor.Parse(parameters.Cursor);
        if (cursor is null && !string.IsNullOrEmpty(parameters.Cursor))
        {
            return Invalid("cursor", "This is not a cursor of a search.");
        }

        var parsed = SearchQueryParser.Parse(parameters.Text, TimeSpan.FromMinutes(parameters.UtcOffset ?? 0));
        if (parsed.Query is not { } query)
        {
            return Invalid("q", parsed.Error!);
        }

        RoomId? room = null;
        if (!string.IsNullOrEmpty(parameters.Room))
        {
            if (!RoomId.TryParse(parameters.Room, out var only))
            {
                return RoomEndpoints.NoSuchRoom();
            }

            if (await access.CheckAsync(only, user, cancellationToken) is { } refusal)
            {
                return refusal.Code == ErrorCode.NotFound ? RoomEndpoints.NoSuchRoom() : Problems.Forbidden(refusal.Message);
            }

            room = only;
        }

        try
        {
            var hits = await search.SearchAsync(
                new MessageSearchRequest(query, user, room, From: null, cursor, parameters.Limit ?? DefaultPage), timeout, cancellationToken);
            return Results.Json(new ListView<MessageHitView>([.. hits.Items.Select(MessageHitView.Of)], hits.NextCursor?.ToString()));
        }
        catch (SearchTimeoutException)
        {
            return Problems.SearchTimeout(RetryAfter);
        }
    }

    private static async Task<IResult> FindByNameAsync(SearchParameters parameters, Func<string, Task<IResult>> find) => parameters.Q?.Trim() switch
    {
        null or "" => Invalid("q", "Say what to look for."),
        { Length: > SearchQuery.MaxLength } => Invalid("q", $"A search has at most {SearchQuery.MaxLength} characters."),
        var q when SearchQueryParser.IsEmpty(q) => Invalid("q", "There is nothing in it to look for."),
        var q => await find(q),
    };

    /// <summary>The caller's rooms, then public ones. The first letter of the cursor says which list goes on.</summary>
    private static async Task<IResult> FindRoomsAsync(
        UserId user, string q, SearchParameters parameters, IRoomDirectory directory, RoomViews views, CancellationToken cancellationToken)
    {
        var limit = Math.Clamp(parameters.Limit ?? DefaultPage, 1, IRoomDirectory.MaxPage);
        var cursor = parameters.Cursor ?? "";
        var found = new List<RoomSummary>();
        string? next = cursor;
        if (!cursor.StartsWith('d'))
        {
            var joined = await directory.ListJoinedAsync(user, q, cursor.Length > 1 ? cursor[1..] : null, limit, cancellationToken);
            found.AddRange(joined.Items);
            next = joined.NextCursor is null ? "d" : $"j{joined.NextCursor}";
        }

        if (next.StartsWith('d') && found.Count < limit)
        {
            var others = await directory.ListDiscoverableAsync(user, q, next.Length > 1 ? next[1..] : null, limit - found.Count, cancellationToken);
            found.AddRange(others.Items);
            next = others.NextCursor is null ? null : $"d{others.NextCursor}";
        }

        return Results.Json(new ListView<RoomView>(await views.OfAsync(found, cancellationToken), next));
    }

    private static async Task<IResult> FindPeopleAsync(
        string q, SearchParameters parameters, PeopleSearch people, IAccountStore accounts, CancellationToken cancellationToken)
    {
        var limit = Math.Clamp(parameters.Limit ?? DefaultPage, 1, MaxPeople);
        var page = await people.FindAsync(q, parameters.Cursor, limit, cancellationToken);
        return Results.Json(new ListView<PersonView>(
            await PeopleEndpoints.PersonsAsync(page.Items, accounts, cancellationToken), page.NextCursor));
    }

    private static IResult Invalid(string field, string message) => Problems.Invalid(new Dictionary<string, string[]> { [field] = [message] });
}
