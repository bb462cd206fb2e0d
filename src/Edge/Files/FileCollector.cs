using System.Data.Common;
using AkkaChat.Persistence.Consumers;
using AkkaChat.Persistence.Files;
using AkkaChat.Persistence.LinkCards;
using AkkaChat.Persistence.Objects;
using Microsoft.Extensions.Options;

namespace AkkaChat.Edge.Files;

/// <summary>
/// Removes uploads that nobody finished, files that no message came to carry, and images of link cards that no message shows. One edge at a
/// time does, by a lease in the database. A file is first ended in the database, where a message that wants to carry it meets that; then its
/// objects go, then its row. Each step can be repeated, so a node that dies leaves the rest to the next round.
/// </summary>
internal sealed partial class FileCollector(
    FileStore files, LinkImages linkImages, IObjectStore objects, IRoomConsumers consumers, IOptions<FilesOptions> options, TimeProvider time,
    ILogger<FileCollector> logger)
    : BackgroundService
{
    private const int Batch = 100;

    /// <summary>Removes what has expired, and says how many files that were.</summary>
    public async Task<int> SweepAsync(CancellationToken cancellationToken) =>
        await SweepFilesAsync(cancellationToken) + await SweepLinkImagesAsync(cancellationToken);

    private async Task<int> SweepLinkImagesAsync(CancellationToken cancellationToken)
    {
        for (var removed = 0; ;)
        {
            var ended = await linkImages.ExpireAsync(Batch, cancellationToken);
            foreach (var image in ended)
            {
                foreach (var key in FileKeys.All(image))
                {
                    await objects.DeleteAsync(key, cancellationToken);
                }

                await linkImages.ForgetAsync(image, cancellationToken);
            }

            removed += ended.Count;
            if (ended.Count < Batch)
            {
                return removed;
            }
        }
    }

    private async Task<int> SweepFilesAsync(CancellationToken cancellationToken)
    {
        for (var removed = 0; ;)
        {
            var expired = await files.ListExpiredAsync(Batch, cancellationToken);
            var before = removed;
            foreach (var file in expired)
            {
                removed += await CollectAsync(file, cancellationToken) ? 1 : 0;
            }

            if (expired.Count < Batch || removed == before)
            {
                return removed;
            }
        }
    }

    private async Task<bool> CollectAsync(StoredFile file, CancellationToken cancellationToken)
    {
        try
        {
            if (file.State == FileState.Complete && (file.ClaimedBy is not null || file.Purpose == FilePurpose.RoomPicture))
            {
                // What makes it a message's or a room's may stand in the journal without being in the tables yet; after this it is.
                await consumers.CatchUpAsync(file.Room, cancellationToken);
            }

            if (!await files.ExpireAsync(file.Id, cancellationToken))
            {
                return false;
            }

            await RemoveAsync(file with { LeasedUntil = DateTimeOffset.UnixEpoch }, cancellationToken);
            return true;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            LogFileFailed(logger, file.Id.Value, e); // the others need not wait for it, and the next round tries it again
            return false;
        }
    }

    /// <summary>Removes the objects and the row of a file that has been ended, unless a request may still be writing to it.</summary>
    public async Task RemoveAsync(StoredFile file, CancellationToken cancellationToken)
    {
        if (file.LeasedUntil > time.GetUtcNow())
        {
            return;
        }

        await objects.AbandonAsync(FileKeys.Upload(file.Id), file.Progress, cancellationToken);
        foreach (var key in FileKeys.All(file.Id))
        {
            await objects.DeleteAsync(key, cancellationToken);
        }

        await files.ForgetAsync(file, cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var interval = options.Value.SweepInterval;
        using var timer = new PeriodicTimer(interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                // A little less than the interval, so that the holder's own next tick finds it free.
                if (await files.TryLeaseSweepAsync(interval * 0.9, stoppingToken) && await SweepAsync(stoppingToken) is > 0 and var count)
                {
                    LogRemoved(logger, count);
                }
            }
            catch (Exception e) when (e is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                LogFailed(logger, e); // the next round will do
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Removed {Count} uploads, files and images that no message carries")]
    private static partial void LogRemoved(ILogger logger, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The expired file {File} could not be removed")]
    private static partial void LogFileFailed(ILogger logger, string file, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Expired uploads and files could not be looked for")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
