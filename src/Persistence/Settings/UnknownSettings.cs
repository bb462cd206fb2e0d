using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace AkkaChat.Persistence.Settings;

/// <summary>Stands for everything under <c>AkkaChat</c>, whichever section it is in.</summary>
internal sealed class AllSettings
{
    public const string Root = "AkkaChat";
}

/// <summary>Refuses keys that nothing reads: a typo must not leave a default in force unnoticed. Names the nearest key that exists.</summary>
internal sealed class UnknownSettings(IConfiguration configuration, IEnumerable<SettingSection> sections) : IValidateOptions<AllSettings>
{
    private readonly SettingKey[] _keys = [.. sections.Where(s => s.Type is not null).SelectMany(s => SettingKeys.Of(s.Name, s.Type!))];
    private readonly string[] _typed = [.. sections.Where(s => s.Type is not null).Select(s => s.Name).Distinct()];
    private readonly string[] _untyped = [.. sections.Where(s => s.Type is null).Select(s => s.Name).Distinct()];

    public ValidateOptionsResult Validate(string? name, AllSettings options)
    {
        var errors = configuration.GetSection(AllSettings.Root).AsEnumerable()
            .Where(entry => entry.Value is not null && entry.Key.Contains(':', StringComparison.Ordinal) && !IsKnown(entry.Key, entry.Value))
            .Select(entry => Describe(entry.Key))
            .Order(StringComparer.Ordinal)
            .ToList();
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private bool IsKnown(string key, string value) =>
        _keys.Any(known => known.Matches(key))
        || _untyped.Except(_typed).Any(section => key.StartsWith($"{section}:", StringComparison.OrdinalIgnoreCase))
        // An empty list in a JSON file appears as the list's own key without a value.
        || (value.Length == 0 && _keys.Any(known => known.Pattern.StartsWith($"{key}:", StringComparison.OrdinalIgnoreCase)));

    private string Describe(string key)
    {
        // In a section whose options this process does not have, every key is accepted.
        var rest = key.Split(':', 3) is [_, _, var last] ? $":{last}" : string.Empty;
        var nearest = _keys.Select(known => known.Pattern.Replace("*", "0", StringComparison.Ordinal))
            .Concat(_untyped.Except(_typed).Select(section => section + rest))
            .Select(known => (Key: known, Distance: Distance(key, known)))
            .MinBy(candidate => candidate.Distance);
        var isNear = nearest.Key is not null && nearest.Distance <= (key.Length - AllSettings.Root.Length) / 2;
        return $"{key} is not a setting{(isNear ? $"; did you mean {nearest.Key}?" : ".")}";
    }

    /// <summary>The Levenshtein distance, regardless of case.</summary>
    private static int Distance(string left, string right)
    {
        var row = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var cost = char.ToUpperInvariant(left[i - 1]) == char.ToUpperInvariant(right[j - 1]) ? 0 : 1;
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + cost));
            }
        }

        return row[^1];
    }
}
