using System.Globalization;
using System.Text.Json;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.Consumers;
using AkkaChat.Persistence.Database;
using AkkaChat.Persistence.Settings;
using AkkaChat.Persistence.Work;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace AkkaChat.Persistence.Notifications;

/// <summary>A message that is pushed to those who want it. The text is not part of it: it is read when it is sent.</summary>
/// <param name="Subscription">Null while it is not decided who that is.</param>
public sealed record PushWork(string Room, long Seq, string? Subscription = null)
{
    /// <summary>Decides who is told of a message.</summary>
    public const string FanOutKind = "push";

    /// <summary>Tells one browser.</summary>
    public const string SendKind = "push-send";

    /// <param name="subject">Of what is not decided yet the author, else whom it is sent to.</param>
    public NewWork ToWork(UserId subject) => new(
        Subscription is null ? FanOutKind : SendKind,
        Subscription is null ? Key : $"{Subscription}.{Key}",
        JsonSerializer.Serialize(this, JsonSerializerOptions.Web))
    {
        Subject = subject.Value,
    };

    private string Key => string.Create(CultureInfo.InvariantCulture, $"{Room}.{Seq}");

    /// <exception cref="JsonException">The payload is not one of this kind.</exception>
    public static PushWork Read(string payload) =>
        JsonSerializer.Deserialize<PushWork>(payload, JsonSerializerOptions.Web) ?? throw new JsonException("The payload is null.");
}

/// <summary>Adds work for new messages of rooms where somebody gets pushes, in the transaction that projects them.</summary>
public sealed class PushConsumer(IDatabase database, WorkQueue queue, IOptions<PushOptions> options) : IRoomConsumer
{
    public string Name => "push";

    public ConsumerStart Start => ConsumerStart.Now;

    public async Task ConsumeAsync(ConsumerBatch batch, CancellationToken cancellationToken)
    {
        var posted = options.Value.Enabled
            ? batch.Rooms.SelectMany(room => room.Events.OfType<MessagePosted>().Select(e => (Room: room.Room.Value, Message: e))).ToList()
            : [];
        if (posted.Count == 0)
        {
            return;
        }

        var wanted = (await batch.Connection.QueryAsync<string>(new CommandDefinition(
            $"""
            SELECT DISTINCT m.room_id FROM push_subscription s JOIN room_member m ON m.user_id = s.user_id
            WHERE {RowFilter.Sql(database.Provider, "m.room_id")}
            """,
            RowFilter.Parameter(database.Provider, posted.Select(one => one.Room).Distinct()),
            batch.Transaction,
            cancellationToken: cancellationToken)).ConfigureAwait(false)).ToHashSet();
        var added = posted.Where(one => wanted.Contains(one.Room))
            .Select(one => new PushWork(one.Room, one.Message.Seq).ToWork(one.Message.Author.Id)).ToList();
        if (added.Count > 0)
        {
            await queue.AddAsync(batch.Connection, batch.Transaction, added, cancellationToken).ConfigureAwait(false);
            batch.AfterCommit(() => queue.Signal(PushWork.FanOutKind));
        }
    }
}

public static class NotificationServices
{
    /// <summary>Adds users' settings, the subscriptions, and the consumer that asks for pushes. Needs <c>AddAkkaChatReadModel</c>.</summary>
    public static IServiceCollection AddNotifications(this IServiceCollection services)
    {
        services.AddSettings<PushOptions, PushOptionsValidator>(PushOptions.SectionName);
        services.AddWorkQueue();
        services.TryAddSingleton<UserSettingStore>();
        services.TryAddSingleton<PushKeys>();
        services.TryAddSingleton<PushSubscriptions>();
        services.AddRoomConsumer<PushConsumer>();
        return services;
    }
}
