using Microsoft.Extensions.Options;

namespace AkkaChat.Persistence.Settings;

/// <summary>Collects every error of one section of the settings. Each error is a sentence that starts with the setting's full key.</summary>
public sealed class SettingRules(string section)
{
    private readonly List<string> _errors = [];

    /// <param name="range">What the value must be, as in "at least 1 second".</param>
    public SettingRules Require(bool holds, string property, string range) => holds ? this : Report(property, $"must be {range}.");

    /// <summary>Both bounds are allowed.</summary>
    public SettingRules RequireRange<T>(T value, string property, T from, T to)
        where T : IComparable<T> =>
        value.CompareTo(from) >= 0 && value.CompareTo(to) <= 0 ? this : Report(property, $"must be from {from} to {to}, not {value}.");

    /// <summary>Adds an error of its own wording. It must not repeat a secret.</summary>
    public SettingRules Report(string property, string what)
    {
        _errors.Add($"{section}:{property} {what}");
        return this;
    }

    public ValidateOptionsResult ToResult() =>
        _errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(_errors);
}
