using System.Net;
using System.Text.Json.Nodes;
using AkkaChat.Support.Chat;

namespace AkkaChat.Chaos.Clients;

/// <summary>How a membership ends.</summary>
internal enum Departure
{
    Leave,
    Kick,
    Ban,
}

/// <summary>The owner of the rooms, who removes members; one for all users of a client process.</summary>
internal sealed class Moderator(ClientSettings settings) : IDisposable
{
    private readonly ChatRest _rest = new(settings.Edges[0]);
    private int _edge;

    public Task LogInAsync() => _rest.LoginAsync(settings.Moderator, ChatClient.Password);

    public Task RemoveAsync(string room, string user, Departure how) => CallAsync(room, how == Departure.Ban ? "ban" : "kick", user);

    public Task UnbanAsync(string room, string user) => CallAsync(room, "unban", user);

    public void Dispose() => _rest.Dispose();

    /// <summary>Each of these is idempotent: who gets no answer asks again, at another edge.</summary>
    private async Task CallAsync(string room, string verb, string user)
    {
        try
        {
            await _rest.CallAsync(HttpMethod.Post, $"api/rooms/{room}/{verb}", new JsonObject { ["userId"] = user });
        }
        catch (Exception e) when (e is RestException or HttpRequestException or TaskCanceledException)
        {
            _rest.BaseUrl = settings.Edges[Interlocked.Increment(ref _edge) % settings.Edges.Count];
            if (e is RestException { Status: HttpStatusCode.Unauthorized })
            {
                await LogInAsync();
            }

            throw;
        }
    }
}
