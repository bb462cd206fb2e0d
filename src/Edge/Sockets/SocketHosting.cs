using AkkaChat.Edge.Ops;

namespace AkkaChat.Edge.Sockets;

internal static class SocketHosting
{
    /// <summary>
    /// Adds what sockets need. Goes after everything else that is hosted: what was added last stops first, and sockets are told before
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
