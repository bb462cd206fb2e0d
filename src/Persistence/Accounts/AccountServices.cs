using AkkaChat.Persistence.Database;
using AkkaChat.Persistence.Settings;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace AkkaChat.Persistence.Accounts;

public static class AccountServices
{
    /// <summary>Adds the account and session stores and the password hasher with its threads. Includes the database.</summary>
    public static IServiceCollection AddAkkaChatAccountStores(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddAkkaChatDatabase(configuration);
        services.AddSettings<SessionOptions, SessionOptionsValidator>(SessionOptions.SectionName);
        services.AddSettings<PasswordOptions, PasswordOptionsValidator>(PasswordOptions.SectionName);
        services.TryAddSingleton<IAccountStore, AccountStore>();
        services.TryAddSingleton<ISessionStore, SessionStore>();
        services.TryAddSingleton<ILoginAttempts, LoginAttempts>();
        services.TryAddSingleton<IPasswordHasher, PasswordHasher>();
        return services;
    }
}
