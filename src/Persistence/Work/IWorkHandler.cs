namespace AkkaChat.Persistence.Work;

/// <summary>Work to add.</summary>
/// <param name="Key">Unique within the kind: if work with this key exists, even dead, nothing is added.</param>
/// <param name="Payload">Read by the handler only, usually JSON. Stored until the work is done, so it must not contain secrets.</param>
/// <param name="Delay">The delay before the first attempt.</param>
public sealed record NewWork(string Kind, string Key, string Payload, TimeSpan Delay = default)
{
    /// <summary>
    /// On whose account it is done, such as the id of the user who asked for it: a node does the work of those who have had much of its time last.
    /// Empty: on nobody's.
    /// </summary>
    public string Subject { get; init; } = "";
}

/// <summary>Work in progress.</summary>
/// <param name="Attempt">Starts at 1.</param>
/// <param name="Subject">As in <see cref="NewWork"/>.</param>
public sealed record WorkItem(long Id, string Key, string Payload, int Attempt, string Subject);

/// <summary>
/// Runs one kind of work, at least once per item: again if it failed, took too long or its node died, possibly while the earlier attempt
/// still runs elsewhere. So its effect must be idempotent. Register it with <c>AddWorkHandler</c>.
/// </summary>
public interface IWorkHandler
{
    /// <summary>Stored with the work, so it must never change.</summary>
    string Kind { get; }

    /// <summary>The most items that one node runs at the same time.</summary>
    int Parallelism { get; }

    /// <summary>How long an attempt may take.</summary>
    TimeSpan TimeLimit { get; }

    /// <summary>The number of attempts after which the work is dead and waits for an operator.</summary>
    int MaxAttempts { get; }

    /// <summary>Returns when the work is done and its effect is durable.</summary>
    /// <param name="cancellationToken">Cancelled at the time limit, at shutdown, and when another node has taken the work over.</param>
    /// <exception cref="Exception">Any exception fails the attempt, which is repeated after a delay. Its message is stored and shown to
    /// operators.</exception>
    Task RunAsync(WorkItem item, CancellationToken cancellationToken);
}
