using AkkaChat.Support.Chat;

namespace AkkaChat.Chaos.Clients;

/// <summary>Before the faults begin, what fails is only slow: the cluster has just started, on a machine that does other things too.</summary>
internal static class Patiently
{
    private const int Attempts = 20;

    public static async Task<T> DoAsync<T>(Func<Task<T>> action)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await action();
            }
            catch (Exception e) when (attempt < Attempts
                && e is RestException { Status: >= System.Net.HttpStatusCode.InternalServerError } or HttpRequestException or TaskCanceledException)
            {
                await Task.Delay(500);
            }
        }
    }

    public static Task DoAsync(Func<Task> action) => DoAsync(async () =>
    {
        await action();
        return true;
    });
}
