using AkkaChat.Persistence.Database;

namespace AkkaChat.Edge.Sockets;

/// <summary>
/// The journal's epoch. Whoever restores a journal stops the nodes to do so; it is read again all the same, since a node that starts may find
/// that the database was promoted from a standby, and then the others must say what it says.
/// </summary>
internal sealed class JournalEpoch(Installation installation, TimeProvider time)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(10);

    private volatile Reading? _last;

    public async ValueTask<string> GetAsync(CancellationToken cancellationToken)
    {
        if (_last is { } last && time.GetElapsedTime(last.At) < Lifetime)
        {
            return last.Epoch;
        }

        var at = time.GetTimestamp();
        var epoch = await installation.GetEpochAsync(cancellationToken);
        _last = new Reading(epoch, at);
        return epoch;
    }

    private sealed record Reading(string Epoch, long At);
}
