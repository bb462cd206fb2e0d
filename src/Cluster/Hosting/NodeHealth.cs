using System.Text.Json;
using Akka.Actor;
using Akka.Cluster;
using AkkaChat.Persistence.Database;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace AkkaChat.Cluster.Hosting;

/// <summary>A condition for a node to be ready.</summary>
public interface IReadinessCheck
{
    /// <summary>Its key in the response of <c>/health/ready</c>.</summary>
    string Name { get; }

    /// <summary>Why the check fails, in a sentence; null when it passes. Called often, so it must be cheap.</summary>
    string? Reason { get; }
}

/// <summary>The node is a member of its cluster, and some node that hosts rooms can be reached.</summary>
internal sealed class ClusterCheck : IReadinessCheck
{
    private volatile AkkaCluster? _cluster;

    public string Name => "cluster";

    public string? Reason => _cluster switch
    {
        null => "the actor system has not started yet",
        { SelfMember.Status: MemberStatus.Up } cluster => HasRooms(cluster) ? null : "no node that hosts rooms can be reached",
        var cluster => $"the node is {cluster.SelfMember.Status}",
    };

    private static bool HasRooms(AkkaCluster cluster)
    {
        var state = cluster.State;
        return state.Members.Any(member =>
            member.HasRole(ChatRoles.Room) && member.Status == MemberStatus.Up && !state.Unreachable.Contains(member));
    }

    public void Started(ActorSystem system) => _cluster = AkkaCluster.Get(system);
}

/// <summary>The database's commits are durable.</summary>
internal sealed class DatabaseCheck(DatabaseMigrator migrator) : IReadinessCheck
{
    private volatile string? _reason = "the database has not been looked at yet";

    public string Name => "database";

    public string? Reason => migrator.WaitsFor is { } what ? $"the start waits for {what}" : _reason;

    public void Set(IReadOnlyList<string> reasons) => _reason = reasons.Count == 0 ? null : string.Join(' ', reasons);
}

public static class ReadinessServices
{
    public static IServiceCollection AddReadinessCheck<T>(this IServiceCollection services)
        where T : class, IReadinessCheck
    {
        services.AddSingleton<T>();
        return services.AddSingleton<IReadinessCheck>(provider => provider.GetRequiredService<T>());
    }
}

public static class HealthEndpoints
{
    /// <summary>Live: the process responds; nothing else is checked. Ready: every check passes, else 503 with a reason per check.</summary>
    public static void MapHealth(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/health/live", () => Results.Json(new { status = "live" })).AllowAnonymous().ExcludeFromDescription();
        endpoints.MapGet("/health/ready", Ready).AllowAnonymous().ExcludeFromDescription();
    }

    private static IResult Ready(IEnumerable<IReadinessCheck> checks)
    {
        var failed = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var check in checks)
        {
            if (check.Reason is { } reason)
            {
                failed[check.Name] = reason;
            }
        }

        return failed.Count == 0
            ? Results.Json(new { status = "ready" })
            : Results.Json(new { status = "unready", checks = failed }, JsonSerializerOptions.Web, statusCode: StatusCodes.Status503ServiceUnavailable);
    }
}
