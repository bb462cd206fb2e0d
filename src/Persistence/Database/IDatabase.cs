using System.Data.Common;

namespace AkkaChat.Persistence.Database;

/// <summary>
/// The node's relational store. SQL is what PostgreSQL and SQLite share (<c>ON CONFLICT</c>, <c>RETURNING</c>, <c>@p</c> parameters).
/// Times are stored as milliseconds since the Unix epoch.
/// </summary>
public interface IDatabase
{
    DatabaseProvider Provider { get; }

    /// <summary>Connection string of the main store, with time-outs and pool sizes applied. It may hold a password: never log it.</summary>
    string ConnectionString { get; }

    /// <summary>Connection string for the journal: <c>journal.db</c> with SQLite, else <see cref="ConnectionString"/>.</summary>
    string JournalConnectionString { get; }

    /// <summary>Connection string for snapshots: <c>snapshots.db</c> with SQLite, else <see cref="ConnectionString"/>.</summary>
    string SnapshotConnectionString { get; }

    /// <summary>Opens a connection for reading; the caller disposes it. Write through <see cref="WriteAsync{T}"/>.</summary>
    ValueTask<DbConnection> OpenAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Runs <paramref name="read"/> on a connection. When the connection turns out dead (the server restarted), the pool is cleared and
    /// <paramref name="read"/> runs again on a fresh one, at most three times in all.
    /// </summary>
    Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> read, CancellationToken cancellationToken);

    /// <summary>
    /// Runs <paramref name="write"/> in a transaction and commits it; an exception rolls back. With SQLite, writes of the process take
    /// turns, since the file has one writer. <paramref name="write"/> runs again when the connection is lost or the transaction is
    /// chosen as a deadlock's victim before the commit is sent, so it must not have effects of its own. A connection lost during the
    /// commit is thrown on: its outcome is not known.
    /// </summary>
    Task<T> WriteAsync<T>(Func<DbConnection, DbTransaction, Task<T>> write, CancellationToken cancellationToken);
}
