using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace AkkaChat.Persistence.Work;

public static class WorkServices
{
    /// <summary>Adds the work queue and its operations. Needs <c>AddAkkaChatDatabase</c>.</summary>
    public static IServiceCollection AddWorkQueue(this IServiceCollection services)
    {
        services.TryAddSingleton<WorkTable>();
        services.TryAddSingleton<WorkQueue>();
        services.TryAddSingleton<WorkOperations>();
        return services;
    }

    /// <summary>Adds the handler of a kind of work, once per process.</summary>
    public static IServiceCollection AddWorkHandler<T>(this IServiceCollection services)
        where T : class, IWorkHandler
    {
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IWorkHandler, T>());
        return services;
    }
}
