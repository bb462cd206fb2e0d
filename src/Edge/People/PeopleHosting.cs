using AkkaChat.Persistence.People;

namespace AkkaChat.Edge.People;

internal static class PeopleHosting
{
    public static IServiceCollection AddPeople(this IServiceCollection services) => services
        .AddAkkaChatPeople()
        .AddSingleton<PeopleThrottle>()
        .AddSingleton<LastSeen>()
        .AddHostedService(provider => provider.GetRequiredService<LastSeen>());
}
