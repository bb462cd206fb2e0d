using System.Globalization;
using Akka.Configuration;
using Akka.Hosting;
using Akka.Persistence.Sql.Config;
using AkkaChat.Persistence.Database;
using LinqToDB;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace AkkaChat.Persistence.Journal;

/// <summary>
/// The event journal and the snapshot store of the rooms: Akka.Persistence.Sql over the tables that the migrations own, with the write path
/// of <see cref="RoomWriteJournal"/>. A room's persistence id is its <c>RoomId</c>; its rows are never deleted and have no tags. The node
/// asks <see cref="JournalFence"/> before it serves.
/// </summary>
public static class RoomJournal
{
    /// <summary>The plugin of the journal, also the default one.</summary>
    public const string JournalPluginId = "akka.persistence.journal.sql";

    /// <summary>The plugin of the snapshot store, also the default one.</summary>
    public const string SnapshotPluginId = "akka.persistence.snapshot-store.sql";

    // Recoveries and snapshots have a pool of their own, so that slow lists cannot take the connections that rooms wait for.
    private const int PostgresPoolSize = 16;

    /// <summary>
    /// Makes the journal and the snapshot store of <paramref name="database"/> the default plugins. The serializers of the rooms' entries
    /// and snapshots come from the type bindings.
    /// </summary>
    public static AkkaConfigurationBuilder WithRoomJournal(this AkkaConfigurationBuilder builder, IDatabase database)
    {
        var setup = new MultiDataOptionsSetup();
        setup.AddDataOptions(JournalPluginId, DataOptions(database, database.JournalConnectionString));
        setup.AddDataOptions(SnapshotPluginId, DataOptions(database, database.SnapshotConnectionString));
        return builder
            .AddSetup(setup)
            .AddSetup(new RoomWriteJournalSetup(database))
            .AddHocon(Configuration(database.Provider), HoconAddMode.Prepend);
    }

    internal static DataOptions DataOptions(IDatabase database, string connectionString)
    {
        if (database.Provider == DatabaseProvider.Postgres)
        {
            var pool = new NpgsqlConnectionStringBuilder(connectionString)
            {
                MaxPoolSize = PostgresPoolSize,
                ApplicationName = "akkachat-journal",
            };
            return new DataOptions().UseConnectionString(ProviderName.PostgreSQL15, pool.ToString());
        }

        // synchronous belongs to the connection, and the plugin opens its own.
        return new DataOptions()
            .UseConnectionString(ProviderName.SQLiteMS, connectionString)
            .UseAfterConnectionOpened(
                connection => SqlitePragmas.Apply((SqliteConnection)connection),
                (connection, cancellationToken) => SqlitePragmas.ApplyAsync((SqliteConnection)connection, cancellationToken));
    }

    private static Config Configuration(DatabaseProvider provider)
    {
        var postgres = provider == DatabaseProvider.Postgres;
        return ConfigurationFactory.ParseString(string.Create(CultureInfo.InvariantCulture, $$"""
            akka.persistence {
              # Each holds a connection of the pool while it reads; snapshots must find one too. JournalWriter has its own.
              max-concurrent-recoveries = {{(postgres ? 8 : 4)}}

              journal {
                plugin = "{{JournalPluginId}}"
                auto-start-journals = ["{{JournalPluginId}}"]
                sql {
                  class = "{{typeof(RoomWriteJournal).FullName}}, {{typeof(RoomWriteJournal).Assembly.GetName().Name}}"
                  plugin-id = "{{JournalPluginId}}"
                  provider-name = "{{(postgres ? ProviderName.PostgreSQL15 : ProviderName.SQLiteMS)}}"
                  auto-initialize = false
                  table-mapping = default
                  # The plugin writes one uuid per node, not per incarnation of an actor: a room that moves from A to B and back to A
                  # would look to the replay filter like an old writer, and never recover. RoomFence names the incarnation.
                  default.journal.use-writer-uuid-column = false
                  tag-write-mode = Csv
                  replay-batch-size = 500
                  use-clone-connection = {{(postgres ? "true" : "false")}}
                  # The reset is short, since a breaker that stays open outlasts a database that is back.
                  circuit-breaker { max-failures = 10, call-timeout = 10s, reset-timeout = 2s }
                  recovery-event-timeout = 20s
                  # Repairing would discard acknowledged events.
                  replay-filter.mode = fail
                }
              }

              snapshot-store {
                plugin = "{{SnapshotPluginId}}"
                auto-start-snapshot-stores = ["{{SnapshotPluginId}}"]
                sql {
                  class = "Akka.Persistence.Sql.Snapshot.SqlSnapshotStore, Akka.Persistence.Sql"
                  plugin-id = "{{SnapshotPluginId}}"
                  provider-name = "{{(postgres ? ProviderName.PostgreSQL15 : ProviderName.SQLiteMS)}}"
                  auto-initialize = false
                  table-mapping = default
                  use-clone-connection = {{(postgres ? "true" : "false")}}
                  # Never opens: from a breaker that is half open the store throws instead of answering, and a room that asked would wait
                  # out recovery-event-timeout. Rooms that cannot start back off.
                  circuit-breaker { max-failures = 2147483647, call-timeout = 20s, reset-timeout = 2s }
                }
              }
            }
            """))
            .WithFallback(Akka.Persistence.Sql.SqlPersistence.DefaultConfiguration);
    }
}

/// <summary>What makes a commit durable on a SQLite connection that the persistence plugin opens for itself.</summary>
internal static class SqlitePragmas
{
    private const string Sql = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;";

    public static void Apply(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = Sql;
        command.ExecuteNonQuery();
    }

    public static async Task ApplyAsync(SqliteConnection connection, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = Sql;
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }
}
