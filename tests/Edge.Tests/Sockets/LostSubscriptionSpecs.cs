using Akka.Actor;
using Akka.Hosting;
using AkkaChat.Edge.Presence;
using AkkaChat.Edge.Relay;
using AkkaChat.Edge.Tests.Hosting;
using AkkaChat.Edge.Tests.Wire;
using AkkaChat.Edge.Users;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using Microsoft.Extensions.DependencyInjection;

namespace AkkaChat.Edge.Tests.Sockets;

/// <summary>An actor that fails forgets its sockets: they must not stay open and hear nothing.</summary>
public sealed class LostSubscriptionSpecs
{
    public static TheoryData<string> Actors => ["relay", "room", "users", "presence"];

    [Theory]
    [MemberData(nameof(Actors))]
    public async Task Sockets_ShouldBeClosedAndComeBack_WhenTheActorThatServesThemFails(string name)
    {
        await using var host = await ChatHost.StartAsync();
        var (ana, ben) = (await host.PersonAsync("ana"), await host.PersonAsync("ben"));
        var room = await ana.CreateRoomAsync();
        await ben.JoinAsync(room);
        await using var before = await Socket.OpenAsync(ben);

        Fail(host.Services, name, new RoomId(room));

        Assert.Equal(4000, await before.ClosedAsync());
        await using var reader = await Socket.OpenAsync(ben);
        await using var sender = await Socket.OpenAsync(ana);
        await sender.SayAsync(room, "heard again");
        await reader.MessageAsync(room, "heard again");
        var added = await ana.CreateRoomAsync("another");
        await ben.JoinAsync(added);
        await reader.EventAsync("membership.added", frame => frame.GetProperty("d").GetProperty("room").GetProperty("id").GetString() == added);
    }

    /// <summary>By a message that no code sends.</summary>
    private static void Fail(IServiceProvider services, string name, RoomId room)
    {
        switch (name)
        {
            case "relay":
                services.GetRequiredService<IRequiredActor<RelayHub>>().ActorRef.Tell(new RoomProtocol.EdgeBatch(null!));
                break;
            case "room":
                services.GetRequiredService<IRequiredActor<RelayHub>>().ActorRef.Tell(new RelayHub.Attach(room, null!));
                break;
            case "users":
                services.GetRequiredService<IRequiredActor<UserRelay>>().ActorRef.Tell(new UserRelay.Follow(new UserId("u_none"), null!, 0));
                break;
            default:
                services.GetRequiredService<IRequiredActor<PresenceHub>>().ActorRef.Tell(new PresenceHub.Watch(default, null!, null!));
                break;
        }
    }
}
