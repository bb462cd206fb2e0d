using AkkaChat.Messages.Client;
using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.Database;
using Dapper;

namespace AkkaChat.Persistence.ReadModel;

/// <summary>What a user is notified of.</summary>
public enum NotifyLevel
{
    /// <summary>As the user's settings say.</summary>
    Default = 0,
    All = 1,
    Mentions = 2,
    None = 3,
}

/// <summary>How one user wants one room. Nobody else sees it.</summary>
/// <param name="Muted">Unread messages do not count, mentions do.</param>
/// <param name="Order">The place among the user's favourites, the lowest first.</param>
public sealed record RoomPreferences(NotifyLevel Notify, bool Muted, bool Favourite, long Order)
{
    public static RoomPreferences Default { get; } = new(NotifyLevel.Default, Muted: false, Favourite: false, Order: 0);

    public PreferencesView ToView() => new(Notify.WireName(), Muted, Favourite, Order);
}

/// <summary>What is to change; null: it stays as it is.</summary>
public sealed record PreferenceChange(NotifyLevel? Notify, bool? Muted, bool? Favourite, long? Order)
{
    public RoomPreferences ApplyTo(RoomPreferences old) =>
        new(Notify ?? old.Notify, Muted ?? old.Muted, Favourite ?? old.Favourite, Order ?? old.Order);
}

public static class NotifyLevels
{
    /// <returns>Null for <see cref="NotifyLevel.Default"/>.</returns>
    public static string? WireName(this NotifyLevel level) => level switch
    {
        NotifyLevel.All => "all",
        NotifyLevel.Mentions => "mentions",
        NotifyLevel.None => "none",
        _ => null,
    };

    /// <returns>Null if there is no such level.</returns>
    public static NotifyLevel? Parse(string? name) => name switch
    {
        "all" => NotifyLevel.All,
        "mentions" => NotifyLevel.Mentions,
        "none" => NotifyLevel.None,
        _ => null,
    };
}

/// <summary>Changes users' preferences. Each change is an event of the user's stream, in the same transaction.</summary>
public sealed class RoomPreferenceStore(IDatabase database, UserStreamSignal signal, TimeProvider time)
{
    internal const string Columns = """
        COALESCE(p.notify, 0) AS Notify, COALESCE(p.muted, 0) AS Muted, COALESCE(p.favourite, 0) AS Favourite, COALESCE(p.position, 0) AS Position
        """;

    private const string FindSql = """
        SELECT notify AS Notify, muted AS Muted, favourite AS Favourite, position AS Position
        FROM room_preference WHERE user_id = @user AND room_id = @room
        """;

    /// <summary>Fields that stay are taken from the row as it is then: two devices may change different ones at once.</summary>
    private const string ChangeSql = """
        INSERT INTO room_preference (user_id, room_id, notify, muted, favourite, position)
        VALUES (@user, @room, COALESCE(@notify, 0), COALESCE(@muted, 0), COALESCE(@favourite, 0), COALESCE(@position, 0))
        ON CONFLICT (user_id, room_id) DO UPDATE SET
            notify = COALESCE(@notify, room_preference.notify), muted = COALESCE(@muted, room_preference.muted),
            favourite = COALESCE(@favourite, room_preference.favourite), position = COALESCE(@position, room_preference.position)
        RETURNING notify AS Notify, muted AS Muted, favourite AS Favourite, position AS Position
        """;

    /// <summary>The caller has checked that the user is in the room. A change that changes nothing makes no event.</summary>
    public async Task<RoomPreferences> ChangeAsync(UserId user, RoomId room, PreferenceChange change, CancellationToken cancellationToken)
    {
        var old = await FindAsync(user, room, cancellationToken).ConfigureAwait(false);
        if (change.ApplyTo(old) == old)
        {
            return old;
        }

        var parameters = new
        {
            user = user.Value,
            room = room.Value,
            notify = (long?)change.Notify,
            muted = Flag(change.Muted),
            favourite = Flag(change.Favourite),
            position = change.Order,
        };
        var (row, moved) = await database.WriteAsync(
            async (connection, transaction) =>
            {
                var changed = await connection.QuerySingleAsync<PreferenceRow>(
                    new CommandDefinition(ChangeSql, parameters, transaction, cancellationToken: cancellationToken)).ConfigureAwait(false);
                var @event = new UserEventRow(user, UserEventKind.PreferencesChanged, room, 0, time.GetUtcNow());
                return (changed, await UserStreamTable.AppendAsync(connection, transaction, [@event], cancellationToken).ConfigureAwait(false));
            },
            cancellationToken).ConfigureAwait(false);
        signal.Raise(moved[0]);
        return row.ToPreferences();
    }

    private async Task<RoomPreferences> FindAsync(UserId user, RoomId room, CancellationToken cancellationToken)
    {
        var row = await database.ReadAsync(
            connection => connection.QuerySingleOrDefaultAsync<PreferenceRow>(new CommandDefinition(
                FindSql, new { user = user.Value, room = room.Value }, cancellationToken: cancellationToken)),
            cancellationToken).ConfigureAwait(false);
        return row?.ToPreferences() ?? RoomPreferences.Default;
    }

    private static long? Flag(bool? value) => value is null ? null : value.Value ? 1 : 0;

    private sealed class PreferenceRow
    {
        public long Notify { get; set; }

        public long Muted { get; set; }

        public long Favourite { get; set; }

        public long Position { get; set; }

        public RoomPreferences ToPreferences() => new((NotifyLevel)Notify, Muted != 0, Favourite != 0, Position);
    }
}
