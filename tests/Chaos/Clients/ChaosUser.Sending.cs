using System.Text.Json.Nodes;
using AkkaChat.Chaos.Histories;
using AkkaChat.Support.Chat;

namespace AkkaChat.Chaos.Clients;

/// <summary>What the person does: talks, says the same twice, comes and goes, and looks who is there.</summary>
internal sealed partial class ChaosUser
{
    private const int Remembered = 200;
    private static readonly TimeSpan ReplyTimeout = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly List<(string Room, string Cid, string Text)> _said = [];
    private List<string> _busy = [];
    private List<string> _quiet = [];
    private string? _flood;
    private string? _left;
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
            if (!_isUp || sends.Count > 20)
            {
                continue;
            }

            var room = random.NextDouble() < 0.03 && _quiet.Count > 0 ? _quiet[random.Next(_quiet.Count)] : _busy[random.Next(_busy.Count)];
            switch (random.NextDouble())
            {
                case < 0.10:
                    // In flight together on one connection: they must stay in order.
                    sends.AddRange(Enumerable.Range(0, 3).Select(_ => SayAsync(room)));
                    break;
                case < 0.16 when Recall() is { } old:
                    sends.Add(SendAsync(old.Room, old.Cid, old.Text));
                    break;
                case < 0.17 when Recall() is { } old:
                    sends.Add(SendAsync(old.Room, old.Cid, "another body " + old.Text, isConflict: true));
                    break;
                case < 0.18:
                    sends.Add(SendAsync(room, NewCid(), ""));
                    break;
                default:
                    sends.Add(SayAsync(room));
                    break;
            }
        }

        await Task.WhenAll(sends);
    }

    /// <summary>Comes and goes, leaves rooms and joins them again, and looks who is online.</summary>
    public async Task LiveAsync(CancellationToken stop)
    {
        while (await PauseAsync(0.5 + (random.NextDouble() * 3), stop))
        {
            switch (random.NextDouble())
            {
                case < 0.05 when _left is null:
                    _left = _busy[random.Next(_busy.Count)];
                    _busy.Remove(_left);
                    await ChangeAsync(_left, join: false);
                    if (random.Next(2) == 0)
                    {
                        // Not a member: this must be refused and never appear.
                        await SendAsync(_left, NewCid(), "I am not here");
                    }

                    break;
                case >= 0.05 and < 0.20 when _left is { } left:
                    await ChangeAsync(left, join: true);
                    _left = null;
                    _busy.Add(left);
                    break;
                case >= 0.20 and < 0.23:
                    await GoAwayAsync();
                    await PauseAsync(2 + (random.NextDouble() * 18), stop);
                    ComeBack();
                    break;
                case >= 0.23 and < 0.45:
                    await LookAsync();
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
                sends.Add(SendAsync(_flood, NewCid(), $"{username} floods {Interlocked.Increment(ref _messages)} {new string('x', 12_000)}"));
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

    private (string Room, string Cid, string Text)? Recall()
    {
        lock (_said)
        {
            var said = _said.Where(message => _busy.Contains(message.Room)).ToList();
            // Half of the time the newest, which a retry is about; else an old one, which snapshots and restarts have passed over.
            return said.Count == 0 ? null : random.Next(2) == 0 ? said[^1] : said[random.Next(said.Count)];
        }
    }

    private Task SayAsync(string room) => SendAsync(room, NewCid(), $"{username} says {Interlocked.Increment(ref _messages)}");

    /// <summary>Sends until the outcome is known.</summary>
    private async Task SendAsync(string room, string cid, string text, bool isConflict = false)
    {
        counters.Began();
        try
        {
            for (var started = Clock.Now; Clock.Now - started < Clock.Of(Patience);)
            {
                var wait = await AttemptAsync(room, cid, text);
                if (wait < TimeSpan.Zero)
                {
                    return;
                }

                await Task.Delay(wait + TimeSpan.FromMilliseconds(random.Next(100)));
            }
        }
        finally
        {
            counters.Settled();
        }
    }

    /// <summary>One attempt; how long to wait before the next, negative where the outcome is known.</summary>
    private async Task<TimeSpan> AttemptAsync(string room, string cid, string text)
    {
        if (!_isUp || _socket is not { } socket)
        {
            return TimeSpan.FromMilliseconds(200);
        }

        Entry invoke;
        Task<System.Text.Json.JsonElement> reply;
        lock (_order)
        {
            invoke = Note(Op.Invoke, room) with
            {
                Attempt = Interlocked.Increment(ref _attempts), Cid = cid, Hash = HistoryFile.Hash(text), Bytes = SizeOf(text),
            };
            history.Write(invoke);
            reply = socket.RequestAsync("message.send", room, new JsonObject { ["cid"] = cid, ["text"] = text }, ReplyTimeout);
        }

        var outcome = invoke with { Hash = null, Bytes = 0 };
        try
        {
            var d = await reply;
            var dup = d.GetProperty("dup").GetBoolean();
            history.Write(outcome with { Time = Clock.Now, Op = Op.Ok, Seq = d.GetProperty("seq").GetInt64(), Dup = dup });
            counters.Acked(room, invoke.Time, dup);
            if (!dup)
            {
                lock (_said)
                {
                    _said.Add((room, cid, text));
                    if (_said.Count > Remembered)
                    {
                        _said.RemoveAt(0);
                    }
                }
            }

            return TimeSpan.FromSeconds(-1);
        }
        catch (ChatException e)
        {
            history.Write(outcome with { Time = Clock.Now, Op = e.Code == "unavailable" ? Op.Info : Op.Fail, Code = e.Code });
            return e.Retryable ? TimeSpan.FromMilliseconds(Math.Max(e.RetryAfterMs, 100)) : TimeSpan.FromSeconds(-1);
        }
        catch (ChatConnectionLostException)
        {
            history.Write(outcome with { Time = Clock.Now, Op = Op.Info, Code = "lost" });
            return TimeSpan.FromMilliseconds(200);
        }
    }

    /// <summary>Joins or leaves, again and again until it is done: both are idempotent.</summary>
    private async Task ChangeAsync(string room, bool join)
    {
        for (var started = Clock.Now; Clock.Now - started < Clock.Of(Patience);)
        {
            history.Write(Note(join ? Op.JoinInvoke : Op.LeaveInvoke, room));
            try
            {
                await (join ? Rest.JoinAsync(room) : Rest.LeaveAsync(room));
                history.Write(Note(join ? Op.JoinOk : Op.LeaveOk, room));
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

    private async Task LookAsync()
    {
        var room = _busy[random.Next(_busy.Count)];
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
