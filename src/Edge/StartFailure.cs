using AkkaChat.Persistence.Database;
using Microsoft.Extensions.Options;

namespace AkkaChat.Edge;

/// <summary>
/// Failures of a start that the operator can mend. The executable prints the sentences and exits with a code other than 0, without a stack
/// trace: <c>catch (Exception e) when (StartFailure.Explain(e) is { } sentence)</c>.
/// </summary>
public static class StartFailure
{
    /// <summary>What is wrong with the configuration or the database, a sentence a line; null for any other exception.</summary>
    public static string? Explain(Exception exception) => exception switch
    {
        OptionsValidationException options => string.Join(Environment.NewLine, options.Failures),
        DatabaseMigrationException migration => migration.Message,
        AggregateException { InnerExceptions: var inner } when inner.All(e => Explain(e) is not null) =>
            string.Join(Environment.NewLine, inner.Select(Explain)),
        _ => null,
    };
}
