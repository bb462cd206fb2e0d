namespace AkkaChat.Cluster.Work;

/// <summary>How long failed work waits.</summary>
internal static class WorkBackOff
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    /// <summary>Doubles with each attempt up to ten minutes, between half and one and a half times that, so that what failed together parts.</summary>
    /// <param name="attempt">The attempt that failed, from 1.</param>
    /// <param name="random">From 0 to 1.</param>
    public static TimeSpan After(int attempt, double random)
    {
        var delay = First * Math.Pow(2, Math.Clamp(attempt - 1, 0, 30));
        return (delay < Longest ? delay : Longest) * (0.5 + random);
    }
}
