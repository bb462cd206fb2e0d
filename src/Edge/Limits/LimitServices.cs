using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.ReadModel;

namespace AkkaChat.Edge.Limits;

internal static class LimitServices
{
    public static IServiceCollection AddRequestLimits(this IServiceCollection services) => services
        .AddSettings<LimitOptions, LimitOptionsValidator>(LimitOptions.SectionName)
        .AddSingleton<RequestLimits>();

    /// <summary>Goes after authentication: the limits are per user.</summary>
    public static IApplicationBuilder UseRequestLimits(this IApplicationBuilder app) => app.UseMiddleware<RequestLimitMiddleware>();

    /// <summary>For the endpoint that creates a room.</summary>
    public static RouteHandlerBuilder LimitCreation(this RouteHandlerBuilder endpoint) => endpoint.AddEndpointFilter(async (context, next) =>
        Limits(context).TryCreate(context.HttpContext) ?? await EnterAsync(context, room: "") ?? await next(context));

    /// <summary>For endpoints that bring a user into a room. The room is the route's <c>id</c>, or what else identifies it.</summary>
    public static RouteHandlerBuilder LimitJoins(this RouteHandlerBuilder endpoint, string room = "id") => endpoint.AddEndpointFilter(
        async (context, next) => Limits(context).TryMove(context.HttpContext, RoomOf(context, room)) ?? await EnterAsync(context, RoomOf(context, room)) ?? await next(context));

    /// <summary>For the endpoint by which a user leaves a room.</summary>
    public static RouteHandlerBuilder LimitLeaves(this RouteHandlerBuilder endpoint, string room = "id") => endpoint.AddEndpointFilter(
        async (context, next) => Limits(context).TryMove(context.HttpContext, RoomOf(context, room)) ?? await next(context));

    private static Task<IResult?> EnterAsync(EndpointFilterInvocationContext context, string room) => Limits(context).TryEnterAsync(
        context.HttpContext,
        context.HttpContext.RequestServices.GetRequiredService<IRoomDirectory>(),
        RoomId.TryParse(room, out var id) ? id : null);

    private static RequestLimits Limits(EndpointFilterInvocationContext context) =>
        context.HttpContext.RequestServices.GetRequiredService<RequestLimits>();

    private static string RoomOf(EndpointFilterInvocationContext context, string name) => context.HttpContext.GetRouteValue(name)?.ToString() ?? "";
}
