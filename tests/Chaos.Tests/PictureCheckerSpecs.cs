using AkkaChat.Chaos.Checking;
using AkkaChat.Chaos.Clients;
using AkkaChat.Chaos.Histories;
using static AkkaChat.Chaos.Tests.Story;

namespace AkkaChat.Chaos.Tests;

/// <summary>The checks of avatars and of link cards' images: each on a history that breaks it, and on the nearest one that does not.</summary>
public sealed class PictureCheckerSpecs
{
    private const string First = "f_1";
    private const string Second = "f_2";
    private const string Image = "f_3";
    private const string Eve = "u_eve";
    private const string Page = "http://10.0.0.1/page/1";

    [Fact]
    public void GoodHistory_ShouldHaveNoViolation() => Clean(
        Story.OfTwo().HasAvatar(First).Fetches(Eve, First, "ok", "webp").Fetches(ChaosUser.Nobody, First, "unauthenticated")
            .HasAvatar(Second).Fetches(Bob, First, "not_found").Fetches(Bob, Second, "ok", "webp", "small").LastAvatar(Second)
            .Links("a1", Page).AttachedWith(4, [Image], Page).Fetches(Bob, Image, "ok", "webp").Fetches(Eve, Image, "not_found").Last(Image, "ok", "webp")
            .Store(null, [Avatar(Second)], "2/image", "2/small"));

    [Fact]
    public void C13_ShouldTell_WhenAnAvatarIsSeenWithoutASession() => Broken("C13", Story.OfTwo().HasAvatar(First).Fetches(ChaosUser.Nobody, First, "ok", "webp"));

    [Fact]
    public void C13_ShouldTell_WhenAReplacedAvatarIsSeen() => Broken("C13", Story.OfTwo().HasAvatar(First).HasAvatar(Second).Fetches(Bob, First, "ok", "webp"));

    [Fact]
    public void C13_ShouldTell_WhenARemovedAvatarIsSeen() => Broken("C13", Story.OfTwo().HasAvatar(First).SetsAvatar(null).Fetches(Ana, First, "ok", "webp"));

    [Fact]
    public void C13_ShouldTell_WhenAnAvatarIsSeenThatIsNotSet() => Broken("C13", Story.OfTwo().HasAvatar(First, isAsked: false).Fetches(Bob, First, "ok", "webp"));

    [Fact]
    public void C13_ShouldAcceptThat_WhenItIsOnesOwn() => Clean(Story.OfTwo().HasAvatar(First, isAsked: false).Fetches(Ana, First, "ok", "webp"));

    [Fact]
    public void C13_ShouldAcceptAnAvatar_WhileItIsReplaced() =>
        Clean(Story.OfTwo().HasAvatar(First).HasAvatar(Second, isDone: false).Fetches(Bob, First, "ok", "webp").Fetches(Bob, First, "not_found"));

    [Fact]
    public void C12_ShouldTell_WhenAnAvatarIsRefused() => Broken("C12", Story.OfTwo().HasAvatar(First).Fetches(Bob, First, "not_found"));

    [Fact]
    public void C12_ShouldTell_WhenAnAvatarIsSomethingElse() => Broken("C12", Story.OfTwo().HasAvatar(First).Fetches(Bob, First, "ok", "png 4x4"));

    [Fact]
    public void C13_ShouldTell_WhenAStrangerGetsAnImageOfACard() =>
        Broken("C13", Story.OfTwo().Links("a1", Page).AttachedWith(4, [Image], Page).Fetches(Eve, Image, "ok", "webp"));

    [Fact]
    public void C13_ShouldTell_WhenAFormerMemberGetsAnImageOfACard() => Broken(
        "C13",
        Story.OfTwo().Links("a1", Page).AttachedWith(4, [Image], Page).Stored(EventKind.Left, Bob).Note(Op.LeaveInvoke, Bob).Note(Op.LeaveOk, Bob)
            .Fetches(Bob, Image, "ok", "webp"));

    [Fact]
    public void C13_ShouldTell_WhenAStrangerGetsAnImageOfACardInTheEnd() =>
        Broken("C13", Story.OfTwo().Links("a1", Page).AttachedWith(4, [Image], Page).Last(Image, "ok", "webp", isMember: false));

    [Fact]
    public void C12_ShouldTell_WhenAnImageOfACardIsGoneInTheEnd() =>
        Broken("C12", Story.OfTwo().Links("a1", Page).AttachedWith(4, [Image], Page).Last(Image, "not_found"));

    [Fact]
    public void C14_ShouldTell_WhenAnEdgeHasAnotherAvatar() => Broken("C14", Story.OfTwo().HasAvatar(First).HasAvatar(Second).LastAvatar(First));

    [Fact]
    public void C14_ShouldTell_WhenAnAvatarIsThereThatWasRemoved() => Broken("C14", Story.OfTwo().HasAvatar(First).SetsAvatar(null).LastAvatar(First));

    [Fact]
    public void C14_ShouldAcceptEither_WhenTheOutcomeIsNotKnown() =>
        Clean(Story.OfTwo().HasAvatar(First).HasAvatar(Second, isDone: false).LastAvatar(First).LastAvatar(Second));

    [Fact]
    public void C14_ShouldTell_WhenSomebodyHasTwoAvatars() =>
        Broken("C14", Story.OfTwo().Store(null, [Avatar(First), Avatar(Second)], "1/image", "1/small", "2/image", "2/small"));

    [Fact]
    public void C14_ShouldTell_WhenAnAvatarHasTooManyForms() =>
        Broken("C14", Story.OfTwo().Store(null, [Avatar(First)], "1/image", "1/small", "1/upload"));

    private static FileFact Avatar(string file) => new(file, 2, 1, IsImage: true) { AvatarOf = Ana };

    private static void Clean(Story story) => Assert.Empty(story.Check());

    private static void Broken(string check, Story story) => Assert.Contains(story.Check(), violation => violation.Check == check);
}
