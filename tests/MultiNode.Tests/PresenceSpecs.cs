using AkkaChat.Support;

namespace AkkaChat.MultiNode.Tests;

[Collection(ClusterCollection.Name)]
public sealed class PresenceSpecs(ClusterFixture fixture) : IAsyncLifetime
{
    public Task InitializeAsync() => fixture.Cluster.HealAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public Task Presence_ShouldFollowPeopleOnOtherEdges() => fixture.Cluster.WatchAsync(async () =>
    {
        await using var cast = new Cast();
        var ana = await cast.PersonAsync("ana", fixture.Edge1);
        var bob = await cast.PersonAsync("bob", fixture.Edge2);
        var room = await Cast.RoomAsync("Who is here", ana, bob);
        await ana.WatchPresenceAsync(room);

        await AssertOnlineAsync("ok", 2);
        await bob.DisconnectAsync();
        await AssertOnlineAsync("ok", 1);
        await bob.ConnectAsync(fixture.Edge2);
        await AssertOnlineAsync("ok", 2);

        Task AssertOnlineAsync(string state, int count) => Eventually.AssertAsync(
            async () =>
            {
                var presence = await ana.Rest.PresenceAsync(room);
                Assert.Equal((state, count), (presence.GetProperty("state").GetString(), presence.GetProperty("onlineCount").GetInt32()));
            },
            TimeSpan.FromSeconds(5));
    });

    [Fact]
    public Task RedisStopped_ShouldLeavePresenceUnknownAndMessagesUntouched_AndComeBack() => fixture.Cluster.WatchAsync(async () =>
    {
        await using var cast = new Cast();
        var ana = await cast.PersonAsync("ana", fixture.Edge1);
        var bob = await cast.PersonAsync("bob", fixture.Edge2);
        var room = await Cast.RoomAsync("No Redis", ana, bob);
        await ana.WatchPresenceAsync(room);
        var traffic = new Traffic([(ana, room), (bob, room)]);
        await AssertStateAsync("ok", TimeSpan.FromSeconds(10));

        await fixture.Cluster.StopRedisAsync();
        await AssertStateAsync("unknown", TimeSpan.FromSeconds(15));
        await traffic.RunForAsync(10);
        Assert.True(traffic.Acked.Max(a => a.Took) < TimeSpan.FromSeconds(3), $"slowest send {traffic.Acked.Max(a => a.Took)}");

        await fixture.Cluster.StartRedisAsync();
        await AssertStateAsync("ok", TimeSpan.FromSeconds(30));
        await Eventually.AssertAsync(
            async () => Assert.Equal(2, (await ana.Rest.PresenceAsync(room)).GetProperty("onlineCount").GetInt32()), TimeSpan.FromSeconds(30));
        await History.AssertAsync(room, await traffic.StopAsync(), ana.Rest, ana, bob);
        Assert.Equal((1, 1), (ana.Connections, bob.Connections));

        Task AssertStateAsync(string state, TimeSpan limit) => Eventually.AssertAsync(
            async () =>
            {
                foreach (var client in new[] { ana, bob })
                {
                    Assert.Equal(state, (await client.Rest.PresenceAsync(room)).GetProperty("state").GetString());
                    Assert.Equal(state, (await client.WatchPresenceAsync(room)).GetProperty("state").GetString());
                }
            },
            limit);
    });
}
