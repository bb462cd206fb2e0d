using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using AkkaChat.Edge.Accounts;
using AkkaChat.Edge.Http;
using AkkaChat.Messages.Client;
using AkkaChat.Persistence.Notifications;
using AkkaChat.Persistence.ReadModel;

namespace AkkaChat.Edge.Notifications;

/// <summary>What is absent stays as it is.</summary>
/// <param name="Notify"><c>all</c>, <c>mentions</c> or <c>none</c>.</param>
/// <param name="QuietUntil">A time; null for not now.</param>
/// <param name="QuietHours"><c>{from, to, timeZone}</c>; null for none.</param>
public sealed record SettingsRequest(string? Notify, JsonElement QuietUntil, JsonElement QuietHours)
{
    /// <summary>Named here so that they are refused instead of ignored.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Others { get; init; }
}

/// <summary>The caller's own settings, the same on all devices.</summary>
internal static class SettingsEndpoints
{
    private const string Clock = "HH:mm";

    public static void MapSettings(this IEndpointRouteBuilder endpoints)
    {
        var settings = endpoints.MapGroup("/api/settings").RequireAuthorization().WithTags("Settings");
        settings.MapGet("", GetAsync).WithName("GetSettings").WithSummary("The caller's settings").Produces<SettingsView>();
        settings.MapPatch("", ChangeAsync).WithName("ChangeSettings").WithSummary("Change what the caller is told of, and when")
            .Produces<SettingsView>().ProducesProblem(StatusCodes.Status400BadRequest);
    }

    private static async Task<IResult> GetAsync(HttpContext context, UserSettingStore store, CancellationToken cancellationToken)
    {
        var (settings, push) = await store.FindAsync(context.GetUser().Id, cancellationToken);
        return Results.Json(settings.ToView(push));
    }

    private static async Task<IResult> ChangeAsync(
        HttpContext context, SettingsRequest request, UserSettingStore store, CancellationToken cancellationToken)
    {
        var user = context.GetUser().Id;
        var (old, push) = await store.FindAsync(user, cancellationToken);
        var errors = Validate(request, old, out var changed);
        if (errors.Count > 0)
        {
            return Problems.Invalid(errors);
        }

        if (changed != old)
        {
            await store.SaveAsync(user, changed, cancellationToken);
        }

        return Results.Json(changed.ToView(push));
    }

    private static Dictionary<string, string[]> Validate(SettingsRequest request, UserSettings old, out UserSettings changed)
    {
        var errors = (request.Others ?? []).Keys.ToDictionary(field => field, field => new[] { $"There is no setting {field}." });
        changed = old;
        if (request.Notify is { } notify)
        {
            changed = NotifyLevels.Parse(notify) is { } level ? changed with { Notify = level } : Bad("notify", "must be all, mentions or none");
        }

        if (request.QuietUntil.ValueKind == JsonValueKind.Null)
        {
            changed = changed with { QuietUntil = null };
        }
        else if (request.QuietUntil.ValueKind != JsonValueKind.Undefined)
        {
            changed = request.QuietUntil.ValueKind == JsonValueKind.String && request.QuietUntil.TryGetDateTimeOffset(out var until)
                ? changed with { QuietUntil = until.ToUniversalTime() }
                : Bad("quietUntil", "must be a time such as 2026-01-01T00:00:00Z, or null");
        }

        if (request.QuietHours.ValueKind != JsonValueKind.Undefined)
        {
            changed = ReadHours(request.QuietHours, out var hours)
                ? changed with { QuietHours = hours }
                : Bad("quietHours", "must be null or have from and to, such as 22:00, and a timeZone such as Europe/Lisbon");
        }

        return errors;

        UserSettings Bad(string field, string rule)
        {
            errors[field] = [$"{field} {rule}."];
            return old;
        }
    }

    private static bool ReadHours(JsonElement element, out QuietHours? hours)
    {
        hours = null;
        if (element.ValueKind == JsonValueKind.Null)
        {
            return true;
        }

        if (element.ValueKind != JsonValueKind.Object || TimeOf(element, "from") is not { } from || TimeOf(element, "to") is not { } to || from == to
            || TextOf(element, "timeZone") is not { Length: > 0 and <= 64 } zone || !TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _))
        {
            return false;
        }

        hours = new QuietHours(from, to, zone);
        return true;
    }

    private static TimeOnly? TimeOf(JsonElement element, string name) =>
        TimeOnly.TryParseExact(TextOf(element, name), Clock, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) ? time : null;

    private static string? TextOf(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
