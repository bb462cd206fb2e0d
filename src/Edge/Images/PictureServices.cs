using AkkaChat.Persistence.Files;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace AkkaChat.Edge.Images;

internal static class PictureServices
{
    /// <summary>
    /// Adds what knows whether an uploaded image is processed, and whether it can be a picture. Accounts and files both call it, so that
    /// either can be hosted without the other.
    /// </summary>
    public static IServiceCollection AddPictures(this IServiceCollection services)
    {
        services.AddFileStores();
        services.TryAddSingleton<ProcessingWatch>();
        services.TryAddSingleton<PictureFiles>();
        return services;
    }
}
