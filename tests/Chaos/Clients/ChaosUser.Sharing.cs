using System.Text.Json;
using System.Text.Json.Nodes;
using AkkaChat.Chaos.Histories;
using AkkaChat.Chaos.Stage;
using AkkaChat.Support.Chat;

namespace AkkaChat.Chaos.Clients;

/// <param name="Room">Empty of an avatar.</param>
/// <param name="IsReduced">Whether there are a larger and a small form of it, and no others.</param>
internal sealed record KnownFile(string Id, string Room, bool IsImage, bool IsReduced = false);

/// <summary>The newest files that the users of one process have heard of: members, former members and strangers all try them.</summary>
internal sealed class KnownFiles
{
    private const int Most = 200;

    private readonly List<KnownFile> _files = [];

    public void Add(KnownFile file)
    {
        lock (_files)
        {
            if (_files.Contains(file))
            {
                return;
            }

            _files.Add(file);
            if (_files.Count > Most)
            {
                _files.RemoveAt(0);
            }
        }
    }

    public KnownFile? Any(Random random, string? room = null)
    {
        lock (_files)
        {
            var some = _files.Where(file => room is null || file.Room == room).ToList();
            return some.Count == 0 ? null : some[random.Next(some.Count)];
        }
    }
}

/// <summary>Files and links: uploads that break off and go on, messages that carry them, and looks at what may be seen and what may not.</summary>
internal sealed partial class ChaosUser
{
    private static readonly string[] Thumbnails = ["small", "large"];

    /// <summary>As whom requests without credentials are written down.</summary>
    public const string Nobody = "nobody";

    private long _shared;

    private Uri AnyEdge => settings.Edges[random.Next(settings.Edges.Count)];

    /// <summary>Shares and looks until told to stop.</summary>
    public async Task ShareAsync(CancellationToken stop)
    {
        while (await PauseAsync(-Math.Log(1 - random.NextDouble()) * settings.ShareEverySeconds, stop))
        {
            switch (random.NextDouble())
            {
                case < 0.30:
                    await ShareFilesAsync(AnyBusy(), stop);
                    break;
                case < 0.50:
                    await ShareLinksAsync(AnyBusy(), stop);
                    break;
                case < 0.58:
                    await ChangeAvatarAsync(stop);
                    break;
                case < 0.90 when known.Any(random) is { } file:
                    await FetchAsync(file);
                    break;
                default:
                    await ReadAsync(settings.Rooms[random.Next(settings.Rooms.Count)].Id);
                    break;
            }
        }
    }

    private async Task ShareFilesAsync(string room, CancellationToken stop)
    {
        var files = new List<KnownFile>();
        for (var left = random.NextDouble() < 0.2 ? 2 : 1; left > 0; left--)
        {
            if (await UploadAsync(room, FileContent.Random(random), stop) is not { } file)
            {
                return;
            }

            files.Add(file);
        }

        switch (random.NextDouble())
        {
            case < 0.10:
                await DropAsync(files[0]);
                await FetchAsync(files[0]);
                break;
            case < 0.20:
                // Never posted: nobody else may see it.
                break;
            default:
                await SendAsync(new Outgoing(room, NewCid(), $"{username} shares {Interlocked.Increment(ref _shared)}") { Files = [.. files.Select(file => file.Id)] });
                break;
        }
    }

    /// <summary>Uploads to whichever edge answers, and goes on after what breaks off; null where it does not become a file.</summary>
    /// <param name="room">Null: an avatar.</param>
    private async Task<KnownFile?> UploadAsync(string? room, FileContent content, CancellationToken stop)
    {
        var created = await FileClient.CreateAsync(Rest, AnyEdge, room, content);
        if (created.Location is not { } location)
        {
            if (created.Status == 401)
            {
                await LogInAsync();
            }

            return null;
        }

        var file = new KnownFile(location.ToString().Split('/')[^1], room ?? "", content.IsImage, IsReduced: room is null);
        var note = Note(Op.UploadBegin, room) with { File = file.Id };
        history.Write(note with
        {
            Hash = content.Description, Bytes = content.Bytes.Length, Since = note.Time, Form = room is null ? "avatar" : null,
        });
        known.Add(file);
        var until = random.NextDouble() < 0.05 ? random.Next(content.Bytes.Length) : content.Bytes.Length;
        var offset = (long?)0;
        for (var started = Clock.Now; Clock.Now - started < Clock.Of(Patience);)
        {
            var edge = AnyEdge;
            var since = Clock.Now;
            var isAsking = offset is null;
            var answer = isAsking
                ? await FileClient.StatusAsync(Rest, edge, file.Id)
                : await AppendAsync(edge, file, content, offset!.Value, until);
            if (answer.Offset is { } durable)
            {
                history.Write(note with { Time = Clock.Now, Op = Op.Offset, Since = since, Seq = durable, Code = $"{(isAsking ? "HEAD" : "PATCH")} {answer.Status}" });
                if (durable == content.Bytes.Length && answer.Status is 200 or 204)
                {
                    history.Write(note with { Time = Clock.Now, Op = Op.Uploaded, Since = since });
                    return file;
                }

                if (durable >= until && until < content.Bytes.Length)
                {
                    // Left unfinished: nobody may ever see it.
                    return null;
                }

                offset = durable;
                continue;
            }

            switch (answer.Status)
            {
                case 404 when isAsking:
                case 415:
                    history.Write(note with
                    {
                        Time = Clock.Now, Op = Op.Offset, Since = since, Seq = -1, Code = $"{(isAsking ? "HEAD" : "PATCH")} {answer.Status}",
                    });
                    return null;
                case 404 when room is not null && !_busy.Contains(room):
                    // Who leaves a room has no more business there.
                    return null;
                case 401:
                    await LogInAsync();
                    break;
                case 0:
                    // As a client that asks, and as one that remembers.
                    offset = random.Next(2) == 0 ? offset : null;
                    break;
                default:
                    offset = null;
                    await PauseAsync(Math.Clamp(answer.RetryAfter.TotalSeconds, 0.2, 3), stop: default);
                    break;
            }

            await PauseAsync(0.1 + (random.NextDouble() * 0.3), stop: default);
        }

        // It may have become one all the same.
        history.Write(note with { Time = Clock.Now, Op = Op.Uploaded, Code = "perhaps" });
        return null;
    }

    private Task<FileAnswer> AppendAsync(Uri edge, KnownFile file, FileContent content, long offset, int until)
    {
        var left = until - (int)offset;
        var count = random.Next(3) == 0 ? left : Math.Min(left, random.Next(1_000, Math.Max(left, 1_001)));
        int? breakAfter = random.NextDouble() < 0.2 ? random.Next(count + 1) : null;
        return FileClient.AppendAsync(Rest, edge, file.Id, offset, content.Bytes.AsMemory((int)offset, count), breakAfter);
    }

    /// <summary>Removes a file that no message carries; in vain where the edge is away for long.</summary>
    private async Task DropAsync(KnownFile file)
    {
        history.Write(Note(Op.DropInvoke, file.Room) with { File = file.Id });
        for (var attempt = 0; attempt < 20; attempt++)
        {
            // The second time it is not there any more.
            if (await FileClient.RemoveAsync(Rest, AnyEdge, file.Id) is { Status: 204 or 404 })
            {
                history.Write(Note(Op.DropOk, file.Room) with { File = file.Id });
                return;
            }

            await PauseAsync(0.5, stop: default);
        }
    }

    private async Task ShareLinksAsync(string room, CancellationToken stop)
    {
        var links = Enumerable.Range(0, random.Next(1, 4)).Select(_ => AnyLink()).Distinct().ToList();
        var text = $"{username} links {Interlocked.Increment(ref _shared)}: {string.Join(" and ", links)}";
        if (await SendAsync(new Outgoing(room, NewCid(), text) { Links = links }) is { } seq && random.NextDouble() < 0.25)
        {
            // Sometimes before they are there.
            await PauseAsync(random.Next(2) == 0 ? 0 : random.NextDouble() * 3, stop);
            await RemoveCardsAsync(room, seq);
        }
    }

    private string AnyLink()
    {
        var kind = random.NextDouble() switch
        {
            < 0.7 => "page",
            < 0.8 => "slow",
            < 0.9 => "flaky",
            _ => "gone",
        };
        // Some are posted by many.
        var page = kind == "page" && random.Next(3) == 0 ? $"popular{random.Next(20)}" : $"{username}-{Interlocked.Increment(ref _shared)}";
        return $"{settings.Site}/{kind}/{page}";
    }

    private async Task RemoveCardsAsync(string room, long seq)
    {
        for (var attempt = 0; attempt < 20; attempt++)
        {
            try
            {
                Rest.BaseUrl = AnyEdge;
                await Rest.CallAsync(HttpMethod.Delete, $"api/rooms/{room}/messages/{room}.{seq}/preview");
                history.Write(Note(Op.CardsRemoved, room) with { Seq = seq });
                return;
            }
            catch (RestException e) when (e.Status is System.Net.HttpStatusCode.Forbidden or System.Net.HttpStatusCode.NotFound)
            {
                // It has left the room meanwhile.
                return;
            }
            catch (Exception e) when (e is RestException or HttpRequestException or TaskCanceledException)
            {
                await PauseAsync(0.5, stop: default);
            }
        }
    }

    private async Task FetchAsync(KnownFile file)
    {
        var form = file.IsImage && random.Next(2) == 0 ? Thumbnails[random.Next(Thumbnails.Length)] : "original";
        var edge = AnyEdge;
        var isSignedIn = random.NextDouble() < 0.9;
        var note = Note(Op.Fetch, file.Room.Length == 0 ? null : file.Room) with { File = file.Id, Form = form };
        var answer = await FileClient.FindAsync(isSignedIn ? Rest : null, edge, file.Id, form);
        note = isSignedIn ? note : note with { User = Nobody };
        if (answer.Location is { } location)
        {
            answer = await FileClient.ReadAsync(edge, location);
        }

        Write(note, answer);
    }

    /// <summary>A URL of a file of the room, made while it may be.</summary>
    private async Task<(KnownFile File, Uri Edge, Uri Location)?> KeepUrlAsync(string room)
    {
        if (!settings.ServesFiles || known.Any(random, room) is not { } file)
        {
            return null;
        }

        var edge = AnyEdge;
        return (await FileClient.FindAsync(Rest, edge, file.Id, "original")).Location is { } location ? (file, edge, location) : null;
    }

    /// <summary>Who has left looks at what was theirs to see.</summary>
    private async Task LookBackAsync(string room, (KnownFile File, Uri Edge, Uri Location)? kept)
    {
        if (kept is { } url)
        {
            var note = Note(Op.Fetch, room) with { File = url.File.Id, Form = "kept" };
            Write(note, await FileClient.ReadAsync(url.Edge, url.Location));
        }

        if (known.Any(random, room) is { } file)
        {
            await FetchAsync(file);
        }

        await ReadAsync(room);
        await ReadEventsAsync(room);
    }

    /// <summary>By every way to a room's history; who is not a member must be refused at each.</summary>
    private async Task ReadEventsAsync(string room)
    {
        var note = Note(Op.Read, room) with { Form = "events" };
        Rest.BaseUrl = AnyEdge;
        await LookAsync(note, () => Rest.CallAsync(HttpMethod.Get, $"api/rooms/{room}/events?after=0&limit=20"));
        if (_isUp && _socket is { } socket)
        {
            note = Note(Op.Read, room) with { Form = "sync" };
            await LookAsync(note, () => socket.RequestAsync("room.sync", room, new JsonObject { ["from"] = 0 }, TimeSpan.FromSeconds(8)));
        }
    }

    private async Task LookAsync(Entry note, Func<Task> look)
    {
        var code = "ok";
        try
        {
            await look();
        }
        catch (Exception e) when (e is RestException or ChatException or ChatConnectionLostException or HttpRequestException or TaskCanceledException)
        {
            code = (e as RestException)?.Code ?? (e as ChatException)?.Code ?? "lost";
        }

        history.Write(note with { Time = Clock.Now, Since = note.Time, Code = code });
    }

    /// <param name="asked">Written when it was asked.</param>
    private void Write(Entry asked, FileAnswer answer)
    {
        var isThere = answer.Status == 200;
        history.Write(asked with
        {
            Time = Clock.Now, Since = asked.Time, Code = isThere ? "ok" : answer.Code, Hash = isThere ? FileContent.Describe(answer.Body) : null,
        });
    }

    private async Task ReadAsync(string room)
    {
        var note = Note(Op.Read, room);
        try
        {
            Rest.BaseUrl = AnyEdge;
            var page = await Rest.MessagesAsync(room);
            history.Write(note with
            {
                Time = Clock.Now,
                Since = note.Time,
                Code = "ok",
                Shown = [.. page.GetProperty("items").EnumerateArray()
                    .Where(message => message.GetProperty("preview") is { ValueKind: JsonValueKind.Object } preview && preview.GetProperty("cards").GetArrayLength() > 0)
                    .Select(message => LogEvents.SeqOf(message.GetProperty("id").GetString()!))],
            });
        }
        catch (Exception e) when (e is RestException or HttpRequestException or TaskCanceledException)
        {
            history.Write(note with { Time = Clock.Now, Since = note.Time, Code = (e as RestException)?.Code ?? "lost" });
        }
    }
}
