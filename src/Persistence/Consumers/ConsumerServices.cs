using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace AkkaChat.Persistence.Consumers;

public static class ConsumerServices
{
    /// <summary>Adds a consumer of rooms' events, once per process. All nodes must have the same consumers.</summary>
    public static IServiceCollection AddRoomConsumer<T>(this IServiceCollection services)
        where T : class, IRoomConsumer
    {
        services.TryAddSingleton<IRoomConsumers, RoomConsumers>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IRoomConsumer, T>());
        return services;
    }
}
