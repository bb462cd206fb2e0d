using AkkaChat.Persistence.Database;
using AkkaChat.Persistence.Journal;
using Microsoft.Extensions.Options;

namespace AkkaChat.Cluster.Hosting;

/// <summary>Failures of a start that the operator can mend. The executable prints the sentences and ends with a code other than 0.</summary>
public static class StartFailure
{
    /// <summary>What is wrong with the configuration, the database or the port, a sentence a line; null for any other exception.</summary>
    public static string? Explain(Exception exception) => exception switch
    {
        OptionsValidationException options => string.Join(Environment.NewLine, options.Failures),
        DatabaseMigrationException or JournalFenceException or IOException => exception.Message,
        AggregateException { InnerExceptions: var inner } when inner.All(e => Explain(e) is not null) =>
            string.Join(Environment.NewLine, inner.Select(Explain)),
        _ => null,
    };
}
