using AkkaChat.Edge.Accounts;
using AkkaChat.Edge.Http;
using AkkaChat.Edge.Relay;
using AkkaChat.Edge.Security;
using AkkaChat.Messages.Client;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace AkkaChat.Edge.Sockets;

internal static class ChatSocketEndpoint
{
    private const string Path = "/ws";

    /// <summary>The WebSocket: subprotocol, Origin and credentials are checked before the upgrade.</summary>
    public static void MapChatSocket(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet(Path, AcceptAsync).ExcludeFromDescription();

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

        if (!readiness.IsReady)
        {
            return Problems.Unavailable(TimeSpan.FromSeconds(1));
        }

        // Kestrel's data-rate floor is for bodies, not for a socket that may be silent for long.
        if (context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }

        using var socket = await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext
        {
            SubProtocol = ClientProtocol.Subprotocol,
            KeepAliveInterval = TimeSpan.FromSeconds(15),
            KeepAliveTimeout = TimeSpan.FromSeconds(15),
        });
        using var connection = new ClientConnection(socket, services.Options.Value, services.Time);
        await new ClientSession(connection, services, AuthenticatedUser.From(context.User)).RunAsync();
        return Results.Empty;
    }
}
