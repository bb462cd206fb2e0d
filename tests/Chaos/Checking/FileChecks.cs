using AkkaChat.Chaos.Histories;

namespace AkkaChat.Chaos.Checking;

/// <summary>
/// C12: a file of an acknowledged message can be read whole by every member, at the end from every edge. C13: nobody sees a file or a message
/// who may not. C15: what an upload was told to be durable stays.
/// </summary>
internal static class FileChecks
{
    private static readonly string[] Thumbnails = ["small", "large"];

    public static void Check(CheckContext context)
    {
        var files = History(context);
        var memberships = new Memberships(context.Run.History);
        CheckEnd(context, files);
        var looks = 0;
        var refused = 0;
        foreach (var look in context.Run.History.Where(entry => entry.Op is Op.Fetch or Op.Read))
        {
            looks++;
            if (look.Op == Op.Read)
            {
                refused += look.Form is not null && look.Code is "forbidden" or "not_found" ? 1 : 0;
                CheckRead(context, look, memberships);
            }
            else if (files.TryGetValue(look.File!, out var file))
            {
                CheckFetch(context, look, file, memberships);
            }
        }

        CheckUploads(context, files.Values);
        context.Notes["events refused to those who had left"] = $"{refused}";
        context.Notes["files"] =
            $"{files.Values.Count(file => file.Uploaded is not null)} uploaded, {files.Values.Count(file => file.Acked is not null)} in acknowledged messages, "
            + $"{looks} looks at files and pages, {context.Run.Looks.Count} more at the end";
    }

    private static Dictionary<string, UploadedFile> History(CheckContext context)
    {
        var files = context.Run.History.Where(entry => entry.Op == Op.UploadBegin && entry.Form != PictureChecks.Avatar)
            .ToDictionary(entry => entry.File!, entry => new UploadedFile(entry));
        foreach (var entry in context.Run.History.Where(entry => entry.File is not null && files.ContainsKey(entry.File)))
        {
            files[entry.File!].Take(entry);
        }

        foreach (var send in context.Sends.Values.Where(send => send.First.Files is not null))
        {
            foreach (var file in send.First.Files!.Split(' ').Where(files.ContainsKey).Select(id => files[id]))
            {
                file.Sent ??= send.First;
                file.Acked ??= send.Acks.FirstOrDefault();
                if (send.Refusals.FirstOrDefault(refusal => refusal.Code == "invalid") is { } refusal && file is { Uploaded.Code: null, Dropped: null })
                {
                    context.Report("C12", refusal.Time, $"{file.Name} is complete, and the message that is to carry it was refused");
                }
            }
        }

        return files;
    }

    private static void CheckEnd(CheckContext context, Dictionary<string, UploadedFile> files)
    {
        var looks = context.Run.Looks.ToLookup(look => look.File);
        foreach (var file in files.Values.Where(file => file.Acked is not null))
        {
            foreach (var edge in looks[file.Id].Where(look => look.IsMember).Select(look => look.Edge).DefaultIfEmpty("any edge").Distinct())
            {
                foreach (var form in file.IsImage ? ["original", .. Thumbnails] : new[] { "original" })
                {
                    var look = looks[file.Id].FirstOrDefault(look => look.IsMember && look.Edge == edge && look.Form == form);
                    if (look is not { Code: "ok" })
                    {
                        context.Report("C12", file.Acked!.Time, $"{file.Name} of an acknowledged message cannot be read at {edge} ({form}): {look?.Code ?? "not tried"}");
                    }
                    else if (look.Hash != file.Expected(form))
                    {
                        context.Report("C12", file.Acked!.Time, $"{file.Name} of an acknowledged message is {look.Hash} at {edge} ({form}) instead of {file.Expected(form)}");
                    }
                }
            }
        }

        foreach (var look in context.Run.Looks.Where(look => look is { IsMember: false, Code: "ok" }))
        {
            context.Report("C13", context.Run.Stopped, $"{look.File} ({look.Form}) was shown at {look.Edge} to somebody who was never in a room");
        }
    }

    private static void CheckFetch(CheckContext context, Entry look, UploadedFile file, Memberships memberships)
    {
        if (look.Code == "ok")
        {
            if (look.Hash != file.Expected(look.Form!))
            {
                context.Report("C12", look.Time, $"{look.User} got {look.Hash} as {file.Name} ({look.Form}) instead of {file.Expected(look.Form!)}");
            }

            if (WhyNot(look, file, memberships) is { } reason)
            {
                context.Report("C13", look.Time, $"{look.User} got {file.Name} ({look.Form}): {reason}");
            }
        }
        else if (look.Code is "not_found" or "forbidden" && look.Form != "kept" && file.Acked?.Time < look.Since && memberships.IsSure(look))
        {
            context.Report("C12", look.Time, $"{look.User} is in {look.Room} and got {look.Code} for {file.Name} ({look.Form})");
        }
    }

    /// <summary>Null where the user may have been allowed to see it at some time of the request.</summary>
    private static string? WhyNot(Entry look, UploadedFile file, Memberships memberships)
    {
        if (file.Dropped < look.Since)
        {
            return "it had been removed";
        }

        if (file.Uploaded is null)
        {
            return "it was never complete";
        }

        if (look.User == file.Owner && !(file.Acked?.Time < look.Since))
        {
            return null;
        }

        return !(file.Sent?.Time < look.Time) ? "no message carried it, and it is another's"
            : memberships.IsPossible(look) ? null
            : $"{look.User} was not in {look.Room}";
    }

    private static void CheckRead(CheckContext context, Entry look, Memberships memberships)
    {
        if (look.Code == "ok" && !memberships.IsPossible(look))
        {
            var (check, what) = look.Form is null ? ("C13", "messages") : ("C6", $"events ({look.Form})");
            context.Report(check, look.Time, $"{look.User} read the {what} of {look.Room} and was not in it");
        }
        else if (look.Code is "not_found" or "forbidden" && memberships.IsSure(look))
        {
            context.Report("C12", look.Time, $"{look.User} is in {look.Room} and got {look.Code} for its messages");
        }
    }

    private static void CheckUploads(CheckContext context, IEnumerable<UploadedFile> files)
    {
        foreach (var file in files)
        {
            var durable = 0L;
            foreach (var offset in file.Offsets)
            {
                if (offset.Seq < durable || offset.Seq > file.Bytes)
                {
                    context.Report("C15", offset.Time, $"{file.Name} had {durable} of {file.Bytes} bytes, and {offset.Code} says {(offset.Seq < 0 ? "that it is no more" : offset.Seq)}");
                }

                durable = Math.Max(durable, offset.Seq);
            }
        }

        context.Notes["uploads"] = $"{files.Sum(file => file.Offsets.Count)} offsets told, of {files.Count()} uploads of {files.Sum(file => file.Bytes) / 1_048_576} MiB";
    }

    /// <summary>What the history says of one file.</summary>
    private sealed class UploadedFile(Entry begun)
    {
        public string Id => begun.File!;

        public string Name => $"{begun.File} of {begun.User} in {begun.Room}";

        public string Owner => begun.User;

        public bool IsImage => begun.Hash!.StartsWith("png ", StringComparison.Ordinal);

        public long Bytes => begun.Bytes;

        public List<Entry> Offsets { get; } = [];

        public Entry? Uploaded { get; private set; }

        /// <summary>When its removal was acknowledged.</summary>
        public long? Dropped { get; private set; }

        /// <summary>The first attempt to send a message with it.</summary>
        public Entry? Sent { get; set; }

        /// <summary>The first acknowledgement of a message with it.</summary>
        public Entry? Acked { get; set; }

        public string Expected(string form) => Thumbnails.Contains(form) ? "webp" : begun.Hash!;

        public void Take(Entry entry)
        {
            switch (entry.Op)
            {
                case Op.Offset:
                    Offsets.Add(entry);
                    break;
                case Op.Uploaded:
                    Uploaded ??= entry;
                    break;
                case Op.DropOk:
                    Dropped ??= entry.Time;
                    break;
            }
        }
    }
}

/// <summary>When users were, or may have been, in rooms, as they themselves know it.</summary>
internal sealed class Memberships
{
    private readonly Dictionary<(string Room, string User), List<Entry>> _changes;

    public Memberships(IReadOnlyList<Entry> history) => _changes = history
        .Where(entry => entry.Op is Op.JoinInvoke or Op.JoinOk or Op.LeaveInvoke or Op.LeaveOk)
        .GroupBy(entry => (entry.Room!, entry.User))
        .ToDictionary(changes => changes.Key, changes => changes.ToList());

    /// <summary>Whether it was a member at some time of the request: from asking to join until the leave is acknowledged.</summary>
    public bool IsPossible(Entry look)
    {
        var changes = Of(look);
        var before = changes.LastOrDefault(change => change.Time < look.Since && change.Op is Op.JoinInvoke or Op.LeaveOk);
        return before?.Op == Op.JoinInvoke
            || changes.Any(change => change.Op is Op.JoinInvoke or Op.LeaveOk && change.Time >= look.Since && change.Time <= look.Time);
    }

    /// <summary>Whether it was a member all the time of the request: from the acknowledged join until asking to leave.</summary>
    public bool IsSure(Entry look)
    {
        var changes = Of(look);
        return changes.LastOrDefault(change => change.Time < look.Since)?.Op == Op.JoinOk
            && !changes.Any(change => change.Time >= look.Since && change.Time <= look.Time);
    }

    private List<Entry> Of(Entry look) => _changes.GetValueOrDefault((look.Room!, look.User)) ?? [];
}
