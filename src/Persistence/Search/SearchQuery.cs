namespace AkkaChat.Persistence.Search;

/// <summary>What somebody looks for, understood.</summary>
/// <param name="Terms">Folded texts, all of which a message has.</param>
/// <param name="Excluded">Folded texts, none of which it has.</param>
/// <param name="From">Usernames, or ids, one of which wrote it; empty: anybody.</param>
/// <param name="In">Rooms' folded names, or ids, one of which has it; empty: any.</param>
/// <param name="Has">All of these.</param>
/// <param name="Since">Milliseconds since 1970; included.</param>
/// <param name="Until">Milliseconds since 1970; excluded.</param>
public sealed record SearchQuery(
    IReadOnlyList<string> Terms,
    IReadOnlyList<string> Excluded,
    IReadOnlyList<string> From,
    IReadOnlyList<string> In,
    MessageParts Has,
    long Since,
    long Until)
{
    public const int MaxLength = 400;

    /// <summary>Words and filters together.</summary>
    public const int MaxParts = 32;

    /// <summary>Allowed before a colon.</summary>
    public static readonly IReadOnlyList<string> Filters = ["from", "in", "before", "after", "on", "has"];

    /// <summary>Allowed after <c>has:</c>.</summary>
    public static readonly IReadOnlyList<string> Parts = ["file", "image", "link"];
}

/// <summary>A query, or in a sentence for people why it is none.</summary>
public sealed record ParsedQuery(SearchQuery? Query, string? Error);
