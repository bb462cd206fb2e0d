using AkkaChat.Persistence.Database;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AkkaChat.Persistence.Backup;

/// <summary>
/// Copies the SQLite files of one moment, while the server runs. The journal is locked only for the moment in which a reader of each file
/// begins: so the other files never know of more than the journal holds.
/// </summary>
internal static class SqliteBackup
{
    /// <param name="folder">Gets the files under the names that the data folder has for them.</param>
    /// <exception cref="IOException">The data folder has no database.</exception>
    public static async Task CopyAsync(SqliteDatabase database, string folder, CancellationToken cancellationToken)
    {
        string[] sources = [database.JournalConnectionString, database.ConnectionString, database.SnapshotConnectionString];
        if (sources.FirstOrDefault(source => !File.Exists(FileOf(source))) is { } missing)
        {
            throw new IOException($"{FileOf(missing)} is not there: is {DatabaseOptions.SectionName}:{nameof(DatabaseOptions.DataFolder)} (DATA) right?");
        }

        var readers = new List<SqliteConnection>();
        try
        {
            await using (var writer = await OpenAsync(database.JournalConnectionString, cancellationToken).ConfigureAwait(false))
            {
                // BEGIN IMMEDIATE.
                await using var held = await writer
                    .BeginTransactionAsync(System.Data.IsolationLevel.Serializable, cancellationToken).ConfigureAwait(false);
                foreach (var source in sources)
                {
                    var reader = await OpenAsync(source, cancellationToken).ConfigureAwait(false);
                    readers.Add(reader);
                    // A transaction reads from its first statement on.
                    await reader.ExecuteAsync("BEGIN DEFERRED").ConfigureAwait(false);
                    await reader.ExecuteScalarAsync<long>("SELECT count(*) FROM sqlite_master").ConfigureAwait(false);
                }
            }

            foreach (var reader in readers)
            {
                await CopyAsync(reader, Path.Combine(folder, Path.GetFileName(reader.DataSource))).ConfigureAwait(false);
            }
        }
        finally
        {
            foreach (var reader in readers)
            {
                await reader.DisposeAsync().ConfigureAwait(false);
            }
        }

        // Whoever starts on the copy begins another epoch.
        await using var copy = await OpenAsync(
            Unpooled(Path.Combine(folder, Path.GetFileName(FileOf(database.ConnectionString)))), cancellationToken).ConfigureAwait(false);
        await copy.ExecuteAsync("DELETE FROM installation").ConfigureAwait(false);
        await CloseAsync(copy).ConfigureAwait(false);
    }

    private static async Task CopyAsync(SqliteConnection reader, string file)
    {
        await using var copy = await OpenAsync(Unpooled(file), CancellationToken.None).ConfigureAwait(false);
        reader.BackupDatabase(copy);
        await CloseAsync(copy).ConfigureAwait(false);
    }

    /// <summary>All of it in the one file, without a log beside it.</summary>
    private static Task<string?> CloseAsync(SqliteConnection copy) => copy.ExecuteScalarAsync<string>("PRAGMA journal_mode = DELETE");

    private static string FileOf(string connectionString) => new SqliteConnectionStringBuilder(connectionString).DataSource;

    private static string Unpooled(string file) => new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString();

    private static async Task<SqliteConnection> OpenAsync(string connectionString, CancellationToken cancellationToken)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder(connectionString) { Pooling = false }.ToString());
        await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
        return connection;
    }
}
