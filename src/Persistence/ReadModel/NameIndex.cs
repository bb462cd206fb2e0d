using System.Data.Common;
using AkkaChat.Persistence.Database;
using Dapper;

namespace AkkaChat.Persistence.ReadModel;

/// <summary>
/// The words of users' names, in a table of their own, since both databases find the beginning of a word by an index. Whoever searches first takes up the
/// names that are new or have changed, whoever changed them: it costs one look into an index that is almost always empty.
/// </summary>
internal sealed class NameIndex(IDatabase database)
{
    private const int Batch = 500;

    /// <summary>The words of a name, without what is neither a letter nor a digit, and the name as a whole.</summary>
    public static IEnumerable<string> Words(string name)
    {
        var text = SearchText.Normalize(name);
        var words = text.Split(' ').SelectMany(word => new[] { word }.Concat(Parts(word)));
        return words.Select(word => word.TrimStart('@')).Where(word => word.Length > 0).Distinct(StringComparer.Ordinal);
    }

    public async Task EnsureAsync(CancellationToken cancellationToken)
    {
        while (await TakeUpAsync(cancellationToken).ConfigureAwait(false) == Batch)
        {
        }
    }

    private static string[] Parts(string word) =>
        new string([.. word.Select(c => char.IsPunctuation(c) ? ' ' : c)]).Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private async Task<int> TakeUpAsync(CancellationToken cancellationToken)
    {
        var names = (await database.ReadAsync(
            connection => connection.QueryAsync<(string Id, string Username, string DisplayName)>(new CommandDefinition(
                $"""
                SELECT id, username, display_name FROM account WHERE indexed_name IS NULL OR indexed_name <> display_name
                ORDER BY id LIMIT {Batch}
                """,
                cancellationToken: cancellationToken)),
            cancellationToken).ConfigureAwait(false)).AsList();
        if (names.Count > 0)
        {
            await database.WriteAsync(
                async (connection, transaction) =>
                {
                    await WriteAsync(connection, transaction, names, cancellationToken).ConfigureAwait(false);
                    return names.Count;
                },
                cancellationToken).ConfigureAwait(false);
        }

        return names.Count;
    }

    /// <summary>The accounts' rows first: they are the locks of their words, and are taken in the order of their ids.</summary>
    private static async Task WriteAsync(
        DbConnection connection,
        DbTransaction transaction,
        List<(string Id, string Username, string DisplayName)> names,
        CancellationToken cancellationToken)
    {
        RowColumn[] ids = [RowColumn.Text("id", names.Select(name => name.Id))];
        await MultiRow.ExecuteAsync(
            connection,
            transaction,
            rows => $"UPDATE account SET indexed_name = v.name FROM {rows} WHERE account.id = v.id",
            [.. ids, RowColumn.Text("name", names.Select(name => name.DisplayName))],
            cancellationToken).ConfigureAwait(false);
        await MultiRow.ExecuteAsync(
            connection,
            transaction,
            rows => $"DELETE FROM account_word WHERE user_id IN (SELECT v.id FROM {rows})",
            ids,
            cancellationToken).ConfigureAwait(false);
        var words = names.SelectMany(name => Words(name.Username).Concat(Words(name.DisplayName)).Distinct().Select(word => (name.Id, Word: word))).ToList();
        await MultiRow.InsertAsync(
            connection,
            transaction,
            "account_word",
            [RowColumn.Text("word", words.Select(row => row.Word)), RowColumn.Text("user_id", words.Select(row => row.Id))],
            "ON CONFLICT (word, user_id) DO NOTHING",
            cancellationToken).ConfigureAwait(false);
    }
}
