using AkkaChat.Persistence.Settings;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace AkkaChat.Persistence.Presence;

public static class PresenceServices
{
    /// <summary>Registers the presence store that the configuration asks for.</summary>
    public static IServiceCollection AddPresenceStore(this IServiceCollection services)
    {
        services.AddSettings<PresenceOptions, PresenceOptionsValidator>(PresenceOptions.SectionName);
        services.AddSingleton<IPresenceStore>(provider =>
            provider.GetRequiredService<IOptions<PresenceOptions>>().Value.Redis is { Length: > 0 } redis
                ? new RedisPresenceStore(redis, provider.GetRequiredService<TimeProvider>())
                : new LocalPresenceStore());
        return services;
    }
}
