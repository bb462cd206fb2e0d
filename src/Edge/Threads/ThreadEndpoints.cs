using AkkaChat.Edge.Accounts;
using AkkaChat.Edge.Http;
using AkkaChat.Edge.Rooms;
using AkkaChat.Messages.Client;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.ReadModel;
using AkkaChat.Persistence.Threads;
using Microsoft.AspNetCore.Mvc;

namespace AkkaChat.Edge.Threads;

/// <param name="Root">With <c>replies</c>, also before the first one.</param>
/// <param name="Items">The replies, ascending by <c>n</c>.</param>
public sealed record ThreadPageView(MessageView Root, IReadOnlyList<MessageView> Items, HeadView Head);

/// <param name="Last">The last reply.</param>
public sealed record FollowedThreadView(MessageView Root, MessageView Last);

/// <summary>Threads over REST: reading, following, and the list of those that the caller follows.</summary>
internal static class ThreadEndpoints
{
    private const int DefaultPage = 50;
    private const int DefaultThreads = 25;

    public static void MapThreads(this IEndpointRouteBuilder endpoints)
    {
        var thread = endpoints.MapGroup("/api/rooms/{id}/messages/{messageId}").RequireAuthorization().WithTags("Threads");
        thread.MapGet("/thread", PageAsync).WithName("GetThread").WithSummary("The replies in the thread under a message")
            .Produces<ThreadPageView>().ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status404NotFound);
        thread.MapPut("/follow", (HttpContext context, string id, string messageId, ThreadRequests requests, CancellationToken cancellationToken) =>
                FollowAsync(context, id, messageId, requests, on: true, cancellationToken))
            .WithName("FollowThread").WithSummary("Follow the thread under a message")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(StatusCodes.Status404NotFound);
        thread.MapDelete("/follow", (HttpContext context, string id, string messageId, ThreadRequests requests, CancellationToken cancellationToken) =>
                FollowAsync(context, id, messageId, requests, on: false, cancellationToken))
            .WithName("UnfollowThread").WithSummary("Stop following the thread under a message")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(StatusCodes.Status404NotFound);
        endpoints.MapGet("/api/threads", ListAsync).RequireAuthorization().WithTags("Threads").WithName("ListThreads")
            .WithSummary("The threads that one follows, those with unread replies first").Produces<ListView<FollowedThreadView>>();
    }

    private static Task<IResult> PageAsync(
        HttpContext context,
        string id,
        string messageId,
        RoomAccess access,
        ThreadRequests requests,
        IRoomLog log,
        RoomThreads threads,
        [FromQuery] long? before,
        [FromQuery] long? after,
        [FromQuery] long? around,
        [FromQuery] int? limit,
        CancellationToken cancellationToken) =>
        RoomEndpoints.AsMemberAsync(
            context,
            id,
            access,
            async room =>
            {
                if (RoomEndpoints.QueryOf(before, after, around) is not { } query)
                {
                    return RoomEndpoints.TwoPlaces();
                }

                var viewer = context.GetUser().Id;
                return await requests.FindRootAsync(room, messageId, viewer, cancellationToken) is { } root
                    && await log.ReadMessagesAsync(room, query, limit ?? DefaultPage, viewer, root.Seq, cancellationToken) is { } page
                        ? Results.Json(new ThreadPageView(
                            await threads.ShowRootAsync(root, viewer, cancellationToken),
                            [.. page.Items.Select(RoomViews.Of)],
                            new HeadView(page.Head.Seq, page.Head.N)))
                        : Problems.NotFound("There is no such message, or it is a reply in a thread.");
            },
            cancellationToken);

    private static Task<IResult> FollowAsync(
        HttpContext context, string id, string messageId, ThreadRequests requests, bool on, CancellationToken cancellationToken) =>
        RoomEndpoints.AsMemberAsync(
            context,
            id,
            requests.Access,
            async room => await requests.FollowAsync(room, messageId, context.GetUser().Id, on, cancellationToken)
                ? Results.NoContent()
                : Problems.NotFound("There is no such message, or it is a reply in a thread."),
            cancellationToken);

    private static async Task<IResult> ListAsync(
        HttpContext context,
        FollowedThreads followed,
        RoomThreads threads,
        [FromQuery] string? cursor,
        [FromQuery] int? limit,
        CancellationToken cancellationToken)
    {
        var viewer = context.GetUser().Id;
        var page = await followed.ListAsync(viewer, cursor, limit ?? DefaultThreads, cancellationToken);
        var views = new List<FollowedThreadView>(page.Items.Count);
        foreach (var room in page.Items.GroupBy(thread => thread.Root.Room))
        {
            var roots = await threads.ShowAsync(room.Key, viewer, [.. room.Select(thread => thread.Root)], cancellationToken);
            views.AddRange(room.Zip(roots, (thread, root) => new FollowedThreadView(root, RoomViews.Of(thread.Last))));
        }

        var order = page.Items.Select((thread, i) => (thread.Root.Id, i)).ToDictionary(entry => entry.Id.ToString(), entry => entry.i);
        return Results.Json(new ListView<FollowedThreadView>([.. views.OrderBy(view => order[view.Root.Id])], page.NextCursor));
    }
}

/// <summary>What REST and the WebSocket do with threads.</summary>
internal sealed class ThreadRequests(RoomAccess access, IRoomLog log, ThreadStore store)
{
    public RoomAccess Access => access;

    /// <summary>The message, where it is one of the room that can be a root. Null: it is not, or the viewer is no member.</summary>
    public async Task<StoredMessage?> FindRootAsync(RoomId room, string? thread, UserId viewer, CancellationToken cancellationToken) =>
        await log.FindMessageAsync(room, thread, viewer, cancellationToken) is { ThreadSeq: 0 } root ? root : null;

    /// <returns>Whether there is such a thread.</returns>
    public async Task<bool> FollowAsync(RoomId room, string? thread, UserId user, bool on, CancellationToken cancellationToken)
    {
        if (await FindRootAsync(room, thread, user, cancellationToken) is not { } root)
        {
            return false;
        }

        await store.FollowAsync(root.Id, user, on, cancellationToken);
        return true;
    }

    /// <returns>The user's place then; null where there is no such thread.</returns>
    public async Task<ThreadPlace?> ReadAsync(RoomId room, string? thread, UserId user, long n, bool back, CancellationToken cancellationToken)
    {
        if (await FindRootAsync(room, thread, user, cancellationToken) is not { } root)
        {
            return null;
        }

        await store.ReadAsync(root.Id, user, n, back, cancellationToken);
        return await store.FindStateAsync(root.Id, user, cancellationToken);
    }
}
