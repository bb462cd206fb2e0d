using AkkaChat.Chaos.Histories;

namespace AkkaChat.Chaos.Checking;

/// <summary>What became of a room's messages, by the journal: their texts one after the other, and which are deleted.</summary>
internal sealed class MessageForms
{
    private readonly Dictionary<long, List<LogEvent>> _edits = [];
    private readonly Dictionary<long, LogEvent> _deletions = [];

    public MessageForms(IReadOnlyList<LogEvent> log)
    {
        foreach (var e in log)
        {
            if (e.Kind == EventKind.Edited)
            {
                (_edits.TryGetValue(e.Of, out var edits) ? edits : _edits[e.Of] = []).Add(e);
            }
            else if (e.Kind == EventKind.Deleted)
            {
                _deletions.TryAdd(e.Of, e);
            }
        }
    }

    public bool IsDeleted(long message) => _deletions.ContainsKey(message);

    public bool IsEdited(long message, string hash) => _edits.GetValueOrDefault(message, []).Exists(e => e.Hash == hash);

    public IReadOnlyList<LogEvent> Now(IReadOnlyList<LogEvent> log) => [.. log.Select(Now)];

    /// <summary>Whether an event may come with this content: as it was stored, or as its message was at some time since.</summary>
    public bool IsFormOf(LogEvent stored, string? hash)
    {
        var message = MessageOf(stored);
        return stored.Hash == hash
            || (stored.Kind is EventKind.Message or EventKind.Edited && _edits.GetValueOrDefault(message, []).Exists(e => e.Seq > stored.Seq && e.Hash == hash))
            || (IsDeleted(message) && LogEvents.Now(stored, null).Hash == hash);
    }

    /// <summary>The message whose content the event has; 0 if it has none.</summary>
    public static long MessageOf(LogEvent e) => e.Kind switch
    {
        EventKind.Message => e.Seq,
        EventKind.Edited or EventKind.Linked => e.Of,
        _ => 0,
    };

    private LogEvent Now(LogEvent e)
    {
        var message = MessageOf(e);
        return IsDeleted(message) ? LogEvents.Now(e, null)
            : _edits.TryGetValue(message, out var edits) ? LogEvents.Now(e, edits[^1].Hash)
            : e;
    }
}

/// <summary>
/// C16: an acknowledged edit, deletion or reaction is in the log, nothing happens to a message after its deletion, and who asks for events after a
/// deletion was acknowledged gets nothing of the message. That every reader has messages as they are at the end is C2.
/// </summary>
internal static class ChangeChecks
{
    /// <summary>For what was asked before and came after.</summary>
    private static readonly long Slack = Clock.Seconds(5);

    public static void Check(CheckContext context)
    {
        foreach (var (room, log) in context.Final)
        {
            CheckLog(context, room, log);
        }

        var acks = context.Run.History.Where(entry => entry.Op == Op.AlterOk).ToList();
        foreach (var ack in acks)
        {
            CheckAck(context, ack);
        }

        CheckSilence(context, acks);
        foreach (var kind in acks.GroupBy(ack => ack.Code!).OrderBy(kind => kind.Key, StringComparer.Ordinal))
        {
            context.Notes[$"acknowledged: {kind.Key}"] = $"{kind.Count()}";
        }
    }

    private static void CheckLog(CheckContext context, string room, IReadOnlyList<LogEvent> log)
    {
        var deleted = new Dictionary<long, long>();
        foreach (var e in log.Where(e => e.Kind is EventKind.Edited or EventKind.Deleted or EventKind.Reacted))
        {
            if (log.ElementAtOrDefault((int)e.Of - 1) is not { Kind: EventKind.Message })
            {
                context.Report("C16", context.Run.Stopped, $"{room}: {e.Kind} at {e.Seq} is of {e.Of}, which is no message");
            }
            else if (deleted.TryGetValue(e.Of, out var at))
            {
                context.Report("C16", context.Run.Stopped, $"{room}: {e.Kind} at {e.Seq} is of {e.Of}, which was deleted at {at}");
            }

            if (e.Kind == EventKind.Deleted)
            {
                deleted.TryAdd(e.Of, e.Seq);
            }
        }
    }

    private static void CheckAck(CheckContext context, Entry ack)
    {
        var log = context.Final.GetValueOrDefault(ack.Room!, []);
        var isThere = ack.Code switch
        {
            "edit" => context.Forms[ack.Room!].IsEdited(ack.Seq, ack.Hash!),
            "delete" => context.Forms[ack.Room!].IsDeleted(ack.Seq),
            _ => log.Any(e => e.Kind == EventKind.Reacted && e.Of == ack.Seq && e.By == ack.User && e.Hash == ack.Hash),
        };
        if (!isThere)
        {
            context.Report("C16", ack.Time, $"{ack.User}: {ack.Code} of {ack.Room}.{ack.Seq} was acknowledged and is not in the log");
        }
    }

    private static void CheckSilence(CheckContext context, IReadOnlyList<Entry> acks)
    {
        var deletions = acks.Where(ack => ack.Code == "delete").GroupBy(ack => (ack.Room!, ack.Seq))
            .ToDictionary(ack => ack.Key, ack => ack.Min(entry => entry.Time));
        foreach (var entry in context.Run.History.Where(entry => entry.Op is Op.Resume or Op.Sync && entry.Event is EventKind.Message or EventKind.Edited))
        {
            var stored = context.Final.GetValueOrDefault(entry.Room!, []).ElementAtOrDefault((int)entry.Seq - 1);
            if (stored is not null
                && entry.Hash != LogEvents.Nothing
                && deletions.TryGetValue((entry.Room!, MessageForms.MessageOf(stored)), out var time)
                && context.Fed(time, entry.Time) > Slack)
            {
                context.Report(
                    "C16", entry.Time, $"{entry.User} got {entry.Seq} of {entry.Room} with a text {(entry.Time - time) / 1000} ms after its deletion");
            }
        }
    }
}
