using System.Globalization;
using System.Text.Json;
using AkkaChat.Messages.Client;
using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.Database;
using AkkaChat.Persistence.ReadModel;
using Dapper;

namespace AkkaChat.Persistence.Notifications;

/// <summary>Every day from one time to another, by the clock of a place. <see cref="To"/> before <see cref="From"/> means the next morning.</summary>
public sealed record QuietHours(TimeOnly From, TimeOnly To, string TimeZone)
{
    public bool Contain(DateTimeOffset now)
    {
        // Another node may know fewer places than the one that took the setting.
        var zone = TimeZoneInfo.TryFindSystemTimeZoneById(TimeZone, out var known) ? known : TimeZoneInfo.Utc;
        var local = TimeOnly.FromDateTime(TimeZoneInfo.ConvertTime(now, zone).DateTime);
        return From <= To ? local >= From && local < To : local >= From || local < To;
    }
}

/// <summary>What a user wants to be told of, where a room has no preference of its own.</summary>
/// <param name="QuietUntil">Nothing until then; null for not now.</param>
public sealed record UserSettings(NotifyLevel Notify, DateTimeOffset? QuietUntil, QuietHours? QuietHours)
{
    public static UserSettings Default { get; } = new(NotifyLevel.Mentions, null, null);

    public bool IsQuiet(DateTimeOffset now) => QuietUntil > now || QuietHours?.Contain(now) == true;

    /// <summary>Whether the user is to be told of a message.</summary>
    public bool Wants(RoomPreferences room, bool isMentioned, DateTimeOffset now) =>
        !IsQuiet(now) && (room.Notify == NotifyLevel.Default ? Notify : room.Notify) switch
        {
            NotifyLevel.All => isMentioned || !room.Muted,
            NotifyLevel.Mentions => isMentioned,
            _ => false,
        };

    /// <param name="push">Whether some browser of the user gets pushes.</param>
    public SettingsView ToView(bool push) => new(
        Notify.WireName()!,
        QuietUntil,
        QuietHours is { } hours ? new QuietHoursView(ClockOf(hours.From), ClockOf(hours.To), hours.TimeZone) : null,
        push);

    private static string ClockOf(TimeOnly time) => time.ToString("HH:mm", CultureInfo.InvariantCulture);
}

/// <summary>Users' settings. Each change is an event of the user's stream, in the same transaction.</summary>
public sealed class UserSettingStore(IDatabase database, UserStreamSignal signal, TimeProvider time)
{
    private const string FindSql = """
        SELECT COALESCE(u.notify, 2) AS Notify, COALESCE(u.quiet_until, 0) AS QuietUntil, COALESCE(u.quiet_hours, '') AS QuietHours,
            (SELECT count(*) FROM push_subscription s WHERE s.user_id = one.id) AS Subscriptions
        FROM (SELECT CAST(@user AS text) AS id) one LEFT JOIN user_setting u ON u.user_id = one.id
        """;

    private const string SaveSql = """
        INSERT INTO user_setting (user_id, notify, quiet_until, quiet_hours) VALUES (@user, @notify, @until, @hours)
        ON CONFLICT (user_id) DO UPDATE SET notify = excluded.notify, quiet_until = excluded.quiet_until, quiet_hours = excluded.quiet_hours
        """;

    public async Task<(UserSettings Settings, bool Push)> FindAsync(UserId user, CancellationToken cancellationToken)
    {
        var row = await database.ReadAsync(
            connection => connection.QuerySingleAsync<SettingRow>(
                new CommandDefinition(FindSql, new { user = user.Value }, cancellationToken: cancellationToken)),
            cancellationToken).ConfigureAwait(false);
        return (row.ToSettings(), row.Subscriptions > 0);
    }

    public async Task SaveAsync(UserId user, UserSettings settings, CancellationToken cancellationToken)
    {
        var parameters = new
        {
            user = user.Value,
            notify = (long)settings.Notify,
            until = settings.QuietUntil?.ToUnixTimeMilliseconds() ?? 0,
            hours = settings.QuietHours is { } hours ? JsonSerializer.Serialize(hours) : "",
        };
        var moved = await database.WriteAsync(
            async (connection, transaction) =>
            {
                await connection.ExecuteAsync(
                    new CommandDefinition(SaveSql, parameters, transaction, cancellationToken: cancellationToken)).ConfigureAwait(false);
                return await UserStreamTable.AppendAsync(
                    connection, transaction, [UserEventRow.SettingsChanged(user, time.GetUtcNow())], cancellationToken).ConfigureAwait(false);
            },
            cancellationToken).ConfigureAwait(false);
        signal.Raise(moved[0]);
    }
}

/// <summary>Columns of <c>user_setting</c>.</summary>
internal class SettingRow
{
    public long Notify { get; set; }

    public long QuietUntil { get; set; }

    public string QuietHours { get; set; } = "";

    public long Subscriptions { get; set; }

    public UserSettings ToSettings() => new(
        (NotifyLevel)Notify,
        QuietUntil == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(QuietUntil),
        QuietHours.Length == 0 ? null : JsonSerializer.Deserialize<QuietHours>(QuietHours));
}
