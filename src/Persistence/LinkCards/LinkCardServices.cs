using AkkaChat.Persistence.Consumers;
using AkkaChat.Persistence.Settings;
using AkkaChat.Persistence.Work;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace AkkaChat.Persistence.LinkCards;

public static class LinkCardServices
{
    /// <summary>Adds the consumer that asks for link cards, and the cache of pages. Needs <c>AddAkkaChatReadModel</c>.</summary>
    public static IServiceCollection AddLinkCardConsumer(this IServiceCollection services)
    {
        services.AddSettings<LinkCardOptions, LinkCardOptionsValidator>(LinkCardOptions.SectionName);
        services.AddWorkQueue();
        services.TryAddSingleton<LinkPages>();
        services.TryAddSingleton<LinkImages>();
        services.AddRoomConsumer<LinkCardConsumer>();
        return services;
    }
}
