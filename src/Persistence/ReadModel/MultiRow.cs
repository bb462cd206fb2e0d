using System.Data.Common;
using System.Globalization;
using Npgsql;

namespace AkkaChat.Persistence.ReadModel;

/// <param name="Type">The PostgreSQL type of one value.</param>
/// <param name="Values">An array of <see cref="string"/>, <see cref="long"/> or byte arrays, one value a row.</param>
internal sealed record RowColumn(string Name, string Type, Array Values)
{
    public static RowColumn Text(string name, IEnumerable<string> values) => new(name, "text", values.ToArray());

    public static RowColumn Number(string name, IEnumerable<long> values) => new(name, "bigint", values.ToArray());

    public static RowColumn Bytes(string name, IEnumerable<byte[]> values) => new(name, "bytea", values.ToArray());
}

/// <summary>
/// Inserts many rows: with PostgreSQL in one statement over arrays, whose text does not depend on their number; with SQLite, which has no
/// round trip to save, by one prepared statement a row.
/// </summary>
internal static class MultiRow
{
    /// <param name="suffix">What follows the values, such as <c>ON CONFLICT …</c>.</param>
    public static async Task InsertAsync(
        DbConnection connection,
        DbTransaction transaction,
        string table,
        IReadOnlyList<RowColumn> columns,
        string suffix,
        CancellationToken cancellationToken)
    {
        if (columns[0].Values.Length == 0)
        {
            return;
        }

        await using var command = Command(connection, transaction, table, columns, suffix);
        if (connection is NpgsqlConnection)
        {
            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            return;
        }

        for (var row = 0; row < columns[0].Values.Length; row++)
        {
            SetRow(command, columns, row);
            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>As <see cref="InsertAsync"/>, reading back the pair of text and number that each row's <c>RETURNING</c> gives.</summary>
    public static async Task<IReadOnlyList<KeyValuePair<string, long>>> InsertReturningAsync(
        DbConnection connection,
        DbTransaction transaction,
        string table,
        IReadOnlyList<RowColumn> columns,
        string suffix,
        CancellationToken cancellationToken)
    {
        var result = new List<KeyValuePair<string, long>>();
        await using var command = Command(connection, transaction, table, columns, suffix);
        var postgres = connection is NpgsqlConnection;
        for (var row = 0; row < (postgres ? 1 : columns[0].Values.Length); row++)
        {
            if (!postgres)
            {
                SetRow(command, columns, row);
            }

            await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                result.Add(new KeyValuePair<string, long>(reader.GetString(0), reader.GetInt64(1)));
            }
        }

        return result;
    }

    private static DbCommand Command(
        DbConnection connection,
        DbTransaction transaction,
        string table,
        IReadOnlyList<RowColumn> columns,
        string suffix)
    {
        var postgres = connection is NpgsqlConnection;
        var names = string.Join(", ", columns.Select(column => column.Name));
        var values = string.Join(", ", columns.Select((column, i) => postgres ? $"@p{i}::{column.Type}[]" : $"@p{i}"));
        var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = postgres
            ? $"INSERT INTO {table} ({names}) SELECT * FROM unnest({values}) {suffix}"
            : $"INSERT INTO {table} ({names}) VALUES ({values}) {suffix}";
        for (var i = 0; i < columns.Count; i++)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = string.Create(CultureInfo.InvariantCulture, $"@p{i}");
            parameter.Value = postgres ? columns[i].Values : columns[i].Values.GetValue(0);
            command.Parameters.Add(parameter);
        }

        return command;
    }

    private static void SetRow(DbCommand command, IReadOnlyList<RowColumn> columns, int row)
    {
        for (var i = 0; i < columns.Count; i++)
        {
            command.Parameters[i].Value = columns[i].Values.GetValue(row);
        }
    }
}
