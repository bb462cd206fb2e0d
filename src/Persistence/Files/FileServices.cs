using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace AkkaChat.Persistence.Files;

public static class FileServices
{
    /// <summary>Adds the tables of uploads and files.</summary>
    public static IServiceCollection AddFileStores(this IServiceCollection services)
    {
        services.TryAddSingleton<UploadStore>();
        services.TryAddSingleton<FileStore>();
        services.TryAddSingleton<PictureStore>();
        return services;
    }
}
