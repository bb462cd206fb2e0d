using System.Collections.Concurrent;
using System.Collections.Immutable;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Persistence;
using Akka.Persistence.Sql.Journal;
using AkkaChat.Persistence.Database;
using AkkaSerialization = Akka.Serialization.Serialization;

namespace AkkaChat.Persistence.Journal;

/// <summary>Gives <see cref="RoomWriteJournal"/> its database, since Akka creates the plugin by its type name.</summary>
internal sealed class RoomWriteJournalSetup(IDatabase database) : Setup
{
    public IDatabase Database { get; } = database;
}

/// <summary>
/// Akka.Persistence.Sql's journal with its own write path. Recovery is the library's; writes go through <see cref="JournalWriter"/>,
/// because the library rebuilds each insert, takes three round trips for it, and fails all rooms of a batch when one is fenced.
/// </summary>
internal sealed class RoomWriteJournal : SqlWriteJournal
{
    private readonly AkkaSerialization _serialization = Context.System.Serialization;
    private readonly JournalWriter _writer;

    // For a room that restarts while its last write is in flight: the write must end before the journal is read.
    private readonly ConcurrentDictionary<string, Task> _underWay = new();

    public RoomWriteJournal(Config configuration)
        : base(configuration)
    {
        var setup = Context.System.Settings.Setup.Get<RoomWriteJournalSetup>();
        _writer = new JournalWriter(setup.Value.Database);
    }

    public override async Task<long> ReadHighestSequenceNrAsync(
        string persistenceId,
        long fromSequenceNr,
        CancellationToken cancellationToken)
    {
        if (_underWay.TryGetValue(persistenceId, out var write))
        {
            await write.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return await base.ReadHighestSequenceNrAsync(persistenceId, fromSequenceNr, cancellationToken).ConfigureAwait(false);
    }

    protected override void PostStop()
    {
        _writer.Complete();
        base.PostStop();
    }

    /// <returns>Null when no write was rejected, else one entry per write: null, or why it cannot be serialized.</returns>
    protected override async Task<IImmutableList<Exception>> WriteMessagesAsync(
        IEnumerable<AtomicWrite> messages,
        CancellationToken cancellationToken)
    {
        var writes = new List<Task>();
        var rejections = ImmutableList.CreateBuilder<Exception>();
        var isRejected = false;
        string? id = null;
        foreach (var message in messages)
        {
            id = message.PersistenceId;
            try
            {
                writes.Add(_writer.WriteAsync(Rows(message)));
                rejections.Add(null!);
            }
            catch (System.Runtime.Serialization.SerializationException e)
            {
                isRejected = true;
                rejections.Add(e);
            }
        }

        if (writes.Count > 0)
        {
            var all = writes.Count == 1 ? writes[0] : Task.WhenAll(writes);
            _underWay[id!] = all;
            try
            {
                await all.ConfigureAwait(false);
            }
            finally
            {
                _underWay.TryRemove(KeyValuePair.Create(id!, all));
            }
        }

        return isRejected ? rejections.ToImmutable() : null!;
    }

    private List<JournalRow> Rows(AtomicWrite write)
    {
        var rows = new List<JournalRow>(1);
        foreach (var entry in (IImmutableList<IPersistentRepresentation>)write.Payload)
        {
            var serializer = _serialization.FindSerializerFor(entry.Payload);
            rows.Add(new JournalRow(
                entry.PersistenceId,
                entry.SequenceNr,
                serializer.ToBinary(entry.Payload),
                AkkaSerialization.ManifestFor(serializer, entry.Payload),
                serializer.Identifier));
        }

        return rows;
    }
}
