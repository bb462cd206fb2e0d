using AkkaChat.Persistence.Database;

namespace AkkaChat.Edge.Sockets;

/// <summary>The journal's incarnation, read once: nodes must be stopped to restore a journal from a backup.</summary>
internal sealed class JournalEpoch(Installation installation)
{
    private volatile string? _epoch;

    public async ValueTask<string> GetAsync(CancellationToken cancellationToken) =>
        _epoch ??= await installation.GetEpochAsync(cancellationToken);
}
