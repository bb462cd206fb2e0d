using System.Data;
using System.Data.Common;
using System.Threading.Channels;
using AkkaChat.Messages.Telemetry;
using AkkaChat.Persistence.Database;
using Microsoft.Data.Sqlite;
using Npgsql;
using NpgsqlTypes;

namespace AkkaChat.Persistence.Journal;

/// <summary>A journal row to write.</summary>
internal sealed record JournalRow(string PersistenceId, long SequenceNr, byte[] Message, string Manifest, int SerializerId);

/// <summary>
/// Appends to the journal. Writes that arrive while the database is busy go into the next statement, all rooms together, so they share one
/// commit. A write completes when it is durable. A write that violates the fence fails alone and the rest of its batch is written; any
/// other failure fails the whole batch with an unknown outcome.
/// </summary>
internal sealed class JournalWriter
{
    private const int MaxBatchWrites = 100;
    private const int MaxBatchBytes = 1024 * 1024;

    /// <summary>Writes that may wait. Each room has at most one in flight.</summary>
    private const int Capacity = 10_000;

    // With two, the next batch is sent while the previous one commits. SQLite has one writer.
    private const int PostgresWriters = 2;

    private readonly Channel<Write> _waiting = Channel.CreateBounded<Write>(Capacity);

    public JournalWriter(IDatabase database)
    {
        var postgres = database.Provider == DatabaseProvider.Postgres;
        for (var i = 0; i < (postgres ? PostgresWriters : 1); i++)
        {
            _ = Task.Run(async () =>
            {
                await using IJournalAppender appender = database is SqliteDatabase sqlite
                    ? new SqliteAppender(sqlite)
                    : new PostgresAppender(database.JournalConnectionString);
                await RunAsync(appender).ConfigureAwait(false);
            });
        }
    }

    /// <summary>Writes the rows, all or none.</summary>
    /// <exception cref="InvalidOperationException">The queue is full, or the journal has stopped: nothing was written.</exception>
    public Task WriteAsync(List<JournalRow> rows)
    {
        var write = new Write(rows);
        if (!_waiting.Writer.TryWrite(write))
        {
            write.Done.SetException(new InvalidOperationException("The journal takes no further write: too many wait, or it has ended."));
        }

        else
        {
            ChatMetrics.JournalWaiting.Add(1);
        }

        return write.Done.Task;
    }

    /// <summary>Queued writes are still written.</summary>
    public void Complete() => _waiting.Writer.TryComplete();

    private async Task RunAsync(IJournalAppender appender)
    {
        var batch = new List<Write>();
        while (await _waiting.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            var bytes = 0;
            while (batch.Count < MaxBatchWrites && bytes < MaxBatchBytes && _waiting.Reader.TryRead(out var write))
            {
                batch.Add(write);
                bytes += write.Bytes;
            }

            if (batch.Count > 0)
            {
                await AppendAsync(appender, batch).ConfigureAwait(false);
                ChatMetrics.JournalWaiting.Add(-batch.Count);
                batch.Clear();
            }
        }
    }

    private static async Task AppendAsync(IJournalAppender appender, List<Write> batch)
    {
        var started = ChatMetrics.JournalWriteDuration.Start();
        try
        {
            List<JournalRow> rows = [.. batch.SelectMany(write => write.Rows)];
            await appender.AppendAsync(rows).ConfigureAwait(false);
            ChatMetrics.JournalWriteDuration.RecordSince(started);
            ChatMetrics.JournalWriteRows.Record(rows.Count);
        }
        catch (Exception e) when (batch.Count > 1 && DataErrors.IsCausedByData(e))
        {
            // Nothing of the batch was written. One room was fenced; the others must not restart because of it.
            foreach (var write in batch)
            {
                await AppendAsync(appender, [write]).ConfigureAwait(false);
            }

            return;
        }
        catch (Exception e)
        {
            batch.ForEach(write => write.Done.SetException(e));
            return;
        }

        batch.ForEach(write => write.Done.SetResult());
    }

    private sealed class Write(List<JournalRow> rows)
    {
        public List<JournalRow> Rows { get; } = rows;

        public int Bytes { get; } = rows.Sum(row => row.Message.Length);

        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

/// <summary>Appends rows in one transaction. Used by one caller at a time.</summary>
internal interface IJournalAppender : IAsyncDisposable
{
    Task AppendAsync(IReadOnlyList<JournalRow> rows);
}

/// <summary>One statement over arrays, whatever the number of rows, is its own transaction: one round trip a commit.</summary>
internal sealed class PostgresAppender : IJournalAppender
{
    private const string Sql = """
        INSERT INTO journal (created, deleted, persistence_id, sequence_number, message, tags, manifest, identifier)
        SELECT $1, false, v.id, v.nr, v.message, '', v.manifest, v.identifier
        FROM unnest($2, $3, $4, $5, $6) AS v (id, nr, message, manifest, identifier)
        """;

    private readonly NpgsqlDataSource _dataSource;

    public PostgresAppender(string connectionString) => _dataSource = NpgsqlDataSource.Create(
        new NpgsqlConnectionStringBuilder(connectionString) { ApplicationName = "akkachat-journal", MaxPoolSize = 1 });

    public async Task AppendAsync(IReadOnlyList<JournalRow> rows)
    {
        try
        {
            await using var command = _dataSource.CreateCommand(Sql);
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = TimeProvider.System.GetUtcNow().UtcTicks });
            Add(command, NpgsqlDbType.Text, rows, row => row.PersistenceId);
            Add(command, NpgsqlDbType.Bigint, rows, row => row.SequenceNr);
            Add(command, NpgsqlDbType.Bytea, rows, row => row.Message);
            Add(command, NpgsqlDbType.Text, rows, row => row.Manifest);
            Add(command, NpgsqlDbType.Integer, rows, row => row.SerializerId);
            await command.ExecuteNonQueryAsync().ConfigureAwait(false);
        }
        catch (NpgsqlException e) when (PostgresDatabase.IsConnectionLost(e))
        {
            // Otherwise the pool would hand out connections that died with the server.
            _dataSource.Clear();
            throw;
        }
    }

    public ValueTask DisposeAsync() => _dataSource.DisposeAsync();

    private static void Add<T>(NpgsqlCommand command, NpgsqlDbType type, IReadOnlyList<JournalRow> rows, Func<JournalRow, T> value)
    {
        var values = new T[rows.Count];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = value(rows[i]);
        }

        command.Parameters.Add(new NpgsqlParameter<T[]> { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | type });
    }
}

/// <summary>One statement per row, since there is no round trip to save; the commit is the only sync.</summary>
internal sealed class SqliteAppender(SqliteDatabase database) : IJournalAppender
{
    private const string Sql = """
        INSERT INTO journal (created, deleted, persistence_id, sequence_number, message, tags, manifest, identifier)
        VALUES (@created, 0, @id, @nr, @message, '', @manifest, @identifier)
        """;

    private DbConnection? _connection;

    public async Task AppendAsync(IReadOnlyList<JournalRow> rows)
    {
        try
        {
            var connection = _connection ??= await database
                .OpenAsync(database.JournalConnectionString, CancellationToken.None).ConfigureAwait(false);
            await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.Serializable).ConfigureAwait(false);
            await using var command = (SqliteCommand)connection.CreateCommand();
            command.CommandText = Sql;
            command.Transaction = (SqliteTransaction)transaction;
            foreach (var row in rows)
            {
                command.Parameters.Clear();
                command.Parameters.AddWithValue("@created", TimeProvider.System.GetUtcNow().UtcTicks);
                command.Parameters.AddWithValue("@id", row.PersistenceId);
                command.Parameters.AddWithValue("@nr", row.SequenceNr);
                command.Parameters.AddWithValue("@message", row.Message);
                command.Parameters.AddWithValue("@manifest", row.Manifest);
                command.Parameters.AddWithValue("@identifier", row.SerializerId);
                await command.ExecuteNonQueryAsync().ConfigureAwait(false);
            }

            await transaction.CommitAsync().ConfigureAwait(false);
        }
        catch (SqliteException e) when (!DataErrors.IsCausedByData(e))
        {
            await DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is { } connection)
        {
            _connection = null;
            await connection.DisposeAsync().ConfigureAwait(false);
        }
    }
}
