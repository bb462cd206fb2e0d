using Akka.Actor;

namespace AkkaChat.Cluster.Rooms;

/// <summary>
/// Repeats a broadcast after a series of pauses, since pub-sub may lose any single one. The owner calls <see cref="Due.Send"/> on each
/// <see cref="Due"/> that it receives.
/// </summary>
/// <param name="owner">The actor that broadcasts. The series ends when it stops.</param>
/// <param name="send">Sends the broadcast.</param>
/// <param name="pauses">One before each repetition.</param>
internal sealed class BroadcastRepeater(IWithTimers owner, Action send, params TimeSpan[] pauses)
{
    /// <summary>Starts the series, or restarts it from the first pause.</summary>
    public void Start() => Schedule(0);

    private void Schedule(int step)
    {
        if (step < pauses.Length)
        {
            owner.Timers.StartSingleTimer(this, new Due(this, step), pauses[step]);
        }
    }

    private void OnDue(int step)
    {
        send();
        Schedule(step + 1);
    }

    /// <summary>The next repetition is due.</summary>
    internal sealed class Due(BroadcastRepeater repeater, int step)
    {
        public void Send() => repeater.OnDue(step);
    }
}
