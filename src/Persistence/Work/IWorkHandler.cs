namespace AkkaChat.Persistence.Work;

/// <summary>Work that is to be born.</summary>
/// <param name="Key">Unique within the kind: work with the same key that is there already, dead or not, is left as it is.</param>
/// <param name="Payload">For the handler alone, as a rule JSON. Kept until the work is done; no secrets.</param>
/// <param name="Delay">How long it waits before its first attempt.</param>
public sealed record NewWork(string Kind, string Key, string Payload, TimeSpan Delay = default);

/// <summary>Work that is being done.</summary>
/// <param name="Attempt">1 at the first time.</param>
public sealed record WorkItem(long Id, string Key, string Payload, int Attempt);

/// <summary>
/// Does one kind of work. It runs at least once for each item: again where it failed, took too long, or its node died, and then perhaps
/// while the earlier attempt still runs elsewhere. So its effect must be idempotent. Register one with <c>AddWorkHandler</c>.
/// </summary>
public interface IWorkHandler
{
    /// <summary>Stored with the work: never changed.</summary>
    string Kind { get; }

    /// <summary>Items that one node runs at the same time.</summary>
    int Parallelism { get; }

    /// <summary>How long an attempt may take.</summary>
    TimeSpan TimeLimit { get; }

    /// <summary>Attempts before the work is dead and waits for an operator.</summary>
    int MaxAttempts { get; }

    /// <summary>Returns when the work is done and its effect is durable.</summary>
    /// <param name="cancellationToken">Cancelled at the time limit, at shutdown, and when another node has taken the work over.</param>
    /// <exception cref="Exception">Any: the attempt failed and is repeated after a delay. Its message is kept and shown to operators.</exception>
    Task RunAsync(WorkItem item, CancellationToken cancellationToken);
}
