using Microsoft.Extensions.Options;

namespace AkkaChat.Cluster.Hosting;

/// <summary>Collects what is wrong with one section of the settings, all of it at once, each line with the setting's full key.</summary>
public sealed class SettingRules(string section)
{
    private readonly List<string> _errors = [];

    /// <param name="range">What the value must be, as in "at least 1 second".</param>
    public SettingRules Require(bool holds, string property, string range)
    {
        if (!holds)
        {
            _errors.Add($"{section}:{property} must be {range}.");
        }

        return this;
    }

    public ValidateOptionsResult ToResult() =>
        _errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(_errors);
}
