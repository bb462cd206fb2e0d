using System.Text.Json.Nodes;
using AkkaChat.Chaos.Histories;
using AkkaChat.Support.Chat;

namespace AkkaChat.Chaos.Clients;

/// <summary>Second thoughts: messages that are reacted to, edited and deleted by those who sent them.</summary>
internal sealed partial class ChaosUser
{
    private const string Emoji = "👍";

    private long _thoughts;

    /// <summary>Changes messages until told to stop.</summary>
    public async Task ChangeMessagesAsync(CancellationToken stop)
    {
        while (await PauseAsync(-Math.Log(1 - random.NextDouble()) * settings.ChangeEverySeconds, stop))
        {
            var room = AnyBusy();
            var number = Interlocked.Increment(ref _thoughts);
            if (await SendAsync(new Outgoing(room, NewCid(), $"{username} thinks {number}")) is not { } seq)
            {
                continue;
            }

            await PauseAsync(random.NextDouble(), stop);
            if (random.Next(3) == 0)
            {
                await AlterAsync(room, seq, "react", LogEvents.Reaction(Emoji, on: true), HttpMethod.Put, $"/reactions/{Uri.EscapeDataString(Emoji)}");
            }

            // Each text once: a request that a paused node carries out later must not look like a change of mind.
            if (random.Next(3) > 0)
            {
                var text = $"{username} thinks again {number}";
                await AlterAsync(room, seq, "edit", HistoryFile.Hash(text, []), HttpMethod.Patch, "", new JsonObject { ["text"] = text });
                await PauseAsync(random.NextDouble() * 3, stop);
            }

            if (random.Next(2) == 0)
            {
                await AlterAsync(room, seq, "delete", null, HttpMethod.Delete, "");
            }
        }
    }

    /// <summary>Asks until there is an answer: each change is idempotent.</summary>
    private async Task AlterAsync(string room, long seq, string what, string? hash, HttpMethod method, string path, JsonNode? body = null)
    {
        var note = Note(Op.AlterInvoke, room) with { Seq = seq, Code = what, Hash = hash };
        history.Write(note);
        for (var started = Clock.Now; Clock.Now - started < Clock.Of(Patience);)
        {
            try
            {
                Rest.BaseUrl = AnyEdge;
                await Rest.CallAsync(method, $"api/rooms/{room}/messages/{room}.{seq}{path}", body?.DeepClone());
                history.Write(note with { Time = Clock.Now, Op = Op.AlterOk });
                return;
            }
            catch (RestException e) when (e.Status is System.Net.HttpStatusCode.Forbidden or System.Net.HttpStatusCode.NotFound)
            {
                // It has left the room meanwhile.
                return;
            }
            catch (RestException e) when (e.Status == System.Net.HttpStatusCode.Unauthorized)
            {
                await LogInAsync();
            }
            catch (Exception e) when (e is RestException or HttpRequestException or TaskCanceledException)
            {
                await PauseAsync(0.5, stop: default);
            }
        }
    }
}
