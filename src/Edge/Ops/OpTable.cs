using System.Collections.Frozen;

namespace AkkaChat.Edge.Ops;

/// <summary>All ops by their names.</summary>
internal sealed class OpTable(IEnumerable<IClientOp> ops)
{
    private readonly FrozenDictionary<string, IClientOp> _ops = ops.ToFrozenDictionary(op => op.Name);

    public IEnumerable<string> Names => _ops.Keys;

    public IClientOp? Find(string name) => _ops.GetValueOrDefault(name);
}

internal static class OpServices
{
    /// <summary>Adds every op of this assembly.</summary>
    public static IServiceCollection AddClientOps(this IServiceCollection services)
    {
        foreach (var type in typeof(IClientOp).Assembly.GetTypes().Where(type => type.IsClass && type.IsAssignableTo(typeof(IClientOp))))
        {
            services.AddSingleton(typeof(IClientOp), type);
        }

        return services.AddSingleton<OpTable>();
    }
}
