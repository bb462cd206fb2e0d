using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;

namespace AkkaChat.Persistence.Database;

/// <summary>
/// SQLite for a single process: <c>akkachat.db</c>, <c>journal.db</c> and <c>snapshots.db</c> in one folder, since a file has one writer
/// at a time and the journal must not wait for other writes. Microsoft.Data.Sqlite works synchronously beneath its async methods: a call holds its thread
/// for as long as the disk takes.
/// </summary>
public sealed class SqliteDatabase : IDatabase, IDisposable
{
    // Callers wait in turn, at most for the time-out; then the write is refused.
    private readonly SemaphoreSlim _writer = new(1, 1);
    private readonly TimeSpan _writerTimeout;
    private readonly int _busyTimeoutMilliseconds;

    public SqliteDatabase(IOptions<DatabaseOptions> options)
    {
        var value = options.Value;
        _writerTimeout = TimeSpan.FromSeconds(value.CommandTimeoutSeconds);
        _busyTimeoutMilliseconds = value.BusyTimeoutMilliseconds;
        DataFolder = Path.GetFullPath(value.DataFolder);
        ConnectionString = ForFile("akkachat.db", value);
        JournalConnectionString = ForFile("journal.db", value);
        SnapshotConnectionString = ForFile("snapshots.db", value);
    }

    public DatabaseProvider Provider => DatabaseProvider.Sqlite;

    public string DataFolder { get; }

    public string ConnectionString { get; }

    public string JournalConnectionString { get; }

    public string SnapshotConnectionString { get; }

    public ValueTask<DbConnection> OpenAsync(CancellationToken cancellationToken) => OpenAsync(ConnectionString, cancellationToken);

    public async Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> read, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        return await read(connection).ConfigureAwait(false);
    }

    public async Task<T> WriteAsync<T>(Func<DbConnection, DbTransaction, Task<T>> write, CancellationToken cancellationToken)
    {
        if (!await _writer.WaitAsync(_writerTimeout, cancellationToken).ConfigureAwait(false))
        {
            throw new TimeoutException($"The SQLite writer was busy for {_writerTimeout.TotalSeconds:0} s.");
        }

        try
        {
            await using var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
            // Serializable is BEGIN IMMEDIATE: the write lock is taken at once, so a read followed by a write cannot fail with BUSY.
            await using var transaction = await connection
                .BeginTransactionAsync(System.Data.IsolationLevel.Serializable, cancellationToken).ConfigureAwait(false);
            var result = await write(connection, transaction).ConfigureAwait(false);
            await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
            return result;
        }
        finally
        {
            _writer.Release();
        }
    }

    /// <summary>Opens any of the three files and makes sure that a commit on it is durable.</summary>
    internal async ValueTask<DbConnection> OpenAsync(string connectionString, CancellationToken cancellationToken)
    {
        var connection = new SqliteConnection(connectionString);
        try
        {
            await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
            await ApplyPragmasAsync(connection, cancellationToken).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public void Dispose() => _writer.Dispose();

    // Pragmas other than journal_mode belong to the connection and not to the file, so each open sets them and reads them back.
    private async Task ApplyPragmasAsync(SqliteConnection connection, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandText =
            $"PRAGMA busy_timeout = {_busyTimeoutMilliseconds}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; "
            + "PRAGMA foreign_keys = ON; PRAGMA synchronous; PRAGMA foreign_keys;";
        var answers = new List<string>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        do
        {
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                answers.Add(reader.GetString(0));
            }
        }
        while (await reader.NextResultAsync(cancellationToken).ConfigureAwait(false));

        if (answers is not [_, "wal", "2", "1"])
        {
            throw new InvalidOperationException(
                $"SQLite did not accept WAL, synchronous=FULL and foreign keys on {connection.DataSource}: {string.Join(", ", answers)}.");
        }
    }

    private string ForFile(string file, DatabaseOptions options) =>
        new SqliteConnectionStringBuilder
        {
            DataSource = Path.Combine(DataFolder, file),
            Mode = SqliteOpenMode.ReadWriteCreate,
            ForeignKeys = true,
            Pooling = true,
            DefaultTimeout = options.CommandTimeoutSeconds,
        }.ToString();
}
