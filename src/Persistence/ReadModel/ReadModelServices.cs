using AkkaChat.Persistence.Consumers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace AkkaChat.Persistence.ReadModel;

public static class ReadModelServices
{
    /// <summary>Adds the read side of the rooms, each service once per process. Needs <c>AddAkkaChatDatabase</c>.</summary>
    public static IServiceCollection AddAkkaChatReadModel(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<UserStreamSignal>();
        services.AddRoomConsumer<RoomProjection>();
        services.TryAddSingleton<IRoomLog, RoomLog>();
        services.TryAddSingleton<IRoomDirectory, RoomDirectory>();
        services.TryAddSingleton<RoomModeration>();
        services.TryAddSingleton<IReadCursors, ReadCursors>();
        services.TryAddSingleton<RoomPreferenceStore>();
        services.TryAddSingleton<IUserStream, UserStream>();
        services.TryAddSingleton<RoomCensus>();
        return services;
    }
}
