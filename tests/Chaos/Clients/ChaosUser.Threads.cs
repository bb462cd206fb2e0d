using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using AkkaChat.Chaos.Histories;
using AkkaChat.Support.Chat;

namespace AkkaChat.Chaos.Clients;

/// <summary>Messages that people reply to in threads: the users of one process know each other's.</summary>
internal sealed class KnownThreads
{
    /// <summary>Of a room; few, so that threads get long.</summary>
    private const int Most = 5;

    private readonly Dictionary<string, List<long>> _roots = [];

    public void Add(string room, long root)
    {
        lock (_roots)
        {
            var roots = _roots.TryGetValue(room, out var known) ? known : _roots[room] = [];
            roots.Add(root);
            if (roots.Count > Most)
            {
                roots.RemoveAt(0);
            }
        }
    }

    /// <summary>The id of a message to reply to.</summary>
    public string? Any(string room, Random random)
    {
        lock (_roots)
        {
            return _roots.GetValueOrDefault(room) is { Count: > 0 } roots ? $"{room}.{roots[random.Next(roots.Count)]}" : null;
        }
    }
}

/// <summary>Replies in threads, and reads rooms and threads; what is unread then is counted in the end.</summary>
internal sealed partial class ChaosUser
{
    private static readonly TimeSpan CountPatience = TimeSpan.FromSeconds(15);

    private readonly ConcurrentDictionary<string, long> _lastNumbers = new();

    public async Task UseThreadsAsync(CancellationToken stop)
    {
        while (await PauseAsync(-Math.Log(1 - random.NextDouble()) * settings.ThreadEverySeconds, stop))
        {
            var room = AnyBusy();
            var thread = threads.Any(room, random);
            switch (random.NextDouble())
            {
                case < 0.15:
                case < 0.65 when thread is null:
                    await BeginThreadAsync(room);
                    break;
                case < 0.65:
                    await ReplyAsync(room, thread!);
                    break;
                case < 0.85 when thread is not null:
                    await ReadUpToAsync("thread.read", room, n => new JsonObject { ["thread"] = thread, ["n"] = n });
                    break;
                default:
                    await ReadUpToAsync("read.set", room, n => new JsonObject { ["n"] = n });
                    break;
            }
        }
    }

    /// <summary>Writes what each edge says is unread, from a hello of its own.</summary>
    public async Task WriteUnreadAsync()
    {
        foreach (var edge in settings.Edges)
        {
            if (!await TryWriteUnreadAsync(edge))
            {
                history.Write(Note(Op.Breach) with { Code = $"{edge} did not say what is unread" });
            }
        }
    }

    private async Task BeginThreadAsync(string room)
    {
        if (await SayAsync(room) is { } root)
        {
            threads.Add(room, root);
            if (random.Next(10) == 0)
            {
                await AlterAsync(room, root, "delete", null, HttpMethod.Delete, "");
            }
        }
    }

    private async Task ReplyAsync(string room, string thread)
    {
        var reply = new Outgoing(room, NewCid(), $"{username} replies {Interlocked.Increment(ref _messages)}") { Thread = thread };
        if (await SendAsync(reply) is { } seq && random.Next(6) == 0)
        {
            await AlterAsync(room, seq, "delete", null, HttpMethod.Delete, "");
        }
    }

    /// <summary>Moves a place, to the end or to somewhere before it. What is lost or refused moved nothing, or is counted as it is.</summary>
    private async Task ReadUpToAsync(string op, string room, Func<long, JsonObject> body)
    {
        if (!_isUp || _socket is not { } socket || !_lastNumbers.TryGetValue(room, out var last))
        {
            return;
        }

        try
        {
            await socket.RequestAsync(op, room, body(random.Next(3) == 0 ? last : random.NextInt64(last + 1)), ReplyTimeout);
        }
        catch (Exception e) when (e is ChatException or ChatConnectionLostException or TimeoutException)
        {
            // the next one, or the end, says where the place is
        }
    }

    private async Task<bool> TryWriteUnreadAsync(Uri edge)
    {
        for (var started = Clock.Now; Clock.Now - started < Clock.Of(CountPatience); await Task.Delay(500))
        {
            try
            {
                var digests = new ConcurrentQueue<JsonElement>();
                var synced = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                await using var socket = await ChatSocket.ConnectAsync(edge, Rest, ChatCredential.Bearer, frame =>
                {
                    switch (frame.GetProperty("ev").GetString())
                    {
                        case "room.digest" or "thread.digest":
                            foreach (var digest in frame.GetProperty("d").EnumerateArray())
                            {
                                digests.Enqueue(digest.Clone());
                            }

                            break;
                        case "sync.done":
                            synced.TrySetResult();
                            break;
                    }
                });
                await socket.RequestAsync("hello", d: new JsonObject(), timeout: HelloTimeout);
                await synced.Task.WaitAsync(HelloTimeout);
                foreach (var digest in digests)
                {
                    history.Write(Note(Op.Unread, digest.GetProperty("room").GetString()) with
                    {
                        Seq = digest.GetProperty("readN").GetInt64(),
                        Since = digest.GetProperty("unread").GetInt64(),
                        Attempt = digest.TryGetProperty("thread", out var thread) ? LogEvents.SeqOf(thread.GetString()!) : 0,
                        Code = edge.Host + ":" + edge.Port,
                    });
                }

                return true;
            }
            catch (Exception e) when (e is ChatException or ChatConnectionLostException or TimeoutException)
            {
                if (e is ChatException { Code: "unauthenticated" } || e.Message.Contains("401", StringComparison.Ordinal))
                {
                    await LogInAsync();
                }
            }
        }

        return false;
    }
}
