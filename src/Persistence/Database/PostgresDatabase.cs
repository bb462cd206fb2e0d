using System.Data.Common;
using System.Net.Sockets;
using Microsoft.Extensions.Options;
using Npgsql;

namespace AkkaChat.Persistence.Database;

/// <summary>
/// PostgreSQL through one pool a node. Npgsql's pool hands out connections that died with the server (by its design), so a lost
/// connection clears the pool and the work runs again.
/// </summary>
public sealed class PostgresDatabase : IDatabase, IAsyncDisposable, IDisposable
{
    private const int Attempts = 3;

    /// <summary>Statements that a connection keeps prepared.</summary>
    private const int PreparedStatements = 100;

    /// <summary>
    /// A node that vanishes within a transaction (cut off, frozen, without power) leaves its locks behind. A new row of the journal is one:
    /// the room's next incarnation waits for it at its fence, by default until the server notices after two hours. No transaction of ours
    /// pauses between statements, so one that does is rolled back; and a connection without a peer is found. A commit waits for the disk, whatever
    /// the server's configuration becomes while this node runs.
    /// </summary>
    private const string SessionSettings =
        "-c synchronous_commit=on -c idle_in_transaction_session_timeout=3000 -c tcp_keepalives_idle=15 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3";

    private readonly NpgsqlDataSource _dataSource;
    private readonly TimeProvider _time;

    public PostgresDatabase(IOptions<DatabaseOptions> options, TimeProvider time)
    {
        var value = options.Value;
        var connection = new NpgsqlConnectionStringBuilder(value.ConnectionString)
        {
            CommandTimeout = value.CommandTimeoutSeconds,
            Timeout = value.ConnectTimeoutSeconds,
            KeepAlive = value.KeepAliveSeconds,
            MaxPoolSize = value.MaxPoolSize,
            ApplicationName = "akkachat",
            // All statements are ours and few; what runs again is worth a plan of its own.
            MaxAutoPrepare = PreparedStatements,
            AutoPrepareMinUsages = 2,
            // No session of ours keeps anything that a reset would have to remove: settings are LOCAL, and there are no temporary tables.
            NoResetOnClose = true,
        };
        // What the operator sets comes later and wins.
        connection.Options = $"{SessionSettings} {connection.Options}".TrimEnd();
        ConnectionString = connection.ToString();
        _dataSource = NpgsqlDataSource.Create(ConnectionString);
        _time = time;
    }

    public DatabaseProvider Provider => DatabaseProvider.Postgres;

    public string ConnectionString { get; }

    public string JournalConnectionString => ConnectionString;

    public string SnapshotConnectionString => ConnectionString;

    /// <summary>Owned by this object.</summary>
    public NpgsqlDataSource DataSource => _dataSource;

    /// <summary>
    /// True if the connection, or the server behind it, is gone: admin shutdown, crash, starting up, a pause within a transaction, or a
    /// broken socket.
    /// </summary>
    public static bool IsConnectionLost(Exception exception) => exception switch
    {
        PostgresException { SqlState: "57P01" or "57P02" or "57P03" or "25P03" } => true,
        PostgresException => false,
        NpgsqlException { InnerException: IOException or SocketException or ObjectDisposedException } => true,
        _ => false,
    };

    public async ValueTask<DbConnection> OpenAsync(CancellationToken cancellationToken) =>
        await _dataSource.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);

    public async Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> read, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await using var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
                return await read(connection).ConfigureAwait(false);
            }
            catch (NpgsqlException e) when (attempt < Attempts && IsConnectionLost(e))
            {
                await RecoverAsync(e, attempt, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    public async Task<T> WriteAsync<T>(Func<DbConnection, DbTransaction, Task<T>> write, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var committing = false;
            try
            {
                await using var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
                await using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
                var result = await write(connection, transaction).ConfigureAwait(false);
                committing = true;
                await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
                return result;
            }
            catch (NpgsqlException e) when (attempt < Attempts && (IsAborted(e) || (!committing && IsConnectionLost(e))))
            {
                await RecoverAsync(e, attempt, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    public void Dispose() => _dataSource.Dispose();

    public ValueTask DisposeAsync() => _dataSource.DisposeAsync();

    // The server says that it rolled back: a deadlock's victim or a serialization failure.
    private static bool IsAborted(NpgsqlException exception) => exception is PostgresException { SqlState: "40001" or "40P01" };

    private async Task RecoverAsync(NpgsqlException exception, int attempt, CancellationToken cancellationToken)
    {
        if (IsConnectionLost(exception))
        {
            _dataSource.Clear();
        }

        var delay = TimeSpan.FromMilliseconds(100 * attempt);
        await Task.Delay(delay, _time, cancellationToken).ConfigureAwait(false);
    }
}
