using System.Collections.Concurrent;
using AkkaChat.Support;
using AkkaChat.Support.Chat;

namespace AkkaChat.MultiNode.Tests;

/// <summary>A send and its acknowledgement. The text is unique, so that a read can be compared with what was sent.</summary>
internal sealed record Acked(string Room, string UserId, string Cid, string Text, Sent Ack, TimeSpan Took)
{
    /// <summary>When the acknowledgement came, as <see cref="Machine.Now"/>.</summary>
    public long At { get; init; }
}

/// <summary>
/// People who talk without pause, each waiting for the acknowledgement of one message before sending the next, and sending again under the
/// same cid until there is one. What cannot be acknowledged within the patience is a failure of the test.
/// </summary>
internal sealed class Traffic
{
    private const long UnderWay = 1_000_000;

    /// <summary>Waited beyond a limit, so that a failure says how late it was.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    private readonly ConcurrentQueue<Acked> _acked = new();
    private readonly Machine _machine = new();
    private readonly Task[] _talkers;
    private int _count;
    private volatile bool _stopping;

    public Traffic(IEnumerable<(ChatClient Client, string Room)> talkers, TimeSpan? pause = null)
    {
        _talkers = [.. talkers.Select(talker => Task.Run(() => TalkAsync(talker.Client, talker.Room, pause ?? TimeSpan.FromMilliseconds(250))))];
        _ = Task.Run(WatchAsync);
    }

    public IReadOnlyCollection<Acked> Acked => _acked;

    /// <summary>
    /// Waits until each room acknowledges again, which must not take longer than <paramref name="limit"/> from now on; time in which the machine was
    /// too slow to be a witness does not count.
    /// </summary>
    /// <returns>How long the last room took.</returns>
    public async Task<TimeSpan> NextAckEverywhereAsync(IReadOnlyCollection<string> rooms, TimeSpan limit)
    {
        var (started, before) = (Machine.Now, _acked.Count);
        await Eventually.AssertAsync(
            () =>
            {
                var missing = rooms.Count(room => !_acked.Skip(before).Any(acked => acked.Room == room && IsOfNow(acked)));
                Assert.True(missing == 0, $"{missing} of {rooms.Count} rooms have acknowledged nothing for {(Machine.Now - started) / 1_000_000.0:0.0} s");
            },
            limit + Patience);
        var last = rooms.Max(room => _acked.Skip(before).Where(acked => acked.Room == room && IsOfNow(acked)).Min(acked => acked.At));
        var took = TimeSpan.FromMicroseconds(Starvation.Fed(_machine.Found, started, last));
        Assert.True(took <= limit, $"the last of {rooms.Count} rooms acknowledged again after {took.TotalSeconds:0.0} s, not within {limit.TotalSeconds:0} s");
        return took;

        // What was under way already is answered within a moment, or by whoever has taken the room over.
        bool IsOfNow(Acked acked) => acked.At - started > UnderWay || acked.At - (long)acked.Took.TotalMicroseconds >= started;
    }

    public async Task RunForAsync(int messages)
    {
        var until = _acked.Count + messages;
        await Eventually.AssertAsync(() => Assert.True(_acked.Count >= until, $"{_acked.Count} of {until} messages acknowledged"), TimeSpan.FromSeconds(60));
    }

    /// <summary>Stops talking; what was begun is still acknowledged.</summary>
    public async Task<IReadOnlyCollection<Acked>> StopAsync()
    {
        _stopping = true;
        await Task.WhenAll(_talkers).WaitAsync(TimeSpan.FromSeconds(90));
        return _acked;
    }

    private async Task WatchAsync()
    {
        using var end = new CancellationTokenSource();
        var watching = _machine.WatchAsync(end.Token);
        await Task.WhenAll(_talkers).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await end.CancelAsync();
        await watching;
    }

    private async Task TalkAsync(ChatClient client, string room, TimeSpan pause)
    {
        while (!_stopping)
        {
            var text = $"{client.Username} says {Interlocked.Increment(ref _count)}";
            var cid = client.NewCid();
            var started = TimeProvider.System.GetTimestamp();
            var ack = await client.SendAsync(room, text, cid, TimeSpan.FromSeconds(75));
            _acked.Enqueue(new Acked(room, client.UserId, cid, text, ack, TimeProvider.System.GetElapsedTime(started)) { At = Machine.Now });
            await Task.Delay(pause);
        }
    }
}
