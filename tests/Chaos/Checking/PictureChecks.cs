using AkkaChat.Chaos.Clients;
using AkkaChat.Chaos.Histories;

namespace AkkaChat.Chaos.Checking;

/// <summary>
/// C12, C13 and C14 of pictures. An avatar is seen by everybody who is signed in, from when it is set until it is replaced, and at every edge it is
/// the one that was set last. The image of a link card is seen by the members of the rooms with a message that shows it. Nobody without a session sees
/// either.
/// </summary>
internal static class PictureChecks
{
    public const string Avatar = "avatar";
    private const string Picture = "webp";

    public static void Check(CheckContext context)
    {
        var avatars = context.Run.History.Where(entry => entry is { Op: Op.UploadBegin, Form: Avatar }).ToDictionary(entry => entry.File!, entry => entry.User);
        var changes = context.Run.History.Where(entry => entry.Op is Op.AvatarInvoke or Op.AvatarOk).ToLookup(entry => entry.User);
        var images = context.Final
            .SelectMany(room => room.Value.SelectMany(e => (e.Images?.Split(' ') ?? []).Select(image => (Image: image, Room: room.Key))))
            .ToLookup(shown => shown.Image, shown => shown.Room);
        var memberships = new Memberships(context.Run.History);
        var looks = 0;
        foreach (var look in context.Run.History.Where(entry => entry.Op == Op.Fetch))
        {
            if (avatars.TryGetValue(look.File!, out var owner))
            {
                looks++;
                CheckAvatar(context, look, owner, [.. changes[owner]]);
            }
            else if (images.Contains(look.File!))
            {
                looks++;
                CheckImage(context, look, images[look.File!], memberships);
            }
        }

        CheckEnd(context, changes, images);
        context.Notes["pictures"] =
            $"{changes.Sum(user => user.Count(change => change.Op == Op.AvatarOk))} changes of {avatars.Count} avatars, {images.Count} images of link cards, {looks} looks";
    }

    private static void CheckAvatar(CheckContext context, Entry look, string owner, IReadOnlyList<Entry> changes)
    {
        var sets = changes.Where(change => change.File == look.File).ToList();
        var (asked, done) = (sets.FirstOrDefault(change => change.Op == Op.AvatarInvoke), sets.FirstOrDefault(change => change.Op == Op.AvatarOk));
        var after = done is null ? [] : changes.Where(change => change.Time > done.Time && change.File != look.File).ToList();
        if (look.Code == "ok")
        {
            var reason = look.User == ChaosUser.Nobody ? "without a session"
                : after.Any(change => change.Op == Op.AvatarOk && change.Time < look.Since) ? "it had been replaced"
                : look.User != owner && !(asked?.Time < look.Time) ? "it is another's, who has not set it"
                : null;
            if (reason is not null)
            {
                context.Report("C13", look.Time, $"{look.User} got the avatar {look.File} of {owner} ({look.Form}): {reason}");
            }

            if (look.Hash != Picture)
            {
                context.Report("C12", look.Time, $"{look.User} got {look.Hash} as the avatar {look.File} ({look.Form})");
            }
        }
        else if (look.Code is "not_found" or "forbidden" && look.User != ChaosUser.Nobody && done?.Time < look.Since && !after.Any(change => change.Time < look.Time))
        {
            context.Report("C12", look.Time, $"{look.User} got {look.Code} for {look.File} ({look.Form}), which is the avatar of {owner}");
        }
    }

    private static void CheckImage(CheckContext context, Entry look, IEnumerable<string> rooms, Memberships memberships)
    {
        if (look.Code != "ok")
        {
            return;
        }

        if (look.User == ChaosUser.Nobody || !rooms.Any(room => memberships.IsPossible(look with { Room = room })))
        {
            context.Report("C13", look.Time, $"{look.User} got {look.File} ({look.Form}), an image of link cards in rooms that they were not in");
        }

        if (look.Hash != Picture)
        {
            context.Report("C12", look.Time, $"{look.User} got {look.Hash} as {look.File} ({look.Form}), an image of a link card");
        }
    }

    private static void CheckEnd(CheckContext context, ILookup<string, Entry> changes, ILookup<string, string> images)
    {
        foreach (var avatar in context.Run.Avatars)
        {
            var own = changes[avatar.User].ToList();
            var last = own.LastOrDefault(change => change.Op == Op.AvatarOk);
            // What was asked for and never answered may have been done, also later.
            var possible = own.Where(change => change.Op == Op.AvatarInvoke && !own.Any(ok => ok.Op == Op.AvatarOk && ok.File == change.File && ok.Time > change.Time))
                .Select(change => change.File).Append(last?.File);
            if (!possible.Contains(avatar.File))
            {
                context.Report("C14", context.Run.Stopped, $"the avatar of {avatar.User} is {avatar.File ?? "none"} at {avatar.Edge}, and {last?.File ?? "none"} was set last");
            }
        }

        foreach (var look in context.Run.Looks.Where(look => images.Contains(look.File) && look.IsMember && look is not { Code: "ok", Hash: Picture }))
        {
            context.Report("C12", context.Run.Stopped, $"{look.File}, an image of a link card, cannot be read at {look.Edge} ({look.Form}): {look.Code} {look.Hash}");
        }
    }
}
