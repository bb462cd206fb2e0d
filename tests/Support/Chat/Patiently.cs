namespace AkkaChat.Support.Chat;

/// <summary>Calls again, as a person would, while the server says that it cannot just now: a cluster that starts, or whose rooms fail over.</summary>
public static class Patiently
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
