using System.ComponentModel;
using System.Reflection;

namespace AkkaChat.Persistence.Settings;

/// <summary>A key of a section, and the type of its value. <c>*</c> stands for the index of a list's item.</summary>
public sealed record SettingKey(string Pattern, Type Type)
{
    public bool Matches(string key)
    {
        var pattern = Pattern.Split(':');
        var segments = key.Split(':');
        return pattern.Length == segments.Length
            && pattern.Zip(segments, (known, segment) => known == "*" || known.Equals(segment, StringComparison.OrdinalIgnoreCase)).All(isSame => isSame);
    }

    /// <summary>What the value must be; null if it can be read.</summary>
    public string? Refuse(string value)
    {
        try
        {
            TypeDescriptor.GetConverter(Type).ConvertFromInvariantString(value);
            return null;
        }
        catch (Exception)
        {
            // The base library's converters have no common exception type.
            return Type == typeof(TimeSpan) ? "a time span, as in 00:00:30"
                : Type == typeof(bool) ? "true or false"
                : Type == typeof(int) ? "a whole number"
                : "a number";
        }
    }
}

/// <summary>Lists the keys that the configuration binder reads into an options type.</summary>
public static class SettingKeys
{
    public static IEnumerable<SettingKey> Of(string section, Type options)
    {
        foreach (var property in options.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            var key = $"{section}:{property.Name}";
            if (ItemOf(property.PropertyType) is { } item)
            {
                foreach (var inner in IsLeaf(item) ? [new SettingKey($"{key}:*", item)] : Of($"{key}:*", item))
                {
                    yield return inner;
                }
            }
            else if (property.SetMethod is { IsPublic: true })
            {
                yield return new SettingKey(key, Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType);
            }
        }
    }

    private static Type? ItemOf(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IList<>) ? type.GetGenericArguments()[0] : null;

    private static bool IsLeaf(Type type) => type == typeof(string) || type.IsValueType;
}
