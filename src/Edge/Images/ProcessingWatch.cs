using System.Collections.Concurrent;
using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.Files;

namespace AkkaChat.Edge.Images;

/// <summary>
/// Lets requests wait for an image's processing, on whatever node it runs. One loop per file polls its row, however many requests wait.
/// </summary>
internal sealed class ProcessingWatch(UploadStore uploads, TimeProvider time)
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private readonly ConcurrentDictionary<FileId, Lazy<Task>> _watched = new();

    /// <summary>
    /// Ends when the file is processed or removed, or after 4 s: browsers open few connections, and other requests would wait behind it.
    /// </summary>
    public Task WaitAsync(FileId file, CancellationToken cancellationToken) =>
        _watched.GetOrAdd(file, id => new Lazy<Task>(() => WatchAsync(id))).Value.WaitAsync(cancellationToken);

    private async Task WatchAsync(FileId file)
    {
        try
        {
            for (var started = time.GetTimestamp(); time.GetElapsedTime(started) < Longest;)
            {
                await Task.Delay(Interval, time);
                if (await uploads.FindAsync(file, CancellationToken.None) is not { Processing: FileProcessing.Waiting })
                {
                    return;
                }
            }
        }
        finally
        {
            _watched.TryRemove(file, out _);
        }
    }
}
