using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using AkkaChat.Edge.Tests.Hosting;
using Socket = AkkaChat.Edge.Tests.Wire.Socket;

namespace AkkaChat.Edge.Tests.Sockets;

public abstract class SlowReaderSpecs(ChatFixture chat)
{
    private const int Messages = 400;
    private const int Long = 14 * 1024;

    private ChatHost Host => chat.Host;

    [Fact]
    public async Task SlowReader_ShouldBeToldThatItLaggedAndDisturbNobody_WhenItReadsAgain()
    {
        var (ana, ben, cleo) = (await Host.PersonAsync("ana"), await Host.PersonAsync("ben"), await Host.PersonAsync("cleo"));
        var room = await ana.CreateRoomAsync();
        await ben.JoinAsync(room);
        await cleo.JoinAsync(room);
        await using var sender = await Socket.OpenAsync(ana);
        await using var good = await Socket.OpenAsync(cleo);
        using var narrow = new HttpMessageInvoker(NarrowHandler());
        await using var slow = await Socket.ConnectAsync(Host, ben.Token, reads: false, by: narrow);
        await slow.PostAsync("hello", d: new JsonObject());
        await Support.Eventually.AssertAsync(async () => Assert.Equal(
            3, (await ana.GetAsync($"/api/rooms/{room}/presence")).Json.GetProperty("onlineCount").GetInt32()));
        await sender.SayAsync(room, "the first");

        await ana.FillAsync(room, Messages, i => $"{i} ".PadRight(Long, 'x'));
        await sender.SayAsync(room, "the last");

        await good.ReachAsync(room, 4, Messages + 6);
        await sender.ReachAsync(room, 4, Messages + 6);

        slow.StartReading();
        var lagged = await slow.EventAsync("room.lagged");
        Assert.Equal(room, lagged.GetProperty("room").GetString());
        // What came after the notice is beyond the head that it named.
        var had = slow.Frames.TakeWhile(frame => !IsLagged(frame)).Where(frame => frame.TryGetProperty("seq", out _))
            .Select(frame => frame.GetProperty("seq").GetInt64()).ToList();
        Assert.InRange(had.Count, 1, Messages);
        Assert.Equal(Enumerable.Range(5, had.Count).Select(i => (long)i), had);
        Assert.InRange(lagged.GetProperty("d").GetProperty("head").GetInt64(), had[^1] + 1, Messages + 6);

        // The client pulls what was withheld and goes on from there.
        await slow.ReachAsync(room, 4, Messages + 6);
        await sender.SayAsync(room, "live again");
        await slow.ReachAsync(room, 4, Messages + 7);
    }

    private static bool IsLagged(JsonElement frame) => frame.TryGetProperty("ev", out var ev) && ev.GetString() == "room.lagged";

    internal static SocketsHttpHandler NarrowHandler() => new()
    {
        ConnectCallback = async (context, cancellationToken) =>
        {
            var socket = new System.Net.Sockets.Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, context.DnsEndPoint.Port, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    };
}

[Collection(OnSqlite.Name)]
public sealed class SlowReaderOnSqliteSpecs(SqliteChat chat) : SlowReaderSpecs(chat);

[Collection(OnPostgres.Name)]
public sealed class SlowReaderOnPostgresSpecs(PostgresChat chat) : SlowReaderSpecs(chat);
