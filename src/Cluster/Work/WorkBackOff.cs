namespace AkkaChat.Cluster.Work;

/// <summary>The delay before failed work is tried again.</summary>
internal static class WorkBackOff
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Doubles with each attempt up to ten minutes, times a random factor from 0.5 to 1.5, which spreads work that failed together.
    /// </summary>
    /// <param name="attempt">The attempt that failed, from 1.</param>
    /// <param name="random">From 0 to 1.</param>
    public static TimeSpan After(int attempt, double random)
    {
        var delay = First * Math.Pow(2, Math.Clamp(attempt - 1, 0, 30));
        return (delay < Longest ? delay : Longest) * (0.5 + random);
    }
}
