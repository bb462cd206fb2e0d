using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using AkkaChat.Support.Chat;

namespace AkkaChat.Chaos.Hostile;

/// <summary>Hostile clients of the REST interface, who do not wait when they are told to.</summary>
internal static class RestAttacks
{
    private static readonly HttpClient Http = new(new SocketsHttpHandler { UseCookies = false });

    public static async Task MakeRoomsAsync(Target target, Answers answers, CancellationToken end)
    {
        using var maker = await AccountAsync(target.Edge);
        for (var i = 0; !end.IsCancellationRequested; i++)
        {
            await CallAsync(target, maker, HttpMethod.Post, "api/rooms", answers, end, new JsonObject { ["name"] = $"Room {i}", ["visibility"] = "private" });
        }
    }

    public static Task ReadEventsAsync(Target target, Answers answers, CancellationToken end) => Task.WhenAll(
        Enumerable.Range(0, target.Sizes.Parallel).Select(async i =>
        {
            while (!end.IsCancellationRequested)
            {
                await CallAsync(target, target.Owner, HttpMethod.Get, $"api/rooms/{target.Full[i % target.Full.Count]}/events?after=0&limit=1000", answers, end);
            }
        }));

    public static async Task MoveAsync(Target target, Answers answers, CancellationToken end)
    {
        using var mover = await AccountAsync(target.Edge);
        while (!end.IsCancellationRequested)
        {
            await CallAsync(target, mover, HttpMethod.Post, $"api/rooms/{target.Room}/join", answers, end);
            await CallAsync(target, mover, HttpMethod.Post, $"api/rooms/{target.Room}/leave", answers, end);
        }
    }

    /// <summary>A new account; logins are limited too, so each attack makes one.</summary>
    public static async Task<ChatRest> AccountAsync(Uri edge)
    {
        var rest = new ChatRest(edge);
        await Patiently.DoAsync(() => rest.RegisterAsync($"hostile_{Guid.NewGuid().ToString("N")[..12]}", ChatClient.Password));
        return rest;
    }

    private static async Task CallAsync(
        Target target, ChatRest account, HttpMethod method, string path, Answers answers, CancellationToken end, JsonNode? body = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(target.Edge, path));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", account.AccessToken);
        request.Content = body is null ? null : JsonContent.Create(body);
        try
        {
            using var response = await Http.SendAsync(request, end);
            answers.Count($"{(int)response.StatusCode}");
        }
        catch (OperationCanceledException)
        {
            // the attack is over
        }
        catch (HttpRequestException)
        {
            answers.Count("broken");
        }
    }
}
