using System.Data.Common;
using AkkaChat.Edge.Images;
using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.Files;
using AkkaChat.Persistence.Objects;
using AkkaChat.Persistence.Work;
using Microsoft.Extensions.Options;

namespace AkkaChat.Edge.Files;

internal enum CompletionOutcome
{
    Completed,
    TypeNotAllowed,
    BadImage,

    /// <summary>The object store does not hold what was recorded.</summary>
    Broken,
    LeaseLost,
}

/// <summary>
/// Turns an upload that has all its bytes into a file. Each step can be repeated: if the node dies between two, the next request completes
/// the upload.
/// </summary>
internal sealed partial class UploadCompletion(
    IObjectStore objects, UploadStore uploads, ImageReader images, WorkQueue work, IOptions<FilesOptions> options, ILogger<UploadCompletion> logger)
{
    /// <summary>If the header is not in the first bytes, the whole file is read into memory, so only one at a time.</summary>
    private static readonly SemaphoreSlim WholeFile = new(1);

    public async Task<CompletionOutcome> CompleteAsync(StoredFile file, string lease, CancellationToken cancellationToken)
    {
        var key = FileKeys.Upload(file.Id);
        try
        {
            await objects.CompleteAsync(key, file.Progress!, file.Size, ContentTypes.Unknown, cancellationToken);
        }
        catch (InvalidDataException e)
        {
            LogBroken(logger, file.Id.Value, e);
            return CompletionOutcome.Broken;
        }

        var type = ContentTypes.Sniff((await HeadAsync(key, file.Size, ContentTypes.SniffedBytes, cancellationToken)), file.DeclaredType);
        // Of a picture, what the client declares is no evidence.
        if (!options.Value.Allows(file.Purpose, type == ContentTypes.Unknown && file.Purpose == FilePurpose.Message ? file.DeclaredType : type))
        {
            return CompletionOutcome.TypeNotAllowed;
        }

        if (!ContentTypes.IsImage(type))
        {
            return await FinishAsync(file.Id, lease, new UploadContent(type, null, null), null, cancellationToken);
        }

        try
        {
            if (file.Size > images.MaxBytes)
            {
                return CompletionOutcome.BadImage;
            }

            var size = await ReadSizeAsync(key, file.Size, type, cancellationToken);
            var outcome = await FinishAsync(
                file.Id,
                lease,
                new UploadContent(type, size.Width, size.Height),
                (connection, transaction) => ImageWork.AddAsync(work, file.Id, file.Owner, connection, transaction),
                cancellationToken);
            work.Signal(ImageWork.WorkKind);
            return outcome;
        }
        catch (BadImageException)
        {
            return CompletionOutcome.BadImage;
        }
    }

    private async Task<ImageSize> ReadSizeAsync(string key, long length, string type, CancellationToken cancellationToken)
    {
        try
        {
            return await images.ReadSizeAsync(await HeadAsync(key, length, ImageReader.HeadBytes, cancellationToken), type);
        }
        catch (DamagedImageException) when (length > ImageReader.HeadBytes)
        {
            // Some cameras write megabytes before the picture.
            await WholeFile.WaitAsync(cancellationToken);
            try
            {
                return await images.ReadSizeAsync(await HeadAsync(key, length, int.MaxValue, cancellationToken), type);
            }
            finally
            {
                WholeFile.Release();
            }
        }
    }

    private async Task<CompletionOutcome> FinishAsync(
        FileId id, string lease, UploadContent content, Func<DbConnection, DbTransaction, Task>? alsoInTransaction, CancellationToken cancellationToken) =>
        await uploads.CompleteAsync(id, lease, content, options.Value.Lifetime, alsoInTransaction, cancellationToken)
            ? CompletionOutcome.Completed
            : CompletionOutcome.LeaseLost;

    private async Task<byte[]> HeadAsync(string key, long size, int most, CancellationToken cancellationToken)
    {
        var head = new byte[Math.Min(size, most)];
        if (head.Length > 0)
        {
            await using var content = await objects.OpenAsync(key, 0, head.Length, cancellationToken)
                ?? throw new InvalidDataException($"{key} is not in the object store.");
            await content.Content.ReadExactlyAsync(head, cancellationToken);
        }

        return head;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Upload {File} has all its bytes but cannot be completed")]
    private static partial void LogBroken(ILogger logger, string file, Exception exception);
}
