using AkkaChat.Edge.Ops;

namespace AkkaChat.Edge.Sockets;

internal static class SocketHosting
{
    /// <summary>
    /// Adds what sockets need. Call it after all other hosted services: the last one added stops first, and sockets must be notified before
    /// anything else stops.
    /// </summary>
    public static IServiceCollection AddSockets(this IServiceCollection services) => services
        .AddClientOps()
        .AddSingleton<JournalEpoch>()
        .AddSingleton<ResumeReader>()
        .AddSingleton<HelloReads>()
        .AddSingleton<SocketActors>()
        .AddSingleton<SessionServices>()
        .AddSingleton<ConnectionRegistry>()
        .AddHostedService(provider => provider.GetRequiredService<ConnectionRegistry>());
}
