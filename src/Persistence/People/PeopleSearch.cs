using System.Data.Common;
using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.Database;
using AkkaChat.Persistence.ReadModel;
using Dapper;

namespace AkkaChat.Persistence.People;

/// <summary>Finds users by the beginnings of their names, ignoring case and accents.</summary>
/// <remarks>
/// The words of names are a table of their own, since both databases find a beginning by an index. A search first takes up the names that are new
/// or have changed, whoever changed them; it costs one look into an index that is almost always empty.
/// </remarks>
public sealed class PeopleSearch(IDatabase database)
{
    private const int MaxTerms = 4;
    private const int IndexBatch = 500;

    /// <summary>No word begins with it, so that all that begin with a term are below the term with this behind it.</summary>
    private const string AfterAll = "\U0010FFFF";

    /// <summary>Every word of <paramref name="text"/> begins a word of the display name or of the username, or the username itself.</summary>
    /// <returns>In the order of their usernames; none where there is no word in the text.</returns>
    public async Task<Page<UserId>> FindAsync(string text, string? cursor, int limit, CancellationToken cancellationToken)
    {
        var terms = Words(text).Take(MaxTerms).ToList();
        if (terms.Count == 0)
        {
            return new Page<UserId>([], null);
        }

        await IndexAsync(cancellationToken).ConfigureAwait(false);
        var count = Math.Clamp(limit, 1, IRoomDirectory.MaxPage);
        var parameters = new DynamicParameters(new { after = PageCursor.Parse(cursor)?.Id, limit = count + 1 });
        for (var i = 0; i < terms.Count; i++)
        {
            parameters.Add($"from{i}", terms[i]);
            parameters.Add($"to{i}", terms[i] + AfterAll);
        }

        var matches = terms.Select((_, i) => $"a.id IN (SELECT user_id FROM account_word WHERE word >= @from{i} AND word < @to{i})");
        var rows = (await database.ReadAsync(
            connection => connection.QueryAsync<(string Id, string Key)>(new CommandDefinition(
                $"""
                SELECT a.id, a.username_key FROM account a
                WHERE {string.Join(" AND ", matches)} AND (@after IS NULL OR a.username_key > @after)
                ORDER BY a.username_key LIMIT @limit
                """,
                parameters,
                cancellationToken: cancellationToken)),
            cancellationToken).ConfigureAwait(false)).AsList();
        return PageCursor.Page(rows, count, row => new UserId(row.Id), row => new PageCursor(0, row.Key));
    }

    /// <summary>The words of a name, without what is neither a letter nor a digit, and the name as a whole.</summary>
    internal static IEnumerable<string> Words(string name)
    {
        var text = SearchText.Normalize(name);
        var words = text.Split(' ').SelectMany(word => new[] { word }.Concat(Parts(word)));
        return words.Select(word => word.TrimStart('@')).Where(word => word.Length > 0).Distinct(StringComparer.Ordinal);
    }

    private static string[] Parts(string word) =>
        new string([.. word.Select(c => c == '.' || c == '_' || char.IsPunctuation(c) ? ' ' : c)]).Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private async Task IndexAsync(CancellationToken cancellationToken)
    {
        while (await IndexBatchAsync(cancellationToken).ConfigureAwait(false) == IndexBatch)
        {
        }
    }

    private async Task<int> IndexBatchAsync(CancellationToken cancellationToken)
    {
        var names = (await database.ReadAsync(
            connection => connection.QueryAsync<(string Id, string Username, string DisplayName)>(new CommandDefinition(
                $"""
                SELECT id, username, display_name FROM account WHERE indexed_name IS NULL OR indexed_name <> display_name
                ORDER BY id LIMIT {IndexBatch}
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
