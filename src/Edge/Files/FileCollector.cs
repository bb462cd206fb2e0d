using System.Data.Common;
using AkkaChat.Persistence.Consumers;
using AkkaChat.Persistence.Files;
using AkkaChat.Persistence.LinkCards;
using AkkaChat.Persistence.Objects;
using Microsoft.Extensions.Options;

namespace AkkaChat.Edge.Files;

/// <summary>
/// Removes uploads that were not finished, files that were not attached, and images of link cards that no message shows. A lease in the
/// database makes one edge at a time do so. A file is first marked as removed in the database, where a message that reserves it finds that;
/// then its objects are deleted, then its row. Each step can be repeated, so the next round finishes what a dead node left.
/// </summary>
internal sealed partial class FileCollector(
    FileStore files, LinkImages linkImages, IObjectStore objects, IRoomConsumers consumers, IOptions<FilesOptions> options, TimeProvider time,
    ILogger<FileCollector> logger)
    : BackgroundService
{
    private const int Batch = 100;

    /// <summary>Removes expired files, and returns how many.</summary>
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
                // The event that attaches it may be in the journal but not projected yet: the projection then attaches the file.
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
            LogFileFailed(logger, file.Id.Value, e); // continue with the others; the next round retries this one
            return false;
        }
    }

    /// <summary>Deletes the objects and the row of a removed file, unless a request may still be writing to it.</summary>
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
                // Slightly shorter than the interval, so that it has expired at the holder's next tick.
                if (await files.TryLeaseSweepAsync(interval * 0.9, stoppingToken) && await SweepAsync(stoppingToken) is > 0 and var count)
                {
                    LogRemoved(logger, count);
                }
            }
            catch (Exception e) when (e is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                LogFailed(logger, e); // the next round retries
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Removed {Count} expired uploads, unattached files and unused images")]
    private static partial void LogRemoved(ILogger logger, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The expired file {File} could not be removed")]
    private static partial void LogFileFailed(ILogger logger, string file, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Querying for expired uploads and files failed")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
