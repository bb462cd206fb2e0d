using System.Text.Json;

namespace AkkaChat.Persistence.Database;

/// <summary>"Is one of these", which the databases say differently.</summary>
internal static class RowFilter
{
    public static string Sql(DatabaseProvider provider, string column, string parameter = "ids") =>
        provider == DatabaseProvider.Postgres ? $"{column} = ANY (@{parameter})" : $"{column} IN (SELECT value FROM json_each(@{parameter}))";

    /// <summary>The <c>@ids</c> of <see cref="Sql"/>.</summary>
    public static object Parameter(DatabaseProvider provider, IEnumerable<string> ids) => new { ids = Value(provider, ids) };

    /// <summary>The value of the parameter that <see cref="Sql"/> names.</summary>
    public static object Value(DatabaseProvider provider, IEnumerable<string> ids) =>
        provider == DatabaseProvider.Postgres ? ids.ToArray() : JsonSerializer.Serialize(ids);

    /// <summary>The same for numbers.</summary>
    public static object Value(DatabaseProvider provider, IEnumerable<long> numbers) =>
        provider == DatabaseProvider.Postgres ? numbers.ToArray() : JsonSerializer.Serialize(numbers);
}
