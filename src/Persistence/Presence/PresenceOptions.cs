using AkkaChat.Persistence.Settings;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace AkkaChat.Persistence.Presence;

/// <summary>Where presence is shared between edges. Read from <c>AkkaChat:Presence</c>.</summary>
public sealed class PresenceOptions
{
    public const string SectionName = "AkkaChat:Presence";

    /// <summary>
    /// A StackExchange.Redis connection string, as in <c>127.0.0.1:6379</c>. Null, the default: presence is kept in memory, which is enough
    /// for one process; several edges without Redis report <c>unknown</c>.
    /// </summary>
    public string? Redis { get; set; }
}

internal sealed class PresenceOptionsValidator : IValidateOptions<PresenceOptions>
{
    public ValidateOptionsResult Validate(string? name, PresenceOptions options) => new SettingRules(PresenceOptions.SectionName)
        .Require(IsConnectionString(options.Redis), nameof(options.Redis), "a StackExchange.Redis connection string, as in 127.0.0.1:6379")
        .ToResult();

    // The parser's message can quote the string with its password, so it is not passed on.
    private static bool IsConnectionString(string? value)
    {
        try
        {
            return string.IsNullOrEmpty(value) || ConfigurationOptions.Parse(value).EndPoints.Count > 0;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
