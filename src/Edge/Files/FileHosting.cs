using AkkaChat.Edge.Images;
using AkkaChat.Persistence.Files;
using AkkaChat.Persistence.Objects;
using AkkaChat.Persistence.Work;

namespace AkkaChat.Edge.Files;

internal static class FileHosting
{
    /// <summary>Adds uploads, files, and the collector of unattached files.</summary>
    public static IServiceCollection AddFiles(this IServiceCollection services)
    {
        services.AddSettings<FilesOptions, FilesOptionsValidator>(FilesOptions.SectionName);
        services.AddSettings<ImageOptions, ImageOptionsValidator>(ImageOptions.SectionName);
        services.AddSingleton<ImageThreads>();
        services.AddSingleton<ImageReader>();
        services.AddWorkHandler<ImageWork>();
        services.AddSingleton<UploadWriter>();
        services.AddSingleton<UploadCompletion>();
        services.AddSingleton<UploadSteps>();
        services.AddSingleton<FileUrls>();
        services.AddSingleton<FileAccess>();
        services.AddPictures();
        services.AddSingleton<FileAttachments>();
        services.AddSingleton<FileCollector>();
        services.AddHostedService<ObjectStoreStartup>();
        services.AddHostedService(provider => provider.GetRequiredService<FileCollector>());
        return services;
    }
}

/// <summary>Checks the object store at start: an unusable one stops the node instead of failing the first upload.</summary>
internal sealed class ObjectStoreStartup(IObjectStore objects) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => objects.CheckAsync(cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
