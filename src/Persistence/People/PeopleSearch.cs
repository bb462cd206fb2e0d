using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.Database;
using AkkaChat.Persistence.ReadModel;
using Dapper;

namespace AkkaChat.Persistence.People;

/// <summary>Finds users by the beginnings of their names, ignoring case and accents.</summary>
public sealed class PeopleSearch(IDatabase database)
{
    private const int MaxTerms = 4;

    /// <summary>No word begins with it, so that all that begin with a term are below the term with this behind it.</summary>
    private const string AfterAll = "\U0010FFFF";

    private readonly NameIndex _names = new(database);

    /// <summary>Every word of <paramref name="text"/> begins a word of the display name or of the username, or the username itself.</summary>
    /// <returns>In the order of their usernames; none where there is no word in the text.</returns>
    public async Task<Page<UserId>> FindAsync(string text, string? cursor, int limit, CancellationToken cancellationToken)
    {
        var terms = NameIndex.Words(text).Take(MaxTerms).ToList();
        if (terms.Count == 0)
        {
            return new Page<UserId>([], null);
        }

        await _names.EnsureAsync(cancellationToken).ConfigureAwait(false);
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
}
