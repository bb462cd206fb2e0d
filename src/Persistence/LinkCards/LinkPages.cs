using System.Text.Json;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.Database;
using Dapper;

namespace AkkaChat.Persistence.LinkCards;

/// <summary>What a link leads to.</summary>
/// <param name="Card">Null if there is nothing to show.</param>
/// <param name="IsPartial">Whether a later fetch may find more.</param>
public sealed record LinkPage(LinkCard? Card, bool IsPartial = false);

/// <summary>A cache of what links lead to, so that a link that many people post is fetched once.</summary>
public sealed class LinkPages(IDatabase database, TimeProvider time)
{
    internal static readonly TimeSpan KeepCard = TimeSpan.FromHours(24);
    private static readonly TimeSpan KeepLittle = TimeSpan.FromHours(1);

    /// <summary>Null if the link is not in the cache, or has expired.</summary>
    public async Task<LinkPage?> FindAsync(string url, CancellationToken cancellationToken)
    {
        var row = await database.ReadAsync(
            connection => connection.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(
                "SELECT card AS Card FROM link_page WHERE url = @url AND expires_at > @now",
                new { url, now = Now },
                cancellationToken: cancellationToken)),
            cancellationToken).ConfigureAwait(false);
        return row is null
            ? null
            : new LinkPage(row.Card is null ? null : JsonSerializer.Deserialize<LinkCard>(row.Card, JsonSerializerOptions.Web));
    }

    /// <summary>
    /// Caches a card for 24 hours; a partial one, and the lack of one, for one hour. With PostgreSQL this does not wait for the disk, since the commits of messages
    /// do: after a crash of the server the page is fetched again.
    /// </summary>
    public Task SaveAsync(string url, LinkPage page, CancellationToken cancellationToken) => database.WriteAsync(
        (connection, transaction) => connection.ExecuteAsync(new CommandDefinition(
            (database.Provider == DatabaseProvider.Postgres ? "SET LOCAL synchronous_commit = off; " : "") + """
            DELETE FROM link_page WHERE expires_at <= @now;
            INSERT INTO link_page (url, card, expires_at) VALUES (@url, @card, @expiresAt)
            ON CONFLICT (url) DO UPDATE SET card = excluded.card, expires_at = excluded.expires_at
            """,
            new
            {
                url,
                card = page.Card is null ? null : JsonSerializer.Serialize(page.Card, JsonSerializerOptions.Web),
                expiresAt = Now + (long)(page.Card is null || page.IsPartial ? KeepLittle : KeepCard).TotalMilliseconds,
                now = Now,
            },
            transaction,
            cancellationToken: cancellationToken)),
        cancellationToken);

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    private sealed class Row
    {
        public string? Card { get; set; }
    }
}
