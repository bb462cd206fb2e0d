using System.Data.Common;
using AkkaChat.Edge.Images;
using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.Files;
using AkkaChat.Persistence.Objects;
using AkkaChat.Persistence.Work;
using Microsoft.Extensions.Options;

namespace AkkaChat.Edge.Files;

/// <summary>
/// Creates what is served of an image: the image without metadata, two thumbnails and a placeholder. Added in the transaction that
/// completes the upload. Nobody can see the image before; the uploaded original is then removed and never served. A repetition writes the
/// same objects.
/// </summary>
internal sealed class ImageWork(
    UploadStore uploads, FileStore files, IObjectStore objects, ImageReader images, IOptions<ImageOptions> options) : IWorkHandler
{
    public const string WorkKind = "file.image";

    /// <summary>Of a person or a room: shown at 40 pixels and, where it is chosen, at 96; screens have up to three pixels for each.</summary>
    private static readonly Reduction Picture = new(IsSquare: true, LargeEdge: 512, SmallEdge: 128, MaxPixels: int.MaxValue);

    public string Kind => WorkKind;

    public int Parallelism => options.Value.Threads;

    public TimeSpan TimeLimit => TimeSpan.FromMinutes(2);

    public int MaxAttempts => 10;

    public static Task AddAsync(WorkQueue queue, FileId file, UserId owner, DbConnection connection, DbTransaction transaction) =>
        queue.AddAsync(connection, transaction, [new NewWork(WorkKind, file.Value, file.Value) { Subject = owner.Value }]);

    public async Task RunAsync(WorkItem item, CancellationToken cancellationToken)
    {
        var id = new FileId(item.Payload);
        if (await uploads.FindAsync(id, cancellationToken) is { Processing: FileProcessing.Waiting } file)
        {
            await ProcessAsync(file, cancellationToken);
        }

        // The file was removed before or meanwhile, so what this or an earlier attempt wrote is deleted too.
        var isThere = await uploads.FindAsync(id, cancellationToken) is not null;
        foreach (var key in isThere ? [FileKeys.Upload(id)] : FileKeys.All(id))
        {
            await objects.DeleteAsync(key, cancellationToken);
        }
    }

    private async Task ProcessAsync(StoredFile file, CancellationToken cancellationToken)
    {
        try
        {
            var bytes = await ReadAsync(FileKeys.Upload(file.Id), file.Size, cancellationToken);
            var placeholder = file.Purpose == FilePurpose.Message
                ? await KeepAsync(file, await images.ProcessAsync(bytes, file.Type), cancellationToken)
                : await KeepAsync(file, await images.ReduceAsync(bytes, file.Type, Picture), cancellationToken);
            await files.SetProcessedAsync(file.Id, FileProcessing.Done, placeholder, cancellationToken);
        }
        catch (BadImageException)
        {
            await files.SetProcessedAsync(file.Id, FileProcessing.Failed, null, cancellationToken);
        }
    }

    private async Task<string> KeepAsync(StoredFile file, ReducedImage picture, CancellationToken cancellationToken)
    {
        await objects.PutAsync(FileKeys.Reduced(file.Id, FileVariant.Original), picture.Large, ServedFile.ThumbnailType, cancellationToken);
        await objects.PutAsync(FileKeys.Reduced(file.Id, FileVariant.Small), picture.Small, ServedFile.ThumbnailType, cancellationToken);
        return picture.Placeholder;
    }

    private async Task<string> KeepAsync(StoredFile file, ProcessedImage image, CancellationToken cancellationToken)
    {
        await PutAsync(file, FileVariant.Original, image.Original, file.Type, cancellationToken);
        await PutAsync(file, FileVariant.Small, image.Small, ServedFile.ThumbnailType, cancellationToken);
        await PutAsync(file, FileVariant.Large, image.Large, ServedFile.ThumbnailType, cancellationToken);
        return image.Placeholder;
    }

    private async Task<byte[]> ReadAsync(string key, long size, CancellationToken cancellationToken)
    {
        await using var content = await objects.OpenAsync(key, 0, null, cancellationToken)
            ?? throw new InvalidDataException($"{key} is not in the object store.");
        var bytes = new byte[size];
        await content.Content.ReadExactlyAsync(bytes, cancellationToken);
        return bytes;
    }

    private Task PutAsync(StoredFile file, FileVariant variant, byte[] bytes, string type, CancellationToken cancellationToken) =>
        objects.PutAsync(FileKeys.Of(file.Id, variant, isImage: true), bytes, type, cancellationToken);
}
