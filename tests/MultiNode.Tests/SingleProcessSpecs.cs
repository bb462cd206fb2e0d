using AkkaChat.Support.Chat;
using AkkaChat.Support.Processes;

namespace AkkaChat.MultiNode.Tests;

/// <summary>The default product: one process on SQLite.</summary>
public sealed class SingleProcessSpecs
{
    [Fact]
    public async Task KilledAfterAnAcknowledgement_ShouldHaveItAfterTheRestart()
    {
        await using var node = await SingleNode.StartAsync();
        await using var cast = new Cast();
        var ana = await cast.PersonAsync("ana", node.Url);
        var bob = await cast.PersonAsync("bob", node.Url);
        var room = await Cast.RoomAsync("Power cut", ana, bob);
        var acked = new List<Acked>();
        for (var round = 0; round < 3; round++)
        {
            var (cid, text) = (ana.NewCid(), $"the last word {round}");
            var last = await ana.SendAsync(room, text, cid);
            await node.KillAndRestartAsync();

            acked.Add(new Acked(room, ana.UserId, cid, text, last, default));
            Assert.Equal(last with { Dup = true }, await ana.SendAsync(room, text, cid));
        }

        await History.AssertAsync(room, acked, ana.Rest, ana, bob);
    }

    [Fact]
    public async Task KilledUnderTraffic_ShouldLoseAndDoubleNothing()
    {
        await using var node = await SingleNode.StartAsync();
        await using var cast = new Cast();
        var ana = await cast.PersonAsync("ana", node.Url);
        var bob = await cast.PersonAsync("bob", node.Url);
        var room = await Cast.RoomAsync("Restart", ana, bob);
        var traffic = new Traffic([(ana, room), (bob, room)]);
        await traffic.RunForAsync(8);

        await node.KillAndRestartAsync();
        await traffic.RunForAsync(8);
        await node.Process.StopAsync();
        Assert.Equal(0, node.Process.ExitCode);
        node.Process.Start();
        await node.Process.ReadyAsync();
        await traffic.RunForAsync(8);

        await History.AssertAsync(room, await traffic.StopAsync(), ana.Rest, ana, bob);
    }

    [Theory]
    [InlineData(ChatCredential.Bearer)]
    [InlineData(ChatCredential.Cookie)]
    [InlineData(ChatCredential.Hello)]
    public async Task EveryCredential_ShouldConnect(ChatCredential credential)
    {
        await using var node = await SingleNode.StartAsync();
        await using var ana = await ChatClient.RegisterAsync(node.Url, "ana");
        ana.Credential = credential;
        await ana.ConnectAsync();
        Assert.Equal(ana.UserId, ana.Hello.GetProperty("user").GetProperty("id").GetString());
    }
}
