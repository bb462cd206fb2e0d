using System.Collections.Concurrent;
using Microsoft.Extensions.Options;

namespace AkkaChat.Edge.Images;

/// <summary>
/// The threads that decode images. The thread pool's are for messages and the cluster's heartbeats, which must not wait for an image.
/// </summary>
internal sealed class ImageThreads : IDisposable
{
    /// <summary>Callers beyond it are refused. Concurrent uploads and the work's parallelism keep the queue far shorter.</summary>
    private const int QueueLength = 1_000;

    private readonly BlockingCollection<Action> _queue = new(QueueLength);
    private readonly Thread[] _threads;

    public ImageThreads(IOptions<ImageOptions> options)
    {
        _threads = [.. Enumerable.Range(0, options.Value.Threads).Select(i => new Thread(Run)
        {
            Name = $"images-{i}",
            IsBackground = true,
            Priority = ThreadPriority.BelowNormal,
        })];
        foreach (var thread in _threads)
        {
            thread.Start();
        }
    }

    /// <exception cref="TimeoutException">The queue is full.</exception>
    public Task<T> RunAsync<T>(Func<T> act)
    {
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var isQueued = _queue.TryAdd(() =>
        {
            try
            {
                result.SetResult(act());
            }
            catch (Exception e)
            {
                result.SetException(e);
            }
        });
        return isQueued ? result.Task : throw new TimeoutException($"{QueueLength} images are waiting to be decoded.");
    }

    public void Dispose() => _queue.CompleteAdding();

    private void Run()
    {
        foreach (var act in _queue.GetConsumingEnumerable())
        {
            act();
        }
    }
}
