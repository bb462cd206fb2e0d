using AkkaChat.Chaos.Checking;
using AkkaChat.Chaos.Histories;
using static AkkaChat.Chaos.Tests.Story;

namespace AkkaChat.Chaos.Tests;

/// <summary>Edits, deletions and reactions: what C16 and C2 must see, and the nearest history that is right.</summary>
public sealed class ChangeCheckerSpecs
{
    private static readonly string Gone = LogEvents.Nothing;

    [Fact]
    public void GoodHistory_ShouldHaveNoViolation() => Assert.Empty(Edited().Alters(Ana, "edit", 4, "new")
        .Happens(EventKind.Reacted, 4, Bob, "👍 on").Alters(Bob, "react", 4, "👍 on")
        .Happens(EventKind.Deleted, 4, Ana).Alters(Ana, "delete", 4)
        .Reader("edge1 ws", log => [.. log.Take(3), log[3] with { Hash = Gone }, log[4] with { Hash = Gone }, .. log.Skip(5)])
        .At(60).Gets(Bob, 4, Op.Sync, applied: false, body: Gone).Gets(Bob, 5, Op.Resume, applied: false, body: Gone).Check());

    [Theory]
    [InlineData("edit", "other")]
    [InlineData("delete", null)]
    [InlineData("react", "👍 on")]
    public void C16_ShouldTell_WhenAnAcknowledgedChangeIsNotInTheLog(string what, string? body) => Broken("C16", Edited().Alters(Ana, what, 4, body));

    [Theory]
    [InlineData(EventKind.Edited, "back")]
    [InlineData(EventKind.Reacted, "👍 on")]
    [InlineData(EventKind.Deleted, null)]
    public void C16_ShouldTell_WhenSomethingHappensToADeletedMessage(string kind, string? body) =>
        Broken("C16", Edited().Happens(EventKind.Deleted, 4, Ana).Happens(kind, 4, Ana, body));

    [Fact]
    public void C16_ShouldTell_WhenWhatIsChangedIsNoMessage() => Broken("C16", Edited().Happens(EventKind.Deleted, 2, Ana));

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public void C16_ShouldTell_WhenADeletedTextIsResumedOrPulled(long seq) => Broken(
        "C16", Edited().Happens(EventKind.Deleted, 4, Ana).Alters(Ana, "delete", 4).At(60).Gets(Bob, seq, Op.Sync, applied: false));

    [Fact]
    public void C16_ShouldAcceptAText_ThatWasAskedForBeforeItsDeletion() => Assert.Empty(
        Edited().Happens(EventKind.Deleted, 4, Ana).Alters(Ana, "delete", 4).Gets(Bob, 4, Op.Sync, applied: false).Check());

    [Fact]
    public void C2_ShouldTell_WhenAReaderHasAFormerText() => Broken("C2", Edited().Reader("edge2 rest", log => log));

    [Fact]
    public void C2_ShouldAcceptTheTextAsItIsNow() =>
        Assert.Empty(Edited().Reader("edge2 rest", log => [.. log.Take(3), log[3] with { Hash = "new" }, log[4]]).Check());

    [Fact]
    public void C5_ShouldTell_WhenAMessageComesWithATextThatItNeverHad() =>
        Broken("C5", Edited().Gets(Bob, 4, Op.Sync, applied: false, body: "of somebody else"));

    [Fact]
    public void C5_ShouldTell_WhenAnUnchangedMessageComesAsDeleted() =>
        Broken("C5", OfTwo().Says(Ana, "a1", "hi").Gets(Bob, 4, Op.Sync, applied: false, body: Gone));

    /// <summary>A message of Ana's at 4, edited at 5.</summary>
    private static Story Edited() => OfTwo().Says(Ana, "a1", "old").Happens(EventKind.Edited, 4, body: "new");

    private static void Broken(string check, Story story) => Assert.Contains(story.Check(), violation => violation.Check == check);
}
