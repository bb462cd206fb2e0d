using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace AkkaChat.Persistence.Settings;

/// <summary>A section that this process knows. <paramref name="Type"/> is null if only nodes of another role read it.</summary>
public sealed record SettingSection(string Name, Type? Type);

/// <summary>
/// The only way to register settings. The start fails with all errors of all sections at once: values that cannot be read, values out of
/// range, and keys that do not exist.
/// </summary>
public static class SettingServices
{
    /// <summary>
    /// Reads <typeparamref name="TOptions"/> from a section and validates it at start. A second registration changes nothing.
    /// </summary>
    public static IServiceCollection AddSettings<TOptions, TValidator>(this IServiceCollection services, string section)
        where TOptions : class
        where TValidator : class, IValidateOptions<TOptions> =>
        services.AddSettings<TOptions>(section).AddSettingCheck<TOptions, TValidator>();

    /// <summary>For a section whose values are all allowed.</summary>
    public static IServiceCollection AddSettings<TOptions>(this IServiceCollection services, string section)
        where TOptions : class
    {
        if (services.Knows(section, typeof(TOptions)))
        {
            return services;
        }

        services.AddKnownSettings<TOptions>(section);
        services.AddSingleton<IConfigureOptions<TOptions>>(provider => Reader(provider));
        services.AddSingleton<IValidateOptions<TOptions>>(provider => Reader(provider));
        services.AddOptions<TOptions>().ValidateOnStart();
        return services;

        SettingReader<TOptions> Reader(IServiceProvider provider) => new(provider.GetRequiredService<IConfiguration>(), section);
    }

    /// <summary>Adds a check that needs more than one section.</summary>
    public static IServiceCollection AddSettingCheck<TOptions, TValidator>(this IServiceCollection services)
        where TOptions : class
        where TValidator : class, IValidateOptions<TOptions>
    {
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<TOptions>, TValidator>());
        return services;
    }

    /// <summary>Accepts the keys of <typeparamref name="TOptions"/> in a process that does not read them.</summary>
    public static IServiceCollection AddKnownSettings<TOptions>(this IServiceCollection services, string section) =>
        services.AddKnownSection(section, typeof(TOptions));

    /// <summary>
    /// Accepts any key of these sections, whose options only nodes of another role have: one environment serves all nodes of a cluster.
    /// </summary>
    public static IServiceCollection AddSettingsOfOtherRoles(this IServiceCollection services, params IEnumerable<string> sections)
    {
        foreach (var section in sections)
        {
            services.AddKnownSection(section, null);
        }

        return services;
    }

    private static IServiceCollection AddKnownSection(this IServiceCollection services, string section, Type? type)
    {
        if (!services.Knows(section, type))
        {
            services.AddSingleton(new SettingSection(section, type));
            services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<AllSettings>, UnknownSettings>());
            services.AddOptions<AllSettings>().ValidateOnStart();
        }

        return services;
    }

    private static bool Knows(this IServiceCollection services, string section, Type? type) =>
        services.Any(service => service.ImplementationInstance is SettingSection known && known.Name == section && known.Type == type);

    /// <summary>The options, or null while they have errors, which their own section reports.</summary>
    public static TOptions? ValueIfValid<TOptions>(this IOptions<TOptions> options)
        where TOptions : class
    {
        try
        {
            return options.Value;
        }
        catch (OptionsValidationException)
        {
            return null;
        }
    }
}
