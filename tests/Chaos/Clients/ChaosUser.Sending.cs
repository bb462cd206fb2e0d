using System.Collections.Immutable;
using System.Text.Json.Nodes;
using AkkaChat.Chaos.Histories;
using AkkaChat.Support.Chat;

namespace AkkaChat.Chaos.Clients;

/// <summary>A message as it is sent, at every attempt the same.</summary>
/// <param name="Links">The links in the text.</param>
internal sealed record Outgoing(string Room, string Cid, string Text)
{
    public IReadOnlyList<string> Files { get; init; } = [];

    public IReadOnlyList<string> Links { get; init; } = [];

    /// <summary>The id of the message that it replies to in a thread.</summary>
    public string? Thread { get; init; }
}

/// <summary>What the person does: talks, says the same twice, comes and goes, and looks who is there.</summary>
internal sealed partial class ChaosUser
{
    private const int Remembered = 200;
    private static readonly TimeSpan ReplyTimeout = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly List<Outgoing> _said = [];
    private volatile ImmutableList<string> _busy = [];
    private List<string> _quiet = [];
    private string? _flood;
    private volatile string? _left;

    /// <summary>How the user went from the room that it left last.</summary>
    private Departure _departure;
    private long _attempts;
    private long _messages;

    /// <summary>Joins its share of the rooms.</summary>
    public async Task JoinAsync(int number)
    {
        var busy = settings.Rooms.Where(room => room.Use == RoomUse.Busy).Select(room => room.Id).ToList();
        _busy = [.. Enumerable.Range(0, Math.Min(settings.RoomsPerUser, busy.Count)).Select(i => busy[(number + (i * 5)) % busy.Count]).Distinct()];
        _quiet = [.. settings.Rooms.Where(room => room.Use == RoomUse.Quiet).Select(room => room.Id)];
        // The first stalls, the next ones flood.
        _flood = number < 5 ? settings.Rooms.FirstOrDefault(room => room.Use == RoomUse.Flood)?.Id : null;
        foreach (var room in _busy.Concat(_quiet).Concat(_flood is null ? [] : [_flood]))
        {
            await ChangeAsync(room, join: true);
        }
    }

    /// <summary>Talks until told to stop.</summary>
    public async Task TalkAsync(CancellationToken stop)
    {
        var sends = new List<Task>();
        while (await PauseAsync(-Math.Log(1 - random.NextDouble()) * settings.SendEverySeconds, stop))
        {
            sends.RemoveAll(send => send.IsCompleted);
            if (!_isUp || sends.Count > 20 + (4 * settings.SendAtOnce))
            {
                continue;
            }

            var room = random.NextDouble() < 0.03 && _quiet.Count > 0 ? _quiet[random.Next(_quiet.Count)] : AnyBusy();
            switch (random.NextDouble())
            {
                case < 0.10:
                    // In flight together on one connection: they must stay in order.
                    sends.AddRange(Enumerable.Range(0, Math.Max(3, settings.SendAtOnce)).Select(_ => SayAsync(room)));
                    break;
                case < 0.16 when Recall() is { } old:
                    sends.Add(SendAsync(old));
                    break;
                case < 0.17 when Recall() is { } old:
                    sends.Add(SendAsync(old with { Text = "another body " + old.Text }));
                    break;
                case < 0.18:
                    sends.Add(SendAsync(new Outgoing(room, NewCid(), "")));
                    break;
                default:
                    sends.AddRange(Enumerable.Range(0, settings.SendAtOnce).Select(_ => SayAsync(room)));
                    break;
            }
        }

        await Task.WhenAll(sends);
    }

    /// <summary>Comes and goes, leaves rooms or is removed from them and joins them again, and looks who is online.</summary>
    public async Task LiveAsync(CancellationToken stop)
    {
        while (await PauseAsync(settings.LiveEverySeconds * (0.25 + (random.NextDouble() * 1.5)), stop))
        {
            switch (random.NextDouble())
            {
                case < 0.05 when _left is null:
                    var leaving = AnyBusy();
                    _busy = _busy.Remove(leaving);
                    var kept = await KeepUrlAsync(leaving);
                    _departure = (Departure)random.Next(3);
                    await ChangeAsync(leaving, join: false);
                    _left = leaving;
                    await LookBackAsync(leaving, kept);
                    if (random.Next(2) == 0)
                    {
                        // Not a member: this must be refused and never appear.
                        await SendAsync(new Outgoing(leaving, NewCid(), "I am not here"));
                    }

                    break;
                case >= 0.05 and < 0.20 when _left is { } left:
                    await ChangeAsync(left, join: true);
                    _left = null;
                    _busy = _busy.Add(left);
                    break;
                case >= 0.20 and < 0.23:
                    await GoAwayAsync();
                    await PauseAsync(2 + (random.NextDouble() * 18), stop);
                    ComeBack();
                    break;
                case >= 0.23 and < 0.45:
                    await LookAsync();
                    break;
                case >= 0.45 and < 0.60 when _left is { } gone:
                    await LookBackAsync(gone, kept: null);
                    break;
            }
        }

        ComeBack();
        if (_left is { } last)
        {
            await ChangeAsync(last, join: true);
            _left = null;
        }
    }

    /// <summary>Sends large messages as fast as it may.</summary>
    public async Task FloodAsync(TimeSpan time)
    {
        var sends = new List<Task>();
        for (var started = TimeProvider.System.GetTimestamp(); _flood is not null && TimeProvider.System.GetElapsedTime(started) < time;)
        {
            sends.RemoveAll(send => send.IsCompleted);
            if (_isUp && sends.Count < 20)
            {
                sends.Add(SendAsync(new Outgoing(_flood, NewCid(), $"{username} floods {Interlocked.Increment(ref _messages)} {new string('x', 12_000)}")));
            }

            await Task.Delay(60);
        }

        await Task.WhenAll(sends);
    }

    private static async Task<bool> PauseAsync(double seconds, CancellationToken stop)
    {
        await Task.Delay(TimeSpan.FromSeconds(seconds), stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !stop.IsCancellationRequested;
    }

    private string NewCid() => Guid.CreateVersion7(TimeProvider.System.GetUtcNow() + _clockAhead).ToString();

    private string AnyBusy()
    {
        var busy = _busy;
        return busy[random.Next(busy.Count)];
    }

    private Outgoing? Recall()
    {
        lock (_said)
        {
            var said = _said.Where(message => _busy.Contains(message.Room)).ToList();
            // Half of the time the newest, which a retry is about; else an old one, which snapshots and restarts have passed over.
            return said.Count == 0 ? null : random.Next(2) == 0 ? said[^1] : said[random.Next(said.Count)];
        }
    }

    private Task<long?> SayAsync(string room) => SendAsync(new Outgoing(room, NewCid(), $"{username} says {Interlocked.Increment(ref _messages)}"));

    /// <summary>Sends until the outcome is known; the acknowledged <c>seq</c>, or null.</summary>
    private async Task<long?> SendAsync(Outgoing message)
    {
        counters.Began();
        try
        {
            for (var started = Clock.Now; Clock.Now - started < Clock.Of(Patience);)
            {
                var (seq, wait) = await AttemptAsync(message);
                if (wait < TimeSpan.Zero)
                {
                    return seq;
                }

                await Task.Delay(wait + TimeSpan.FromMilliseconds(random.Next(100)));
            }

            return null;
        }
        finally
        {
            counters.Settled();
        }
    }

    /// <summary>One attempt; how long to wait before the next, negative where the outcome is known.</summary>
    private async Task<(long? Seq, TimeSpan Wait)> AttemptAsync(Outgoing message)
    {
        if (!_isUp || _socket is not { } socket)
        {
            return (null, TimeSpan.FromMilliseconds(200));
        }

        var (room, cid, text) = message;
        var d = new JsonObject { ["cid"] = cid, ["text"] = text };
        if (message.Files.Count > 0)
        {
            d["files"] = new JsonArray([.. message.Files.Select(file => (JsonNode)file)]);
        }

        if (message.Thread is { } thread)
        {
            d["thread"] = thread;
        }

        Entry invoke;
        Task<System.Text.Json.JsonElement> reply;
        lock (_order)
        {
            invoke = Note(Op.Invoke, room) with
            {
                Attempt = Interlocked.Increment(ref _attempts),
                Cid = cid,
                Hash = HistoryFile.Hash(text, message.Files),
                Bytes = SizeOf(text),
                Files = message.Files.Count == 0 ? null : string.Join(' ', message.Files),
                Links = message.Links.Count == 0 ? null : message.Links,
            };
            history.Write(invoke);
            reply = socket.RequestAsync("message.send", room, d, ReplyTimeout);
        }

        var outcome = invoke with { Hash = null, Bytes = 0, Files = null, Links = null };
        try
        {
            var answer = await reply;
            var dup = answer.GetProperty("dup").GetBoolean();
            var seq = answer.GetProperty("seq").GetInt64();
            history.Write(outcome with { Time = Clock.Now, Op = Op.Ok, Seq = seq, Dup = dup });
            counters.Acked(room, invoke.Time, dup);
            _lastNumbers[room] = answer.GetProperty("n").GetInt64();
            if (!dup)
            {
                lock (_said)
                {
                    _said.Add(message);
                    if (_said.Count > Remembered)
                    {
                        _said.RemoveAt(0);
                    }
                }
            }

            return (seq, TimeSpan.FromSeconds(-1));
        }
        catch (ChatException e)
        {
            history.Write(outcome with { Time = Clock.Now, Op = e.Code == "unavailable" ? Op.Info : Op.Fail, Code = e.Code });
            return (null, e.Retryable ? TimeSpan.FromMilliseconds(Math.Max(e.RetryAfterMs, 100)) : TimeSpan.FromSeconds(-1));
        }
        catch (ChatConnectionLostException)
        {
            history.Write(outcome with { Time = Clock.Now, Op = Op.Info, Code = "lost" });
            return (null, TimeSpan.FromMilliseconds(200));
        }
    }

    /// <summary>Joins or leaves, or has itself removed, again and again until it is done: each is idempotent.</summary>
    private async Task ChangeAsync(string room, bool join)
    {
        for (var started = Clock.Now; Clock.Now - started < Clock.Of(Patience);)
        {
            history.Write(Note(join ? Op.JoinInvoke : Op.LeaveInvoke, room) with { Code = _departure.ToString() });
            try
            {
                await (join ? ComeBackToAsync(room) : DepartAsync(room));
                history.Write(Note(join ? Op.JoinOk : Op.LeaveOk, room) with { Code = _departure.ToString() });
                return;
            }
            catch (Exception e) when (e is RestException or HttpRequestException or TaskCanceledException)
            {
                history.Write(Note(Op.ChangeInfo, room) with { Code = (e as RestException)?.Code ?? "lost" });
                Rest.BaseUrl = settings.Edges[random.Next(settings.Edges.Count)];
                if (e is RestException { Status: System.Net.HttpStatusCode.Unauthorized })
                {
                    await LogInAsync();
                }

                await Task.Delay(300);
            }
        }

        history.Write(Note(Op.Breach, room) with { Code = $"{(join ? "join" : "leave")} was not carried out in {Patience.TotalSeconds:F0} s" });
    }

    private Task DepartAsync(string room) => _departure == Departure.Leave ? Rest.LeaveAsync(room) : moderator.RemoveAsync(room, Id, _departure);

    private async Task ComeBackToAsync(string room)
    {
        if (_departure == Departure.Ban)
        {
            await moderator.UnbanAsync(room, Id);
        }

        await Rest.JoinAsync(room);
    }

    private async Task LookAsync()
    {
        var room = AnyBusy();
        var edge = settings.Edges[random.Next(settings.Edges.Count)];
        var since = Clock.Now;
        try
        {
            Rest.BaseUrl = edge;
            var seen = await Rest.PresenceAsync(room);
            history.Write(Note(Op.Presence, room) with
            {
                Since = since,
                Code = seen.GetProperty("state").GetString(),
                By = edge.Host + ":" + edge.Port,
                Online = [.. seen.GetProperty("online").EnumerateArray().Select(user => user.GetString()!)],
            });
        }
        catch (Exception e) when (e is RestException or HttpRequestException or TaskCanceledException)
        {
            // the edge is away
        }
    }
}
