namespace AkkaChat.Support;

/// <summary>Await-assert: what is true soon is asked for until it is, and never waited for with a fixed delay.</summary>
public static class Eventually
{
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(25);

    /// <summary>Repeats <paramref name="assertion"/> until it does not throw; after the time-out its last exception is thrown.</summary>
    public static async Task AssertAsync(Func<Task> assertion, TimeSpan? timeout = null)
    {
        var limit = timeout ?? DefaultTimeout;
        for (var started = TimeProvider.System.GetTimestamp(); ;)
        {
            try
            {
                await assertion().WaitAsync(limit);
                return;
            }
            catch (Exception) when (TimeProvider.System.GetElapsedTime(started) < limit)
            {
                await Task.Delay(Interval);
            }
        }
    }

    public static Task AssertAsync(Action assertion, TimeSpan? timeout = null) =>
        AssertAsync(
            () =>
            {
                assertion();
                return Task.CompletedTask;
            },
            timeout);
}
