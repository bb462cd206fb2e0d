using System.Globalization;
using AkkaChat.Cluster.Management;
using AkkaChat.Cluster.Monitoring;
using AkkaChat.Edge.Accounts;
using AkkaChat.Edge.Http;
using AkkaChat.Edge.Rooms;
using AkkaChat.Persistence.ReadModel;
using AkkaChat.Persistence.Work;
using Microsoft.AspNetCore.Mvc;

namespace AkkaChat.Edge.Admin;

/// <summary>
/// What owners of the installation see of it, and the work that they retry or drop. Every request is authorised; the answers are of the whole
/// cluster, whichever edge gives them.
/// </summary>
internal static class AdminEndpoints
{
    private const int DefaultPage = 50;
    private const int MaxPage = 200;
    private const int MaxRooms = 1_000;
    private const int MaxSocketsOfNode = 500;

    public static IServiceCollection AddAdmin(this IServiceCollection services) => services.AddSingleton<ISocketCensus, SocketCensus>();

    public static void MapAdmin(this IEndpointRouteBuilder endpoints)
    {
        var owners = endpoints.ServiceProvider.GetRequiredService<InstallationOwners>();
        var admin = endpoints.MapGroup("/api/admin").WithTags("Installation").RequireAuthorization(policy => policy
            .RequireAssertion(context => AuthenticatedUser.From(context.User) is { } user && owners.Contains(user.Username)));
        admin.MapGet("/nodes", NodesAsync).WithName("ListNodes").WithSummary("The nodes of the cluster, and how they are")
            .Produces<ListView<NodeView>>().ProducesProblem(StatusCodes.Status403Forbidden);
        admin.MapGet("/shards", ShardsAsync).WithName("ListShards").WithSummary("The shards of the rooms and their nodes")
            .Produces<ListView<ShardItem>>().ProducesProblem(StatusCodes.Status403Forbidden);
        admin.MapGet("/rooms", RoomsAsync).WithName("ListAllRooms").WithSummary("Rooms of any visibility, the last active first")
            .Produces<ListView<AdminRoomView>>().ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status403Forbidden);
        admin.MapGet("/sockets", SocketsAsync).WithName("ListSockets").WithSummary("The sockets of all edges")
            .Produces<ListView<SocketView>>().ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status403Forbidden);
        admin.MapGet("/work", WorkAsync).WithName("ListWork").WithSummary("Durable work that is not done, oldest first")
            .Produces<WorkPageView>().ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status403Forbidden);
        admin.MapPost("/work/{id}/retry", RetryAsync).WithName("RetryWork").WithSummary("Retries dead or waiting work at once, with all its attempts again")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(StatusCodes.Status404NotFound);
        admin.MapDelete("/work/{id}", DropAsync).WithName("DropWork").WithSummary("Deletes dead or waiting work")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(StatusCodes.Status404NotFound);
        admin.MapGet("/history", HistoryAsync).WithName("GetHistory").WithSummary("Measurements of the last hour")
            .Produces<HistoryView>().ProducesProblem(StatusCodes.Status403Forbidden);
    }

    private static async Task<IResult> NodesAsync(ClusterMonitor monitor, CancellationToken cancellationToken)
    {
        var shards = monitor.FindShardsAsync();
        var nodes = await monitor.GetNodesAsync(0, history: false, cancellationToken);
        var hosted = (await shards)?.ToLookup(shard => shard.Node);
        return Results.Json(new ListView<NodeView>([.. nodes.Select(node => View(node, hosted?[node.Member.Address]))], null));
    }

    /// <param name="shards">Null while it is not known who has which: of its rooms the node tells itself.</param>
    private static NodeView View(NodeState node, IEnumerable<ShardView>? shards) => new(
        node.Member.Address,
        node.Member.Roles,
        node.Member.Status,
        node.Member.Reachable,
        node.IsLeader,
        node.IsCoordinator,
        node.Member.Version,
        shards?.Count() ?? 0,
        shards?.Sum(shard => shard.Entities) ?? (int)(node.Report?.Now.Rooms ?? 0),
        node.Report is not { } report
            ? null
            : new NodeReportView(
                report.Started.UtcDateTime,
                report.Now.Cpu,
                report.Now.Memory,
                report.Now.Sockets,
                report.Now.Queued,
                report.Now.SendsPerSecond,
                report.Now.SendP99 > 0 ? Math.Round(report.Now.SendP99 * 1000, 1) : null,
                report.Now.SendsInFlight,
                report.Now.WritesWaiting));

    private static async Task<IResult> ShardsAsync(ClusterMonitor monitor) => Results.Json(new ListView<ShardItem>(
        [.. (await monitor.GetShardsAsync()).Select(shard => new ShardItem(shard.Shard, shard.Node, shard.Entities))], null));

    private static async Task<IResult> RoomsAsync(
        [FromQuery] string? search, [FromQuery] int? limit, RoomCensus rooms, ClusterMonitor monitor, CancellationToken cancellationToken)
    {
        if (limit is < 1 or > MaxRooms)
        {
            return OutOfRange(nameof(limit), MaxRooms);
        }

        var homes = (await monitor.GetShardsAsync()).ToDictionary(shard => shard.Shard, shard => shard.Node);
        var found = await rooms.ListAsync(search, limit ?? DefaultPage, cancellationToken);
        return Results.Json(new ListView<AdminRoomView>(
            [
                .. from room in found
                   let shard = ClusterMonitor.ShardOf(room.Id.Value)
                   select AdminRoomView.Of(room, shard, homes.GetValueOrDefault(shard)),
            ],
            null));
    }

    private static async Task<IResult> SocketsAsync([FromQuery] int? limit, ClusterMonitor monitor, CancellationToken cancellationToken)
    {
        if (limit is < 1 or > MaxSocketsOfNode)
        {
            return OutOfRange(nameof(limit), MaxSocketsOfNode);
        }

        var most = limit ?? DefaultPage;
        var nodes = await monitor.GetNodesAsync(most, history: false, cancellationToken);
        var sockets = nodes.SelectMany(node => (node.Report?.Sockets ?? []).Select(socket => new SocketView(
            node.Member.Address,
            socket.User.Length == 0 ? null : socket.User,
            socket.Username.Length == 0 ? null : socket.Username,
            socket.OpenSeconds,
            socket.SilentSeconds,
            socket.Rooms,
            socket.Queued)));
        return Results.Json(new ListView<SocketView>([.. sockets.OrderByDescending(socket => socket.OpenSeconds).Take(most)], null));
    }

    private static async Task<IResult> WorkAsync(
        [FromQuery] string? kind,
        [FromQuery] string? state,
        [FromQuery] string? cursor,
        [FromQuery] int? limit,
        WorkOperations work,
        CancellationToken cancellationToken)
    {
        if (limit is < 1 or > MaxPage)
        {
            return OutOfRange(nameof(limit), MaxPage);
        }

        WorkState? only = Enum.TryParse<WorkState>(state, ignoreCase: true, out var parsed) && Enum.IsDefined(parsed) ? parsed : null;
        if (state is not null && (only is null || char.IsAsciiDigit(state[0])))
        {
            return Invalid(nameof(state), "The state must be waiting, running or dead.");
        }

        if (!TryParse(cursor ?? "0", out var after))
        {
            return Invalid(nameof(cursor), "The cursor must be that of a page before.");
        }

        var most = limit ?? DefaultPage;
        var items = await work.ListAsync(kind, only, after, most, cancellationToken);
        var depths = await work.GetDepthsAsync(cancellationToken);
        return Results.Json(new WorkPageView(
            [
                .. depths.Select(depth => new WorkDepthView(
                    depth.Kind, depth.State.ToString().ToLowerInvariant(), depth.Count, (long)depth.OldestAge.TotalSeconds)),
            ],
            [.. items.Select(WorkView.Of)],
            items.Count == most ? items[^1].Id.ToString(CultureInfo.InvariantCulture) : null));
    }

    private static async Task<IResult> RetryAsync(string id, WorkOperations work, WorkQueue queue, CancellationToken cancellationToken) =>
        TryParse(id, out var item) && await work.RetryAsync(item, queue, cancellationToken) ? Results.NoContent() : NoSuchWork();

    private static async Task<IResult> DropAsync(string id, WorkOperations work, CancellationToken cancellationToken) =>
        TryParse(id, out var item) && await work.DropAsync(item, cancellationToken) ? Results.NoContent() : NoSuchWork();

    private static async Task<IResult> HistoryAsync(ClusterMonitor monitor, TimeProvider time, CancellationToken cancellationToken)
    {
        var nodes = await monitor.GetNodesAsync(0, history: true, cancellationToken);
        return Results.Json(AdminHistory.Merge(
            [.. nodes.Where(node => node.Report is not null).Select(node => (node.Member.Address, node.Report!.History))], time.GetUtcNow()));
    }

    private static bool TryParse(string text, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private static IResult OutOfRange(string field, int most) => Invalid(field, $"The {field} must be a number from 1 to {most}.");

    private static IResult Invalid(string field, string message) =>
        Problems.Invalid(new Dictionary<string, string[]> { [field] = [message] });

    private static IResult NoSuchWork() => Problems.NotFound("There is no such work that is dead or waiting.");
}
