using AkkaChat.Persistence.Database;
using AkkaChat.Persistence.Journal;
using AkkaChat.Persistence.Objects;
using Microsoft.Extensions.Options;

namespace AkkaChat.Cluster.Hosting;

/// <summary>Start failures that the operator can fix. The executable prints the sentences and exits with a code other than 0.</summary>
public static class StartFailure
{
    /// <summary>The errors of the configuration, the database or the port, one sentence per line; null for any other exception.</summary>
    public static string? Explain(Exception exception) => exception switch
    {
        OptionsValidationException options => string.Join(Environment.NewLine, options.Failures),
        DatabaseMigrationException or JournalFenceException or ObjectStoreException or IOException => exception.Message,
        AggregateException { InnerExceptions: var inner } when inner.All(e => Explain(e) is not null) =>
            string.Join(Environment.NewLine, inner.Select(Explain)),
        _ => null,
    };
}
