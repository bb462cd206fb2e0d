using Akka.Actor;
using Akka.Hosting;
using AkkaChat.Edge.Accounts;
using AkkaChat.Persistence.Accounts;
using AkkaChat.Persistence.ReadModel;

namespace AkkaChat.Edge.Users;

internal static class UserRelayHosting
{
    /// <summary>Starts the edge's <see cref="UserRelay"/>.</summary>
    public static AkkaConfigurationBuilder WithUserRelay(this AkkaConfigurationBuilder builder) => builder.WithActors(
        (system, registry, resolver) =>
        {
            var stream = resolver.GetService<IUserStream>();
            var sessions = resolver.GetService<ISessionStore>();
            var validator = resolver.GetService<SessionValidator>();
            var directory = resolver.GetService<IRoomDirectory>();
            registry.Register<UserRelay>(system.ActorOf(Props.Create(() => new UserRelay(stream, sessions, validator, directory)), "users"));
        });
}
