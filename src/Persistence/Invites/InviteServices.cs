using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace AkkaChat.Persistence.Invites;

public static class InviteServices
{
    /// <summary>Adds the rooms' invitations. Needs <c>AddAkkaChatDatabase</c>.</summary>
    public static IServiceCollection AddAkkaChatInvites(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<RoomInvites>();
        return services;
    }
}
