using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace AkkaChat.Persistence.People;

public static class PeopleServices
{
    /// <summary>Adds what a person decides about others. Needs the database and the read model.</summary>
    public static IServiceCollection AddAkkaChatPeople(this IServiceCollection services)
    {
        services.TryAddSingleton<PeopleSearch>();
        services.TryAddSingleton<UserBlocks>();
        services.TryAddSingleton<HiddenRooms>();
        services.TryAddSingleton<LastSeenTable>();
        return services;
    }
}
