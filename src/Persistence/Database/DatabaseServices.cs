using AkkaChat.Persistence.Settings;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace AkkaChat.Persistence.Database;

public static class DatabaseServices
{
    /// <summary>Adds <see cref="IDatabase"/>, <see cref="DatabaseMigrator"/> and <see cref="DatabaseSafety"/>, each once per process.</summary>
    public static IServiceCollection AddAkkaChatDatabase(this IServiceCollection services, IConfiguration configuration)
    {
        services.TryAddSingleton(configuration);
        services.AddSettings<DatabaseOptions, DatabaseOptionsValidator>(DatabaseOptions.SectionName);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IDatabase>(provider =>
        {
            var options = provider.GetRequiredService<IOptions<DatabaseOptions>>();
            return options.Value.ProviderKind == DatabaseProvider.Postgres
                ? new PostgresDatabase(options, provider.GetRequiredService<TimeProvider>())
                : new SqliteDatabase(options);
        });
        services.TryAddSingleton<DatabaseMigrator>();
        services.TryAddSingleton<DatabaseSafety>();
        return services;
    }
}
