using AkkaChat.Edge.Ops;
using AkkaChat.Edge.Sockets;
using Microsoft.Extensions.Time.Testing;

namespace AkkaChat.Edge.Tests.Sockets;

/// <summary>What one connection may send, whatever is in it.</summary>
public sealed class SessionLimitsSpecs
{
    private readonly FakeTimeProvider _time = new();
    private readonly SessionLimits _limits;

    public SessionLimitsSpecs() => _limits = new SessionLimits(new SocketOptions(), _time);

    [Fact]
    public void Received_ShouldSlowTheReaderDown_WhenMoreBytesComeThanFramesMayHave()
    {
        var free = 0L;
        while (_limits.Received(64 * 1024) == TimeSpan.Zero)
        {
            free += 64 * 1024;
        }

        // The burst is some megabytes, and each frame beyond it costs time, however small.
        Assert.InRange(free, 1024 * 1024, 32 * 1024 * 1024);
        Assert.True(_limits.Received(1) > TimeSpan.Zero);

        // In the long run a connection is read at the rate that its frames may have, and never stands still for long.
        var bytes = 0L;
        for (var waited = TimeSpan.Zero; waited < TimeSpan.FromMinutes(1);)
        {
            var pause = _limits.Received(64 * 1024);
            Assert.InRange(pause, TimeSpan.Zero, TimeSpan.FromSeconds(2));
            bytes += 64 * 1024;
            waited += pause;
            _time.Advance(pause);
        }

        var options = new SocketOptions();
        Assert.InRange(bytes / 60.0, 0, 1.1 * (options.SendPerSecond + options.RequestsPerSecond) * 16 * 1024);
    }

    [Fact]
    public void TryRefuse_ShouldSayEnough_WhenARefusalIsFollowedByMoreOfTheSame()
    {
        Assert.Equal(500, Enumerable.Range(0, 1_000).TakeWhile(_ => _limits.TryRefuse()).Count());
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(5, Enumerable.Range(0, 1_000).TakeWhile(_ => _limits.TryRefuse()).Count());
    }

    [Fact]
    public void TryTake_ShouldCountSendsAndRequestsApart()
    {
        var options = new SocketOptions();
        Assert.Equal(options.SendBurst, Enumerable.Range(0, 100_000).TakeWhile(_ => _limits.TryTake(OpRate.Send, null, out _)).Count());
        Assert.Equal(
            options.RequestsPerSecond * 4, Enumerable.Range(0, 100_000).TakeWhile(_ => _limits.TryTake(OpRate.Request, null, out _)).Count());
    }
}
