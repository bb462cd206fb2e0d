using AkkaChat.Persistence.Consumers;
using AkkaChat.Persistence.Settings;
using AkkaChat.Persistence.Work;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace AkkaChat.Persistence.LinkCards;

public static class LinkCardServices
{
    /// <summary>Adds what asks for link cards and what they are remembered by. Needs <c>AddAkkaChatReadModel</c>.</summary>
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
