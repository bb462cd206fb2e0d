using AkkaChat.Chaos.Histories;
using static AkkaChat.Chaos.Tests.Story;

namespace AkkaChat.Chaos.Tests;

/// <summary>What is unread in the end: what C17 must see, and the nearest history that is right.</summary>
public sealed class UnreadCheckerSpecs
{
    [Fact]
    public void GoodHistory_ShouldHaveNoViolation() => Assert.Empty(Talked()
        .Unread(Ana, place: 2, unread: 1).Unread(Ana, place: 0, unread: 3, thread: 4).Unread(Ana, place: 3, unread: 1, thread: 4)
        .Unread(Bob, place: 0, unread: 2).Unread(Bob, place: 6, unread: 0, thread: 4).Check());

    /// <summary>As if the deleted message counted, as if the replies did, and as if one were lost.</summary>
    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(1)]
    public void C17_ShouldTell_WhenARoomsCountIsAnother(long unread) => Broken(Talked().Unread(Ana, place: 0, unread));

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void C17_ShouldTell_WhenAThreadsCountIsAnother(long unread) => Broken(Talked().Unread(Ana, place: 0, unread, thread: 4));

    [Fact]
    public void C17_ShouldTell_WhenOneWhoRepliedDoesNotFollowTheThread() => Broken(Talked().Unread(Bob, place: 0, unread: 2));

    [Fact]
    public void C17_ShouldAcceptThatTheyDoNot_WhenTheyHaveLeftSince() => Assert.DoesNotContain(
        Talked().Stored(EventKind.Left, Bob).Stored(EventKind.Joined, Bob).Unread(Bob, place: 6, unread: 0).Check(), IsOfC17);

    /// <summary>Numbers 1 to 6: a root at 4, two replies by Bob, a message, one that is deleted, another reply by Bob.</summary>
    private static Story Talked() => OfTwo().Says(Ana, "root", "root").Replies(Bob, "b1", 4).Replies(Bob, "b2", 4).Says(Ana, "a1", "a1")
        .Says(Ana, "a2", "a2").Happens(EventKind.Deleted, 8, Ana).Replies(Bob, "b3", 4);

    private static void Broken(Story story) => Assert.Contains(story.Check(), IsOfC17);

    private static bool IsOfC17(Checking.Violation violation) => violation.Check == "C17";
}
