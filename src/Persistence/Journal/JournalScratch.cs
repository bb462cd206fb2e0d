using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.Database;
using Dapper;

namespace AkkaChat.Persistence.Journal;

/// <summary>Throw-away journals of rooms that nobody can reach. Queries for rooms in the journal skip them.</summary>
public sealed class JournalScratch(IDatabase database)
{
    private const string Prefix = "scratch_";

    /// <summary>An id in the form of a room's that no room has.</summary>
    public static RoomId NewId() => new($"{Prefix}{Guid.NewGuid():N}");

    /// <exception cref="ArgumentException">The id is a room's.</exception>
    public async Task RemoveAsync(RoomId scratch, CancellationToken cancellationToken)
    {
        if (!scratch.Value.StartsWith(Prefix, StringComparison.Ordinal))
        {
            throw new ArgumentException("The rows of a room are never removed.", nameof(scratch));
        }

        await database.WithJournalAsync(
            connection => connection.ExecuteAsync(new CommandDefinition(
                "DELETE FROM journal WHERE persistence_id = @id", new { id = scratch.Value }, cancellationToken: cancellationToken)),
            cancellationToken).ConfigureAwait(false);
    }
}
