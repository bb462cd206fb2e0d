using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.Database;
using AkkaChat.Persistence.ReadModel;
using Dapper;

namespace AkkaChat.Persistence.Search;

/// <summary>What others see of a user.</summary>
/// <param name="Avatar">Null where there is none.</param>
public sealed record FoundPerson(UserId Id, string Username, string DisplayName, FileId? Avatar);

/// <summary>Finds people by any part of their username or display name.</summary>
public sealed class PeopleSearch(IDatabase database)
{
    public const int MaxPage = 50;

    private const string Sql = """
        SELECT id AS Id, username AS Username, display_name AS DisplayName, avatar AS Avatar, username_key AS UsernameKey
        FROM account
        WHERE (username_key LIKE @pattern ESCAPE '\' OR lower(display_name) LIKE @pattern ESCAPE '\' OR display_name LIKE @typed ESCAPE '\')
            AND (@after IS NULL OR username_key > @after)
        ORDER BY username_key
        LIMIT @limit
        """;

    /// <param name="cursor">Of the page before; null: the first page.</param>
    public Task<Page<FoundPerson>> FindAsync(string text, string? cursor, int limit, CancellationToken cancellationToken = default)
    {
        var count = Math.Clamp(limit, 1, MaxPage);
        return database.ReadAsync(
            async connection =>
            {
                var rows = (await connection.QueryAsync<Row>(new CommandDefinition(
                    Sql,
                    new
                    {
                        pattern = SearchText.Pattern(text),
                        typed = SearchText.PatternAsTyped(text),
                        after = PageCursor.Parse(cursor)?.Id,
                        limit = count + 1,
                    },
                    cancellationToken: cancellationToken)).ConfigureAwait(false)).AsList();
                return PageCursor.Page(rows, count, row => row.ToPerson(), row => new PageCursor(0, row.UsernameKey));
            },
            cancellationToken);
    }

    private sealed class Row
    {
        public string Id { get; set; } = "";

        public string Username { get; set; } = "";

        public string DisplayName { get; set; } = "";

        public string? Avatar { get; set; }

        public string UsernameKey { get; set; } = "";

        public FoundPerson ToPerson() => new(new UserId(Id), Username, DisplayName, string.IsNullOrEmpty(Avatar) ? null : new FileId(Avatar));
    }
}
