namespace AkkaChat.Cluster.Nodes;

/// <summary>
/// The command <c>health URL</c> of both executables, for container health checks: a slim image has no HTTP client. Exit code 0 when the URL
/// answers with a success code within 4 s, else 1, with the answer or the error on standard output.
/// </summary>
public static class HealthProbe
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(4);

    /// <summary>Null when the arguments are not this command.</summary>
    public static async Task<int?> TryRunAsync(string[] args)
    {
        if (args is not ["health", var url])
        {
            return null;
        }

        using var http = new HttpClient { Timeout = Timeout };
        try
        {
            using var response = await http.GetAsync(new Uri(url));
            if (response.IsSuccessStatusCode)
            {
                return 0;
            }

            await Console.Out.WriteLineAsync($"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or UriFormatException)
        {
            await Console.Out.WriteLineAsync(e.Message);
        }

        return 1;
    }
}
