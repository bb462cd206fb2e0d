using System.Collections.Concurrent;
using AkkaChat.Support.Chat;

namespace AkkaChat.MultiNode.Tests;

/// <summary>A send and its acknowledgement. The text is unique, so that a read can be compared with what was sent.</summary>
internal sealed record Acked(string Room, string UserId, string Cid, string Text, Sent Ack, TimeSpan Took);

/// <summary>
/// People who talk without pause, each waiting for the acknowledgement of one message before sending the next, and sending again under the
/// same cid until there is one. What cannot be acknowledged within the patience is a failure of the test.
/// </summary>
internal sealed class Traffic
{
    private readonly ConcurrentQueue<Acked> _acked = new();
    private readonly Task[] _talkers;
    private int _count;
    private volatile bool _stopping;

    public Traffic(IEnumerable<(ChatClient Client, string Room)> talkers, TimeSpan? pause = null)
    {
        _talkers = [.. talkers.Select(talker => Task.Run(() => TalkAsync(talker.Client, talker.Room, pause ?? TimeSpan.FromMilliseconds(250))))];
    }

    public IReadOnlyCollection<Acked> Acked => _acked;

    /// <summary>Waits until each talker's room has had an acknowledgement of something that was sent from now on.</summary>
    public async Task<TimeSpan> NextAckEverywhereAsync(IReadOnlyCollection<string> rooms, TimeSpan limit)
    {
        var started = TimeProvider.System.GetTimestamp();
        var before = _acked.Count;
        // One send of each talker may have been in flight already: the second acknowledgement was sent after now.
        await Support.Eventually.AssertAsync(
            () =>
            {
                var missing = rooms.Except(
                    _acked.Skip(before).GroupBy(a => (a.Room, a.UserId)).Where(talker => talker.Count() >= 2).Select(talker => talker.Key.Room)).ToList();
                Assert.True(missing.Count == 0, $"{missing.Count} of {rooms.Count} rooms have acknowledged nothing for {TimeProvider.System.GetElapsedTime(started)}");
            },
            limit);
        return TimeProvider.System.GetElapsedTime(started);
    }

    public async Task RunForAsync(int messages)
    {
        var until = _acked.Count + messages;
        await Support.Eventually.AssertAsync(() => Assert.True(_acked.Count >= until, $"{_acked.Count} of {until} messages acknowledged"), TimeSpan.FromSeconds(60));
    }

    /// <summary>Stops talking; what was begun is still acknowledged.</summary>
    public async Task<IReadOnlyCollection<Acked>> StopAsync()
    {
        _stopping = true;
        await Task.WhenAll(_talkers).WaitAsync(TimeSpan.FromSeconds(90));
        return _acked;
    }

    private async Task TalkAsync(ChatClient client, string room, TimeSpan pause)
    {
        while (!_stopping)
        {
            var text = $"{client.Username} says {Interlocked.Increment(ref _count)}";
            var cid = client.NewCid();
            var started = TimeProvider.System.GetTimestamp();
            var ack = await client.SendAsync(room, text, cid, TimeSpan.FromSeconds(75));
            _acked.Enqueue(new Acked(room, client.UserId, cid, text, ack, TimeProvider.System.GetElapsedTime(started)));
            await Task.Delay(pause);
        }
    }
}
