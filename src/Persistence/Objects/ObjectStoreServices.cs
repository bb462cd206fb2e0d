using AkkaChat.Persistence.Database;
using AkkaChat.Persistence.Settings;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace AkkaChat.Persistence.Objects;

public static class ObjectStoreServices
{
    /// <summary>Adds the <see cref="IObjectStore"/> that the settings choose.</summary>
    public static IServiceCollection AddObjectStore(this IServiceCollection services)
    {
        services.AddSettings<ObjectStoreOptions, ObjectStoreOptionsValidator>(ObjectStoreOptions.SectionName);
        services.AddSettings<S3Options, S3OptionsValidator>(S3Options.SectionName);
        services.TryAddSingleton<IObjectStore>(provider =>
        {
            var options = provider.GetRequiredService<IOptions<ObjectStoreOptions>>().Value;
            var dataFolder = provider.GetRequiredService<IOptions<DatabaseOptions>>().Value.DataFolder;
            return new GuardedObjectStore(options.FolderBelow(dataFolder) is { } folder
                ? new DiskObjectStore(folder)
                : new S3ObjectStore(provider.GetRequiredService<IOptions<S3Options>>().Value));
        });
        return services;
    }
}
