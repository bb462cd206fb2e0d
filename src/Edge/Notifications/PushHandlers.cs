using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.Accounts;
using AkkaChat.Persistence.Notifications;
using AkkaChat.Persistence.People;
using AkkaChat.Persistence.ReadModel;
using AkkaChat.Persistence.Work;

namespace AkkaChat.Edge.Notifications;

/// <summary>When somebody is told of a message by a push.</summary>
internal static class PushRules
{
    /// <summary>Later than that it is no news: the work waited too long.</summary>
    public static readonly TimeSpan News = TimeSpan.FromHours(1);

    /// <summary>Not one's own, not what one has read, not what one does not want, and not while one looks at some device.</summary>
    public static bool IsFor(PushCandidate candidate, StoredMessage message, DateTimeOffset now)
    {
        var user = candidate.Subscription.User;
        return !message.IsDeleted && message.Author.Id != user && now - message.Time < News && candidate.ReadN < message.N
            && candidate.ActiveUntil <= now && (message.ThreadSeq == 0 || IsMeant(candidate, message))
            && candidate.Settings.Wants(candidate.Preferences, IsMeant(candidate, message), now);
    }

    /// <summary>
    /// In a direct room every message of its own list is meant for the others; a reply in a thread is for those who follow it, and for nobody else.
    /// Whoever joined after a message has read it.
    /// </summary>
    public static bool IsMeant(PushCandidate candidate, StoredMessage message) => message.Mentions.Contains(candidate.Subscription.User)
        || (message.ThreadSeq == 0 ? message.Room.IsDirect || message.Audience == Audience.Room : candidate.Follows);
}

/// <summary>Decides which browsers are told of a message: each is then work of its own, so that one push service delays no other.</summary>
internal sealed class PushFanOutHandler(IRoomLog log, PushSubscriptions subscriptions, WorkQueue queue, TimeProvider time) : IWorkHandler
{
    public string Kind => PushWork.FanOutKind;

    public int Parallelism => 2;

    public TimeSpan TimeLimit => TimeSpan.FromSeconds(30);

    public int MaxAttempts => 8;

    public async Task RunAsync(WorkItem item, CancellationToken cancellationToken)
    {
        var work = PushWork.Read(item.Payload);
        var room = new RoomId(work.Room);
        if (await log.FindMessageAsync(room, work.Seq, cancellationToken: cancellationToken) is not { } message)
        {
            return;
        }

        var now = time.GetUtcNow();
        var candidates = await subscriptions.ListAsync(room, message.ThreadSeq, null, cancellationToken);
        NewWork[] sends =
        [
            .. candidates.Where(candidate => PushRules.IsFor(candidate, message, now))
                .Select(candidate => (work with { Subscription = candidate.Subscription.Id }).ToWork(candidate.Subscription.User)),
        ];
        if (sends.Length > 0)
        {
            await queue.AddAsync(sends, cancellationToken);
        }
    }
}

/// <summary>
/// Tells one browser of a message. Who may see what is decided now: since the message was sent, the user may have left the room, read it, muted
/// the room or logged out, and its author may have edited or deleted it.
/// </summary>
internal sealed partial class PushSendHandler(
    IRoomLog log,
    IRoomDirectory directory,
    ISessionStore sessions,
    PushSubscriptions subscriptions,
    PushSender sender,
    UserBlocks blocks,
    TimeProvider time,
    ILogger<PushSendHandler> logger) : IWorkHandler
{
    /// <summary>A push service takes 4 KiB, encrypted.</summary>
    private const int MaxTextRunes = 300;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public string Kind => PushWork.SendKind;

    public int Parallelism => 8;

    public TimeSpan TimeLimit => TimeSpan.FromSeconds(30);

    public int MaxAttempts => 8;

    public async Task RunAsync(WorkItem item, CancellationToken cancellationToken)
    {
        var work = PushWork.Read(item.Payload);
        var room = new RoomId(work.Room);
        if (await log.FindMessageAsync(room, work.Seq, cancellationToken: cancellationToken) is not { } sent
            || (await subscriptions.ListAsync(room, sent.ThreadSeq, work.Subscription, cancellationToken)).SingleOrDefault() is not { } candidate)
        {
            return;
        }

        var row = candidate.Subscription;
        if (!await sessions.IsLiveAsync(row.Session, cancellationToken))
        {
            await subscriptions.RemoveAsync(row.Id, row.User, cancellationToken);
            return;
        }

        // These two include what was acknowledged before, whatever the tables know.
        if (await directory.FindAsync(room, row.User, cancellationToken) is not { Joined: true } shown
            || await log.FindMessageAsync(room, work.Seq, row.User, cancellationToken) is not { } message
            || !PushRules.IsFor(candidate, message, time.GetUtcNow())
            || (await blocks.ListBlockersAsync(message.Author.Id, [row.User], cancellationToken)).Count > 0)
        {
            return;
        }

        var isMentioned = PushRules.IsMeant(candidate, message);
        var payload = JsonSerializer.Serialize(
            new PushPayload(
                room.Value, shown.Name, message.Id.ToString(), message.N, message.Author.DisplayName, Shortened(message.Text),
                message.Files.Count, isMentioned),
            Json);
        switch (await sender.SendAsync(row, payload, isMentioned, cancellationToken))
        {
            case PushOutcome.Gone:
                await subscriptions.RemoveAsync(row.Id, row.User, cancellationToken);
                break;
            case PushOutcome.Refused:
                LogRefused(logger, new Uri(row.Endpoint).Host);
                break;
        }
    }

    private static string Shortened(string text)
    {
        var shown = new StringBuilder();
        var runes = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (++runes > MaxTextRunes)
            {
                return shown.Append('…').ToString();
            }

            shown.Append(rune);
        }

        return text;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A push was refused by {Host}, and is not sent again")]
    private static partial void LogRefused(ILogger logger, string host);
}

/// <summary>What the service worker gets.</summary>
/// <param name="Id">The message's.</param>
/// <param name="Name">The room's.</param>
internal sealed record PushPayload(string Room, string Name, string Id, long N, string Author, string Text, int Files, bool Mentioned);

internal static class NotificationHosting
{
    /// <summary>Adds the sending of pushes. Only edges do this: room nodes need no access to the internet. Needs <c>AddChatNode</c>.</summary>
    public static IServiceCollection AddPush(this IServiceCollection services)
    {
        services.AddSingleton<PushSender>();
        services.AddWorkHandler<PushFanOutHandler>();
        services.AddWorkHandler<PushSendHandler>();
        return services;
    }
}
