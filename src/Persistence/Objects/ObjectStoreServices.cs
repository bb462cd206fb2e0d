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
            return new GuardedObjectStore(options.IsS3
                ? new S3ObjectStore(provider.GetRequiredService<IOptions<S3Options>>().Value)
                : new DiskObjectStore(Path.GetFullPath(options.Folder is { Length: > 0 } folder
                    ? folder
                    : Path.Combine(provider.GetRequiredService<IOptions<DatabaseOptions>>().Value.DataFolder, "objects"))));
        });
        return services;
    }
}
