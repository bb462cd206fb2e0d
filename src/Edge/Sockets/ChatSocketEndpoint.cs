using System.Collections.Immutable;
using System.Security.Claims;
using AkkaChat.Edge.Accounts;
using AkkaChat.Edge.Http;
using AkkaChat.Edge.Relay;
using AkkaChat.Edge.Security;
using AkkaChat.Messages.Client;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace AkkaChat.Edge.Sockets;

internal static class ChatSocketEndpoint
{
    private const string Path = "/ws";
    private static readonly ClaimsPrincipal Nobody = new();

    /// <summary>The WebSocket: subprotocol, Origin and credentials are checked before the upgrade.</summary>
    public static void MapChatSocket(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet(Path, AcceptAsync).ExcludeFromDescription();

    /// <summary>
    /// Runs the sockets that the endpoint accepts; goes first in the pipeline. What handled the handshake (the other middleware, the token's
    /// claims, the request's services) has returned by then, and is not held in memory for as long as the socket is open.
    /// </summary>
    public static void UseChatSocket(this IApplicationBuilder app) => app.Use(static async (context, next) =>
    {
        await next(context);
        if (context.Features.Get<ClientSession>() is { } session)
        {
            await ForgetHandshakeAsync(context);
            await session.RunAsync();
        }
    });

    private static async Task<IResult> AcceptAsync(
        HttpContext context,
        SessionServices services,
        OriginPolicy origins,
        EdgeReadiness readiness)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            return Problems.Of(StatusCodes.Status426UpgradeRequired, ProblemCodes.Invalid, "This address speaks WebSocket.");
        }

        if (!context.WebSockets.WebSocketRequestedProtocols.Contains(ClientProtocol.Subprotocol))
        {
            return Problems.Of(
                StatusCodes.Status400BadRequest,
                ErrorCode.UnsupportedVersion.WireName(),
                $"Sec-WebSocket-Protocol must offer {ClientProtocol.Subprotocol}.");
        }

        // A browser sends its cookies with any page's handshake; what it cannot forge is the Origin. A program has no Origin and no cookies.
        var hasOrigin = context.Request.Headers.Origin.Count > 0;
        if ((hasOrigin || AuthCookies.AccessToken(context.Request) is not null) && !origins.IsAllowed(context))
        {
            return Problems.Forbidden("This Origin may not connect.");
        }

        var address = ClientAddress.Of(context);
        if (!services.Connections.TryReserve(address))
        {
            return Problems.RateLimited(TimeSpan.FromSeconds(5));
        }

        // Asked when the socket has its place: a drain then either refuses it here or waits for it.
        if (!readiness.IsReady)
        {
            services.Connections.GiveUp(address);
            return Problems.Unavailable(TimeSpan.FromSeconds(1));
        }

        // Kestrel's data-rate floor is for bodies, not for a socket that may be silent for long.
        if (context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }

        try
        {
            var socket = await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext
            {
                SubProtocol = ClientProtocol.Subprotocol,
                KeepAliveInterval = TimeSpan.FromSeconds(15),
                KeepAliveTimeout = TimeSpan.FromSeconds(15),
            });
            var connection = new ClientConnection(socket, services.Options.Value, services.Time);
            context.Features.Set(new ClientSession(connection, services, AuthenticatedUser.From(context.User), address));
            return Results.Empty;
        }
        catch
        {
            services.Connections.GiveUp(address);
            throw;
        }
    }

    private static async ValueTask ForgetHandshakeAsync(HttpContext context)
    {
        context.User = Nobody;
        context.Items = ImmutableDictionary<object, object?>.Empty;
        context.Request.Headers.Authorization = default;
        context.Request.Headers.Cookie = default;

        // Reading the cookies again replaces those that were parsed, and the token among them.
        _ = context.Request.Cookies.Count;
        if (context.Features.Get<IServiceProvidersFeature>() is IAsyncDisposable services)
        {
            await services.DisposeAsync();
        }
    }
}
