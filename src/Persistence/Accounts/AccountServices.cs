using AkkaChat.Persistence.Database;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace AkkaChat.Persistence.Accounts;

public static class AccountServices
{
    /// <summary>Adds the stores of accounts and sessions, and the password hasher with its threads. Includes the database.</summary>
    public static IServiceCollection AddAkkaChatAccountStores(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddAkkaChatDatabase(configuration);
        services.AddOptions<SessionOptions>().Bind(configuration.GetSection(SessionOptions.SectionName)).ValidateOnStart();
        services.AddOptions<PasswordOptions>().Bind(configuration.GetSection(PasswordOptions.SectionName)).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SessionOptions>, SessionOptionsValidator>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<PasswordOptions>, PasswordOptionsValidator>());
        services.TryAddSingleton<IAccountStore, AccountStore>();
        services.TryAddSingleton<ISessionStore, SessionStore>();
        services.TryAddSingleton<IPasswordHasher, PasswordHasher>();
        return services;
    }
}
