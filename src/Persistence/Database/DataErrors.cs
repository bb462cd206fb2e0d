using Microsoft.Data.Sqlite;
using Npgsql;

namespace AkkaChat.Persistence.Database;

/// <summary>Distinguishes a statement that the database refused because of its data from a database that is unavailable.</summary>
internal static class DataErrors
{
    /// <summary>Data exceptions and violated constraints: the statement did nothing, and others will succeed.</summary>
    public static bool IsCausedByData(Exception exception) => exception
        is PostgresException { SqlState: ['2', '2' or '3', ..] }
        or SqliteException { SqliteErrorCode: SQLitePCL.raw.SQLITE_CONSTRAINT };
}
