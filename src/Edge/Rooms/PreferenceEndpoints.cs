using System.Text.Json;
using System.Text.Json.Serialization;
using AkkaChat.Edge.Accounts;
using AkkaChat.Edge.Http;
using AkkaChat.Messages.Client;
using AkkaChat.Persistence.ReadModel;

namespace AkkaChat.Edge.Rooms;

/// <summary>At least one of them; what is absent stays as it is.</summary>
/// <param name="Notify"><c>all</c>, <c>mentions</c> or <c>none</c>; null: as the caller's settings say.</param>
public sealed record PreferencesRequest(JsonElement Notify, bool? Muted, bool? Favourite, long? Order)
{
    /// <summary>Named here so that they are refused instead of ignored.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Others { get; init; }
}

/// <summary>How the caller wants a room: nobody else learns of it.</summary>
internal static class PreferenceEndpoints
{
    /// <summary>What a client can hold exactly in a JSON number.</summary>
    private const long MaxOrder = (1L << 53) - 1;

    public static void MapPreferences(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapPut("/api/rooms/{id}/preferences", ChangeAsync).RequireAuthorization().WithTags("Rooms").WithName("ChangePreferences")
            .WithSummary("Change how the caller wants the room: notices, mute, favourite")
            .Produces<PreferencesView>().ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status404NotFound);

    private static Task<IResult> ChangeAsync(
        HttpContext context,
        string id,
        PreferencesRequest request,
        RoomAccess access,
        RoomPreferenceStore preferences,
        CancellationToken cancellationToken) =>
        RoomEndpoints.AsMemberAsync(context, id, access, async room =>
        {
            var errors = Validate(request, out var change);
            return errors.Count > 0
                ? Problems.Invalid(errors)
                : Results.Json((await preferences.ChangeAsync(context.GetUser().Id, room, change, cancellationToken)).ToView());
        }, cancellationToken);

    private static Dictionary<string, string[]> Validate(PreferencesRequest request, out PreferenceChange change)
    {
        var errors = (request.Others ?? []).Keys.ToDictionary(field => field, field => new[] { $"There is no preference {field}." });
        NotifyLevel? notify = request.Notify.ValueKind switch
        {
            JsonValueKind.Null => NotifyLevel.Default,
            JsonValueKind.String => NotifyLevels.Parse(request.Notify.GetString()),
            _ => null,
        };
        change = new PreferenceChange(notify, request.Muted, request.Favourite, request.Order);
        var isNotifyBad = notify is null && request.Notify.ValueKind != JsonValueKind.Undefined;
        if (isNotifyBad || change == new PreferenceChange(null, null, null, null))
        {
            errors.TryAdd("notify", ["notify must be all, mentions, none or null."]);
        }

        if (request.Order is < 0 or > MaxOrder)
        {
            errors["order"] = ["order must be a whole number from 0 to 9007199254740991."];
        }

        return errors;
    }
}
