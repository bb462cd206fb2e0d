using AkkaChat.Chaos.Histories;
using AkkaChat.Chaos.Stage;

namespace AkkaChat.Chaos.Checking;

/// <summary>
/// C14: the effect of each piece of work stands once. Every message has its link cards once, unless its author removed them, and then for good;
/// every image has one set of forms, and nothing else is in the object store; no work is left.
/// </summary>
internal static class WorkChecks
{
    private static readonly string[] States = ["waits", "runs", "is dead"];

    public static void Check(CheckContext context)
    {
        foreach (var work in context.Run.Store.Work)
        {
            context.Report("C14", context.Run.Stopped, $"{work.Kind} {work.Key} {States[work.State]} after {work.Attempts} attempts: {work.Error}");
        }

        CheckCards(context);
        CheckShown(context);
        CheckObjects(context);
    }

    private static void CheckCards(CheckContext context)
    {
        var (messages, removed) = (0, 0);
        foreach (var (room, log) in context.Final)
        {
            var cards = log.Where(e => e.Kind == EventKind.Linked).ToLookup(e => e.Of);
            foreach (var message in log.Where(e => e.Kind == EventKind.Message))
            {
                var send = context.Sends.GetValueOrDefault((room, message.By!, message.Cid!));
                var links = send?.Attempts.FirstOrDefault(attempt => attempt.Hash == message.Hash)?.Links ?? [];
                var expected = string.Join('\n', links.Select(Site.CardOf).OfType<string>());
                messages += expected.Length > 0 ? 1 : 0;
                removed += cards[message.Seq].Any(e => e.Cards is null) ? 1 : 0;
                CheckMessage(context, $"{room}.{message.Seq}", expected, [.. cards[message.Seq]]);
            }

            foreach (var stray in cards.Where(card => log.ElementAtOrDefault((int)card.Key - 1)?.Kind != EventKind.Message))
            {
                context.Report("C14", context.Run.Stopped, $"{room}.{stray.Key} has link cards and is no message");
            }
        }

        context.Notes["link cards"] = $"{messages} messages with cards to come, {removed} had them removed";
        foreach (var removal in context.Run.History.Where(entry => entry.Op == Op.CardsRemoved))
        {
            if (!context.Final.GetValueOrDefault(removal.Room!, []).Any(e => e.Kind == EventKind.Linked && e.Of == removal.Seq && e.Cards is null))
            {
                context.Report("C14", removal.Time, $"{removal.Room}.{removal.Seq}: the removal of its link cards was acknowledged and is not in the log");
            }
        }
    }

    private static void CheckMessage(CheckContext context, string message, string expected, IReadOnlyList<LogEvent> events)
    {
        var attached = events.Where(e => e.Cards is not null).ToList();
        if (attached.Count > 1)
        {
            context.Report("C14", context.Run.Stopped, $"{message} got link cards {attached.Count} times, at {string.Join(" and ", attached.Select(e => e.Seq))}");
        }

        var removal = events.FirstOrDefault(e => e.Cards is null);
        if (removal is not null && attached.Any(e => e.Seq > removal.Seq))
        {
            context.Report("C14", context.Run.Stopped, $"{message} got link cards at {attached[^1].Seq}, after their removal at {removal.Seq}");
        }

        if (attached.FirstOrDefault(e => e.Cards != expected) is { } wrong)
        {
            context.Report("C14", context.Run.Stopped, $"{message} got the link cards [{wrong.Cards}] instead of [{expected}]");
        }
        else if (attached.Count == 0 && removal is null && expected.Length > 0)
        {
            context.Report("C14", context.Run.Stopped, $"{message} has no link cards, and [{expected}] were to come");
        }
    }

    /// <summary>Pages show cards that the log has, and none once their removal has been acknowledged.</summary>
    private static void CheckShown(CheckContext context)
    {
        var removals = context.Run.History.Where(entry => entry.Op == Op.CardsRemoved)
            .GroupBy(entry => (entry.Room!, entry.Seq)).ToDictionary(removal => removal.Key, removal => removal.Min(entry => entry.Time));
        foreach (var page in context.Run.History.Where(entry => entry is { Op: Op.Read, Shown: not null }))
        {
            foreach (var seq in page.Shown!)
            {
                if (removals.TryGetValue((page.Room!, seq), out var time) && time < page.Since)
                {
                    context.Report("C14", page.Time, $"{page.User} was shown link cards of {page.Room}.{seq} {(page.Since - time) / 1000} ms after their removal");
                }
                else if (!context.Final.GetValueOrDefault(page.Room!, []).Any(e => e.Kind == EventKind.Linked && e.Of == seq && e.Cards is not null))
                {
                    context.Report("C14", page.Time, $"{page.User} was shown link cards of {page.Room}.{seq}, which the log has not");
                }
            }
        }
    }

    private static void CheckObjects(CheckContext context)
    {
        var store = context.Run.Store;
        var objects = store.Objects.ToLookup(key => key.Split('/')[0], key => key.Split('/')[^1]);
        foreach (var file in store.Files)
        {
            var forms = string.Join(' ', objects[Key(file.Id)].Order(StringComparer.Ordinal));
            var expected = file.AvatarOf is not null ? "image small" : file.IsImage ? "image large small" : "upload";
            if (file is { State: 3 })
            {
                context.Report("C14", context.Run.Stopped, $"{file.Id} was removed, and is still there");
            }
            else if (file is { State: 1 or 2, Processing: not 1 })
            {
                context.Report("C14", context.Run.Stopped, $"{file.Id} {(file.Processing == 0 ? "waits to be processed" : "could not be processed")}");
            }
            else if (file is { State: 1 or 2 } && forms != expected)
            {
                context.Report("C14", context.Run.Stopped, $"{file.Id} is in the object store as [{forms}] instead of [{expected}]");
            }
        }

        foreach (var avatars in store.Files.Where(file => file is { AvatarOf: not null, State: 2 }).GroupBy(file => file.AvatarOf).Where(files => files.Count() > 1))
        {
            context.Report("C14", context.Run.Stopped, $"{avatars.Key} has {avatars.Count()} avatars at once: {string.Join(' ', avatars.Select(file => file.Id))}");
        }

        var known = store.Files.Select(file => Key(file.Id)).Concat(store.LinkImages.Select(Key)).ToHashSet();
        foreach (var stray in objects.Where(file => !known.Contains(file.Key)))
        {
            context.Report("C14", context.Run.Stopped, $"the object store has {string.Join(' ', stray)} of {stray.Key}, which is no file");
        }

        context.Notes["the object store"] = $"{store.Objects.Count} objects of {store.Files.Count(file => file.State is 1 or 2)} files";
    }

    private static string Key(string id) => id[(id.IndexOf('_', StringComparison.Ordinal) + 1)..];
}
