using System.Data.Common;
using System.Globalization;
using Npgsql;

namespace AkkaChat.Persistence.Database;

/// <param name="Type">The PostgreSQL type of one value.</param>
/// <param name="Values">An array of <see cref="string"/>, <see cref="long"/> or byte arrays, one value a row.</param>
internal sealed record RowColumn(string Name, string Type, Array Values)
{
    public static RowColumn Text(string name, IEnumerable<string> values) => new(name, "text", values.ToArray());

    public static RowColumn Number(string name, IEnumerable<long> values) => new(name, "bigint", values.ToArray());

    public static RowColumn Bytes(string name, IEnumerable<byte[]> values) => new(name, "bytea", values.ToArray());
}

/// <summary>
/// Runs a statement over many rows: with PostgreSQL once over arrays, so that its text does not depend on their number; with SQLite, which
/// has no round trip to save, once a row.
/// </summary>
internal static class MultiRow
{
    /// <param name="suffix">What follows the values, such as <c>ON CONFLICT …</c>.</param>
    public static Task InsertAsync(
        DbConnection connection,
        DbTransaction transaction,
        string table,
        IReadOnlyList<RowColumn> columns,
        string suffix,
        CancellationToken cancellationToken) =>
        ExecuteAsync(connection, transaction, rows => Insert(table, columns, rows, suffix), columns, cancellationToken);

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
        await using var command = Command(connection, transaction, rows => Insert(table, columns, rows, suffix), columns);
        for (var row = 0; row < Executions(connection, columns); row++)
        {
            SetRow(command, columns, row);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                result.Add(new KeyValuePair<string, long>(reader.GetString(0), reader.GetInt64(1)));
            }
        }

        return result;
    }

    /// <param name="statement">Makes the statement from the rows as a table expression with the columns' names.</param>
    public static async Task ExecuteAsync(
        DbConnection connection,
        DbTransaction transaction,
        Func<string, string> statement,
        IReadOnlyList<RowColumn> columns,
        CancellationToken cancellationToken)
    {
        if (columns[0].Values.Length == 0)
        {
            return;
        }

        await using var command = Command(connection, transaction, statement, columns);
        for (var row = 0; row < Executions(connection, columns); row++)
        {
            SetRow(command, columns, row);
            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    // "WHERE true" keeps SQLite from reading ON CONFLICT as the ON of a join.
    private static string Insert(string table, IReadOnlyList<RowColumn> columns, string rows, string suffix)
    {
        var names = string.Join(", ", columns.Select(column => column.Name));
        return $"INSERT INTO {table} ({names}) SELECT {names} FROM {rows} WHERE true {suffix}";
    }

    private static DbCommand Command(
        DbConnection connection,
        DbTransaction transaction,
        Func<string, string> statement,
        IReadOnlyList<RowColumn> columns)
    {
        var postgres = connection is NpgsqlConnection;
        var rows = postgres
            ? $"unnest({string.Join(", ", columns.Select((c, i) => $"@p{i}::{c.Type}[]"))}) AS v ({string.Join(", ", columns.Select(c => c.Name))})"
            : $"(SELECT {string.Join(", ", columns.Select((c, i) => $"@p{i} AS {c.Name}"))}) AS v";
        var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = statement(rows);
        for (var i = 0; i < columns.Count; i++)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = string.Create(CultureInfo.InvariantCulture, $"@p{i}");
            parameter.Value = postgres ? columns[i].Values : columns[i].Values.GetValue(0);
            command.Parameters.Add(parameter);
        }

        return command;
    }

    private static int Executions(DbConnection connection, IReadOnlyList<RowColumn> columns) =>
        connection is NpgsqlConnection ? 1 : columns[0].Values.Length;

    private static void SetRow(DbCommand command, IReadOnlyList<RowColumn> columns, int row)
    {
        if (command is NpgsqlCommand)
        {
            return;
        }

        for (var i = 0; i < columns.Count; i++)
        {
            command.Parameters[i].Value = columns[i].Values.GetValue(row);
        }
    }
}
