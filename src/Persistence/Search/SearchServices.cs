using AkkaChat.Persistence.Consumers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace AkkaChat.Persistence.Search;

public static class SearchServices
{
    /// <summary>Adds the index of messages' texts, the consumer that feeds it, and the search. Needs <c>AddAkkaChatReadModel</c>.</summary>
    public static IServiceCollection AddMessageSearch(this IServiceCollection services)
    {
        services.TryAddSingleton<SearchIndexer>();
        services.AddRoomConsumer<SearchConsumer>();
        services.TryAddSingleton<IMessageSearch, MessageSearch>();
        return services;
    }
}
