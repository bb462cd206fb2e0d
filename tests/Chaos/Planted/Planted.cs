#nullable enable
#pragma warning disable CA5394 // a planted loss needs no cryptography

namespace AkkaChat;

/// <summary>
/// The planted bugs that prove the fault harness. Compiled into the product only with <c>-p:PlantedBugs=true</c>, which builds to a folder
/// of its own; the environment variable <c>AKKACHAT_PLANTED</c> names those that are on.
/// </summary>
internal static class Planted
{
    private static readonly HashSet<string> On =
        [.. (System.Environment.GetEnvironmentVariable("AKKACHAT_PLANTED") ?? "").Split(',', System.StringSplitOptions.RemoveEmptyEntries)];

    public static bool AckBeforePersist { get; } = On.Contains("ack-before-persist");

    public static bool NoDedup { get; } = On.Contains("no-dedup");

    public static bool SnapshotWithoutDedup { get; } = On.Contains("snapshot-without-dedup");

    public static bool NoGapCheck { get; } = On.Contains("no-gap-check");

    public static bool NoHeadBeacon { get; } = On.Contains("no-head-beacon");

    public static bool FenceDropped { get; } = On.Contains("fence-dropped");

    public static bool JournalNumberAsSeq { get; } = On.Contains("journal-number-as-seq");

    public static bool ContinueAfterRejection { get; } = On.Contains("continue-after-rejection");

    public static bool LeaveNotPropagated { get; } = On.Contains("leave-not-propagated");

    public static bool ResumeOffByOne { get; } = On.Contains("resume-off-by-one");

    public static bool UnboundedQueue { get; } = On.Contains("unbounded-queue");

    /// <summary>One publish of events in a hundred is lost; with <c>pubsub-loss-heavy</c> one in five, and the heads among them.</summary>
    public static bool LosesPublish =>
        System.Random.Shared.NextDouble() < (On.Contains("pubsub-loss-heavy") ? 0.2 : On.Contains("pubsub-loss") ? 0.01 : 0);

    /// <summary>One write in thirty is refused by the journal.</summary>
    public static bool RejectsWrite => On.Contains("reject-writes") && System.Random.Shared.Next(30) == 0;
}
