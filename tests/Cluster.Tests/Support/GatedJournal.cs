using System.Collections.Immutable;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Persistence;
using Akka.Persistence.Journal;

namespace AkkaChat.Cluster.Tests.Support;

/// <summary>The test's hand on the journal of its actor system.</summary>
public sealed class JournalGate : Setup
{
    private volatile IActorRef? _keeper;

    /// <summary>From now on each write is shown to <paramref name="keeper"/> as a <see cref="HeldWrite"/> and waits for its word.</summary>
    public void Hold(IActorRef keeper) => _keeper = keeper;

    public void Open() => _keeper = null;

    internal async Task<Exception?> PassAsync(IReadOnlyList<object> entries, Func<Task> write)
    {
        if (_keeper is not { } keeper)
        {
            await write();
            return null;
        }

        var held = new HeldWrite(entries, write);
        keeper.Tell(held);
        return await held.Outcome;
    }
}

/// <summary>A write that has reached the journal and is not done.</summary>
public sealed class HeldWrite(IReadOnlyList<object> entries, Func<Task> write) : INoSerializationVerificationNeeded
{
    private readonly TaskCompletionSource<Exception?> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<object> Entries => entries;

    internal Task<Exception?> Outcome => _outcome.Task;

    public async Task CommitAsync()
    {
        await write();
        _outcome.SetResult(null);
    }

    /// <summary>The rows are there, and the writer is told that they are not: an answer that got lost.</summary>
    public async Task CommitAndFailAsync(Exception cause)
    {
        await write();
        _outcome.SetException(cause);
    }

    public void Fail(Exception cause) => _outcome.SetException(cause);

    public void Reject(Exception cause) => _outcome.SetResult(cause);
}

/// <summary>The in-memory journal behind a <see cref="JournalGate"/>.</summary>
public sealed class GatedJournal : MemoryJournal
{
    public const string Configuration =
        """
        akka.persistence.journal.plugin = "gated-journal"
        gated-journal {
          class = "AkkaChat.Cluster.Tests.Support.GatedJournal, AkkaChat.Cluster.Tests"
          plugin-dispatcher = "akka.actor.default-dispatcher"
        }
        """;

    private readonly JournalGate _gate = Context.System.Settings.Setup.Get<JournalGate>().Value;

    protected override async Task<IImmutableList<Exception>> WriteMessagesAsync(
        IEnumerable<AtomicWrite> messages,
        CancellationToken cancellationToken)
    {
        var writes = messages.ToList();
        var entries = writes.SelectMany(write => (IImmutableList<IPersistentRepresentation>)write.Payload).Select(row => row.Payload).ToList();
        var rejection = await _gate.PassAsync(entries, () => base.WriteMessagesAsync(writes, cancellationToken));
        return rejection is null ? null! : [.. writes.Select(_ => rejection)];
    }
}
