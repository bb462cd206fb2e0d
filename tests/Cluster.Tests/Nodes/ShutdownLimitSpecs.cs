using AkkaChat.Cluster.Nodes;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace AkkaChat.Cluster.Tests.Nodes;

public sealed class ShutdownLimitSpecs : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(45);

    private readonly Lifetime _lifetime = new();
    private readonly FakeTimeProvider _time = new();
    private readonly List<int> _exits = [];

    [Fact]
    public void Process_ShouldBeEnded_WhenItsShutdownTakesLongerThanItMay()
    {
        using var limit = Start();
        _time.Advance(Limit * 2);
        Assert.Empty(_exits);

        _lifetime.StopApplication();
        _time.Advance(Limit - TimeSpan.FromSeconds(1));
        Assert.Empty(_exits);
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal([1], _exits);
    }

    [Fact]
    public void Process_ShouldBeLeftAlone_WhenItStopsInTime()
    {
        using (Start())
        {
            _lifetime.StopApplication();
        }

        _time.Advance(Limit * 2);

        Assert.Empty(_exits);
    }

    public void Dispose() => _lifetime.Dispose();

    private ShutdownLimit Start() => new(_lifetime, Limit, _time, NullLogger.Instance, _exits.Add);

    private sealed class Lifetime : IHostApplicationLifetime, IDisposable
    {
        private readonly CancellationTokenSource _stopping = new();

        public CancellationToken ApplicationStarted => CancellationToken.None;

        public CancellationToken ApplicationStopping => _stopping.Token;

        public CancellationToken ApplicationStopped => CancellationToken.None;

        public void StopApplication() => _stopping.Cancel();

        public void Dispose() => _stopping.Dispose();
    }
}
