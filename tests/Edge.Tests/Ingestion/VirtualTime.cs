namespace AkkaChat.Edge.Tests.Ingestion;

/// <summary>
/// A clock whose timers fire on the thread that moves it, each at its own time: FakeTimeProvider moves first and fires then, so what a timer
/// starts would begin at the end of the move.
/// </summary>
internal sealed class VirtualTime : TimeProvider
{
    private readonly List<Timer> _timers = [];
    private long _now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _now;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddTicks(_now);

    public void Advance(TimeSpan by)
    {
        var end = _now + by.Ticks;
        while (_timers.Where(timer => timer.Due <= end).MinBy(timer => timer.Due) is { } timer)
        {
            _now = Math.Max(_now, timer.Due);
            timer.Fire();
        }

        _now = end;
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class Timer(VirtualTime time, Action fire) : ITimer
    {
        public long Due { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            time._timers.Remove(this);
            if (dueTime != Timeout.InfiniteTimeSpan)
            {
                Due = time._now + dueTime.Ticks;
                time._timers.Add(this);
            }

            return true;
        }

        public void Fire()
        {
            time._timers.Remove(this);
            fire();
        }

        public void Dispose() => time._timers.Remove(this);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
