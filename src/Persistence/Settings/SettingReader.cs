using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace AkkaChat.Persistence.Settings;

/// <summary>Reads one section. A value that cannot be read is an error of validation instead of an exception that hides the others.</summary>
internal sealed class SettingReader<TOptions>(IConfiguration configuration, string section) : IConfigureOptions<TOptions>, IValidateOptions<TOptions>
    where TOptions : class
{
    private readonly SettingKey[] _keys = [.. SettingKeys.Of(section, typeof(TOptions))];

    public void Configure(TOptions options)
    {
        var readable = Values().Where(value => value.Problem is null).Select(value => KeyValuePair.Create(value.Key, value.Value));
        new ConfigurationBuilder().AddInMemoryCollection(readable).Build().GetSection(section).Bind(options);
    }

    public ValidateOptionsResult Validate(string? name, TOptions options)
    {
        var rules = new SettingRules(section);
        foreach (var (key, value, problem) in Values().Where(value => value.Problem is not null))
        {
            rules.Report(key[(section.Length + 1)..], $"must be {problem}, not '{value}'.");
        }

        return rules.ToResult();
    }

    private IEnumerable<(string Key, string? Value, string? Problem)> Values() =>
        from entry in configuration.GetSection(section).AsEnumerable()
        where entry.Value is not null
        from key in _keys
        where key.Matches(entry.Key)
        select (entry.Key, entry.Value, key.Refuse(entry.Value));
}
