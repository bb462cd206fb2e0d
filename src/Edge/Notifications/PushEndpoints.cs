using System.Security.Cryptography;
using AkkaChat.Edge.Accounts;
using AkkaChat.Edge.Http;
using AkkaChat.Persistence.Notifications;
using Microsoft.Extensions.Options;

namespace AkkaChat.Edge.Notifications;

public sealed record PushSubscriptionKeys(string? P256dh, string? Auth);

/// <summary>A browser's <c>PushSubscription</c>, as its <c>toJSON</c> has it.</summary>
public sealed record PushSubscriptionRequest(string? Endpoint, PushSubscriptionKeys? Keys);

/// <param name="Active">Whether the user looks at this device now.</param>
public sealed record ActivityRequest(bool? Active);

public sealed record PushKeyView(string PublicKey);

public sealed record PushSubscriptionView(string Id);

/// <summary>Browsers that want to be told of messages although no page is open.</summary>
internal static class PushEndpoints
{
    private const int MaxEndpoint = 2_048;
    private const int PointBytes = 65;
    private const int AuthBytes = 16;

    /// <summary>A page says so every minute while somebody looks at it.</summary>
    private static readonly TimeSpan ActiveFor = TimeSpan.FromSeconds(90);

    public static void MapPush(this IEndpointRouteBuilder endpoints)
    {
        var push = endpoints.MapGroup("/api/push").RequireAuthorization().WithTags("Push");
        push.MapGet("/key", KeyAsync).WithName("GetPushKey").WithSummary("The key by which push services know this installation")
            .Produces<PushKeyView>().ProducesProblem(StatusCodes.Status404NotFound);
        push.MapPost("/subscriptions", SubscribeAsync).WithName("SubscribePush").WithSummary("Have messages pushed to this browser")
            .Produces<PushSubscriptionView>(StatusCodes.Status201Created).ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound);
        push.MapDelete("/subscriptions/{id}", UnsubscribeAsync).WithName("UnsubscribePush").WithSummary("Have nothing pushed to a browser any more")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status404NotFound);
        push.MapPut("/activity", SetActivityAsync).WithName("SetActivity").WithSummary("Say whether the user looks at this device: then nothing is pushed to others")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status400BadRequest);
    }

    private static async Task<IResult> KeyAsync(PushKeys keys, IOptions<PushOptions> options, CancellationToken cancellationToken) =>
        options.Value.Enabled ? Results.Json(new PushKeyView((await keys.GetAsync(cancellationToken)).PublicKey)) : Off();

    private static async Task<IResult> SubscribeAsync(
        HttpContext context, PushSubscriptionRequest request, PushSubscriptions subscriptions, PushSender sender, IOptions<PushOptions> options,
        CancellationToken cancellationToken)
    {
        if (!options.Value.Enabled)
        {
            return Off();
        }

        var errors = new Dictionary<string, string[]>();
        if (request.Endpoint is not { Length: > 0 and <= MaxEndpoint } endpoint || !sender.Allows(endpoint))
        {
            errors["endpoint"] = ["endpoint must be the https address of a push service."];
        }

        if (!IsPoint(request.Keys?.P256dh) || !(PushKeys.TryDecode(request.Keys?.Auth ?? "-", out var auth) && auth.Length == AuthBytes))
        {
            errors["keys"] = ["keys must have p256dh, a P-256 point, and auth, 16 bytes, in base64url."];
        }

        if (errors.Count > 0)
        {
            return Problems.Invalid(errors);
        }

        var user = context.GetUser();
        var row = new PushSubscriptionRow(
            $"ps_{Guid.NewGuid():N}", user.Id, user.Session, request.Endpoint!, request.Keys!.P256dh!, request.Keys.Auth!);
        return Results.Json(
            new PushSubscriptionView(await subscriptions.SaveAsync(row, cancellationToken)), statusCode: StatusCodes.Status201Created);
    }

    private static async Task<IResult> UnsubscribeAsync(
        HttpContext context, string id, PushSubscriptions subscriptions, CancellationToken cancellationToken) =>
        await subscriptions.RemoveAsync(id, context.GetUser().Id, cancellationToken)
            ? Results.NoContent()
            : Problems.NotFound("There is no such subscription.");

    private static async Task<IResult> SetActivityAsync(
        HttpContext context, ActivityRequest request, PushSubscriptions subscriptions, TimeProvider time, CancellationToken cancellationToken)
    {
        if (request.Active is not { } active)
        {
            return Problems.Invalid(new Dictionary<string, string[]> { ["active"] = ["active must be true or false."] });
        }

        var now = time.GetUtcNow();
        await subscriptions.SetActiveAsync(context.GetUser().Id, active ? now + ActiveFor : now, cancellationToken);
        return Results.NoContent();
    }

    private static IResult Off() => Problems.NotFound("Pushes are off here.");

    private static bool IsPoint(string? text)
    {
        if (text is null || !PushKeys.TryDecode(text, out var bytes) || bytes.Length != PointBytes || bytes[0] != 4)
        {
            return false;
        }

        try
        {
            using var key = ECDiffieHellman.Create(new ECParameters
            {
                Curve = ECCurve.NamedCurves.nistP256,
                Q = new ECPoint { X = bytes[1..33], Y = bytes[33..] },
            });
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }
}
