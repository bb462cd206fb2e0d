using System.Text.Json;
using AkkaChat.Support;
using AkkaChat.Support.Chat;

namespace AkkaChat.MultiNode.Tests;

[Collection(ClusterCollection.Name)]
public sealed class CrossNodeSpecs(ClusterFixture fixture) : IAsyncLifetime
{
    public Task InitializeAsync() => fixture.Cluster.HealAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public Task Message_ShouldReachEverySocketOnEveryEdgeInOrderAndOnce() => fixture.Cluster.WatchAsync(async () =>
    {
        await using var cast = new Cast();
        var ana = await cast.PersonAsync("ana", fixture.Edge1);
        var bob = await cast.PersonAsync("bob", fixture.Edge2);
        var bobsPhone = await cast.DeviceOfAsync(bob, fixture.Edge1);
        var cy = await cast.PersonAsync("cy", fixture.Edge2);
        var room = await Cast.RoomAsync("Across", ana, bob, cy);

        var traffic = new Traffic([(ana, room), (bob, room), (cy, room)], TimeSpan.FromMilliseconds(210));
        await traffic.RunForAsync(60);
        var acked = await traffic.StopAsync();

        await History.AssertAsync(room, acked, ana.Rest, ana, bob, bobsPhone, cy);
        // Live delivery alone did it: nothing came twice, no gap had to be pulled.
        foreach (var client in new[] { ana, bob, cy })
        {
            Assert.Equal((0, 0), ((await client.LogAsync(room)).Duplicates, (await client.LogAsync(room)).Gaps));
        }
    });

    [Fact]
    public Task Client_ShouldGetWhatItMissed_WhenItResumesOnAnotherEdge() => fixture.Cluster.WatchAsync(async () =>
    {
        await using var cast = new Cast();
        var ana = await cast.PersonAsync("ana", fixture.Edge1);
        var bob = await cast.PersonAsync("bob", fixture.Edge1);
        var room = await Cast.RoomAsync("Moving", ana, bob);
        await ana.SendAsync(room, "before");
        var before = (await History.ReadAsync(ana.Rest, room)).Count;
        await bob.CaughtUpAsync(room, before);

        await bob.DisconnectAsync();
        for (var i = 0; i < 15; i++)
        {
            await ana.SendAsync(room, $"missed {i}");
        }

        await bob.ConnectAsync(fixture.Edge2);

        // What was missing has come by the time that sync.done says so.
        Assert.Equal(before + 15, (await bob.LogAsync(room)).Last);
        await ana.SendAsync(room, "live again");
        await History.AssertAsync(room, [], ana.Rest, ana, bob);
    });

    [Fact]
    public Task Client_ShouldMissNothing_WhenItsConnectionBreaksAgainAndAgain() => fixture.Cluster.WatchAsync(async () =>
    {
        await using var cast = new Cast();
        var ana = await cast.PersonAsync("ana", fixture.Edge1);
        var bob = await cast.PersonAsync("bob", fixture.Edge2, fixture.Edge1);
        var room = await Cast.RoomAsync("Flaky", ana, bob);

        var traffic = new Traffic([(ana, room), (bob, room)], TimeSpan.FromMilliseconds(210));
        for (var i = 0; i < 6; i++)
        {
            await traffic.RunForAsync(5);
            bob.Break();
        }

        await traffic.RunForAsync(5);
        await History.AssertAsync(room, await traffic.StopAsync(), ana.Rest, ana, bob);
        Assert.True(bob.Connections >= 6, $"{bob.Connections} connections");
    });

    [Fact]
    public Task SameCid_ShouldAnswerTheFirstSeq_WhenSentAgainOnAnotherEdge() => fixture.Cluster.WatchAsync(async () =>
    {
        await using var cast = new Cast();
        var ana = await cast.PersonAsync("ana", fixture.Edge1);
        var phone = await cast.DeviceOfAsync(ana, fixture.Edge2);
        var room = await Cast.RoomAsync("Twice", ana);
        var cid = ana.NewCid();

        var first = await ana.SendAsync(room, "once", cid);
        var again = await phone.SendAsync(room, "once", cid);
        var conflict = await Assert.ThrowsAsync<ChatException>(() => phone.SendOnceAsync(room, "another body", cid));

        Assert.Equal(first with { Dup = true }, again);
        Assert.Equal(("idempotency_conflict", false), (conflict.Code, conflict.Retryable));
        Assert.Single(await History.ReadAsync(ana.Rest, room), e => e.GetProperty("ev").GetString() == "message.created");
    });

    [Fact]
    public Task Message_ShouldBeReadableFromTheOtherEdge_AsSoonAsItIsAcknowledged() => fixture.Cluster.WatchAsync(async () =>
    {
        await using var cast = new Cast();
        var ana = await cast.PersonAsync("ana", fixture.Edge1);
        var bob = await cast.PersonAsync("bob", fixture.Edge2);
        var room = await Cast.RoomAsync("Read your writes", ana, bob);
        for (var i = 0; i < 10; i++)
        {
            var sent = await ana.SendAsync(room, $"message {i}");
            var page = await bob.Rest.MessagesAsync(room);
            Assert.Equal(sent.Id, page.GetProperty("items").EnumerateArray().Last().GetProperty("id").GetString());
            Assert.Contains(await bob.Rest.EventsAsync(room, sent.Seq - 1), e => e.GetProperty("seq").GetInt64() == sent.Seq);
        }
    });

    [Fact]
    public Task Leaver_ShouldGetNothingMore_AndComeBackWithAllOfIt() => fixture.Cluster.WatchAsync(async () =>
    {
        await using var cast = new Cast();
        var ana = await cast.PersonAsync("ana", fixture.Edge1);
        var bob = await cast.PersonAsync("bob", fixture.Edge2);
        var room = await Cast.RoomAsync("Leaving", ana, bob);
        await bob.CaughtUpAsync(room, (await History.ReadAsync(ana.Rest, room)).Count);

        await bob.Rest.LeaveAsync(room);
        await bob.EventAsync("membership.removed", e => e.GetProperty("d").GetProperty("room").GetString() == room);
        var from = bob.Frames.Count;
        var secret = await ana.SendAsync(room, "not for bob");
        await ana.CaughtUpAsync(room, secret.Seq);

        var refused = await Assert.ThrowsAsync<ChatException>(() => bob.SendOnceAsync(room, "I am still here", bob.NewCid()));
        Assert.Equal("forbidden", refused.Code);
        await bob.Rest.JoinAsync(room);
        await bob.LogAsync(room);
        Assert.DoesNotContain(bob.Frames.Skip(from), e => e.GetProperty("ev").GetString() == "message.created" && TextOf(e) == "not for bob");
        await ana.SendAsync(room, "welcome back");
        await History.AssertAsync(room, [], bob.Rest, ana, bob);
    });

    [Fact]
    public Task Typing_ShouldReachTheOtherEdge() => fixture.Cluster.WatchAsync(async () =>
    {
        await using var cast = new Cast();
        var ana = await cast.PersonAsync("ana", fixture.Edge1);
        var bob = await cast.PersonAsync("bob", fixture.Edge2);
        var room = await Cast.RoomAsync("Typing", ana, bob);
        await Eventually.AssertAsync(
            async () =>
            {
                await ana.TypingAsync(room);
                await bob.EventAsync("typing", e => e.GetProperty("d").GetProperty("users").EnumerateArray().Any(u => u.GetString() == ana.UserId), TimeSpan.FromSeconds(2.5));
            },
            TimeSpan.FromSeconds(15));
    });

    private static string? TextOf(JsonElement frame) => frame.GetProperty("d").GetProperty("text").GetString();
}
