using AkkaChat.Chaos.Checking;
using AkkaChat.Chaos.Clients;
using AkkaChat.Chaos.Histories;
using static AkkaChat.Chaos.Tests.Story;

namespace AkkaChat.Chaos.Tests;

/// <summary>The checks of files, link cards and work: each on a history that breaks it, and on the nearest one that does not.</summary>
public sealed class FileCheckerSpecs
{
    private const string File = "f_1";
    private const string Eve = "u_eve";
    private const string Page = "http://10.0.0.1/page/1";
    private const string Gone = "http://10.0.0.1/gone/1";

    private static readonly FileFact Picture = new("f_9", 2, 1, IsImage: true);

    [Fact]
    public void GoodHistory_ShouldHaveNoViolation() => Clean(
        Shared().Fetches(Bob, File, "ok", "abc").Fetches(Eve, File, "not_found").Reads(Bob, "ok").Reads(Eve, "forbidden")
            .Last(File, "not_found", isMember: false).Store(null, [new FileFact(File, 2, 1, IsImage: false), Picture], "1/upload", "9/image", "9/large", "9/small"));

    [Fact]
    public void C12_ShouldTell_WhenAFileOfAnAcknowledgedMessageIsNotThere() =>
        Broken("C12", OfTwo().Uploads(File, "abc").Shares("a1", File).Last(File, "not_found"));

    [Fact]
    public void C12_ShouldTell_WhenNobodyCouldLook() => Broken("C12", OfTwo().Uploads(File, "abc").Shares("a1", File));

    [Fact]
    public void C12_ShouldTell_WhenItsBytesAreOthers() => Broken("C12", OfTwo().Uploads(File, "abc").Shares("a1", File).Last(File, "ok", "other"));

    [Fact]
    public void C12_ShouldTell_WhenAThumbnailIsMissing() =>
        Broken("C12", OfTwo().Uploads(File, "png 4x4").Shares("a1", File).Last(File, "ok", "png 4x4").Last(File, "ok", "webp", "small"));

    [Fact]
    public void C12_ShouldAcceptAPictureWithAllItsForms() => Clean(
        OfTwo().Uploads(File, "png 4x4").Shares("a1", File).Last(File, "ok", "png 4x4").Last(File, "ok", "webp", "small").Last(File, "ok", "webp", "large"));

    [Fact]
    public void C12_ShouldTell_WhenAMemberIsRefused() => Broken("C12", Shared().Fetches(Bob, File, "not_found"));

    [Fact]
    public void C12_ShouldAcceptARefusal_WhileTheUserLeaves() =>
        Clean(Shared().Stored(EventKind.Left, Bob).Note(Op.LeaveInvoke, Bob).Fetches(Bob, File, "not_found"));

    [Fact]
    public void C12_ShouldTell_WhenAMessageIsRefusedItsFile() =>
        Broken("C12", OfTwo().Uploads(File, "abc").Sends(Ana, "a1", "a1", Op.Fail, code: "invalid", files: File));

    [Fact]
    public void C12_ShouldAcceptThat_WhenTheFileWasRemoved() =>
        Clean(OfTwo().Uploads(File, "abc").Drops(File).Sends(Ana, "a1", "a1", Op.Fail, code: "invalid", files: File));

    [Fact]
    public void C13_ShouldTell_WhenAStrangerGetsAFile() => Broken("C13", Shared().Fetches(Eve, File, "ok", "abc"));

    [Fact]
    public void C13_ShouldTell_WhenAStrangerGetsAFileInTheEnd() => Broken("C13", Shared().Last(File, "ok", "abc", isMember: false));

    [Fact]
    public void C13_ShouldTell_WhenAFormerMemberGetsAFile() => Broken("C13", Left().Fetches(Bob, File, "ok", "abc"));

    [Fact]
    public void C13_ShouldTell_WhenAUrlFromBeforeStillGives() => Broken("C13", Left().Fetches(Bob, File, "ok", "abc", "kept"));

    [Fact]
    public void C13_ShouldAcceptWhatWasAskedForBeforeTheLeave() => Clean(Left().Fetches(Bob, File, "ok", "abc", took: 0.003));

    [Fact]
    public void C13_ShouldAcceptWhatFollowsARejoin() =>
        Clean(Left().Stored(EventKind.Joined, Bob).Note(Op.JoinInvoke, Bob).Fetches(Bob, File, "ok", "abc"));

    [Fact]
    public void C13_ShouldTell_WhenAFormerMemberReadsMessages() => Broken("C13", Left().Reads(Bob, "ok"));

    [Fact]
    public void C13_ShouldTell_WhenAFileIsSeenThatNoMessageCarries() => Broken("C13", OfTwo().Uploads(File, "abc").Fetches(Bob, File, "ok", "abc"));

    [Fact]
    public void C13_ShouldAcceptThat_WhenItIsOnesOwn() => Clean(OfTwo().Uploads(File, "abc").Fetches(Ana, File, "ok", "abc"));

    [Fact]
    public void C13_ShouldTell_WhenARemovedFileIsSeen() => Broken("C13", OfTwo().Uploads(File, "abc").Drops(File).Fetches(Ana, File, "ok", "abc"));

    [Fact]
    public void C13_ShouldTell_WhenAnUnfinishedUploadIsSeen() => Broken("C13", OfTwo().Uploads(File, "abc", 40).Fetches(Ana, File, "ok", "abc"));

    [Fact]
    public void C14_ShouldAcceptCardsThatCameOnce() => Clean(OfTwo().Links("a1", Page, Gone).Attached(4, Page).Reads(Bob, "ok", 4));

    [Fact]
    public void C14_ShouldTell_WhenCardsNeverCame() => Broken("C14", OfTwo().Links("a1", Page));

    [Fact]
    public void C14_ShouldTell_WhenCardsCameTwice() => Broken("C14", OfTwo().Links("a1", Page).Attached(4, Page).Attached(4, Page));

    [Fact]
    public void C14_ShouldTell_WhenACardIsAnother() => Broken("C14", OfTwo().Links("a1", Page).Attached(4, "http://10.0.0.1/page/2"));

    [Fact]
    public void C14_ShouldTell_WhenALinkHasACardThatCanHaveNone() => Broken("C14", OfTwo().Says(Ana, "a1", "hi").Attached(4, Page));

    [Fact]
    public void C14_ShouldTell_WhenRemovedCardsComeBack() => Broken("C14", OfTwo().Links("a1", Page).Attached(4).Attached(4, Page));

    [Fact]
    public void C14_ShouldAcceptCardsThatWereRemoved() =>
        Clean(OfTwo().Links("a1", Page).Attached(4, Page).Reads(Bob, "ok", 4).Attached(4).Note(Op.CardsRemoved, Ana, 4).Reads(Bob, "ok"));

    [Fact]
    public void C14_ShouldTell_WhenARemovalIsNotInTheLog() => Broken("C14", OfTwo().Links("a1", Page).Attached(4, Page).Note(Op.CardsRemoved, Ana, 4));

    [Fact]
    public void C14_ShouldTell_WhenAPageShowsRemovedCards() =>
        Broken("C14", OfTwo().Links("a1", Page).Attached(4, Page).Attached(4).Note(Op.CardsRemoved, Ana, 4).Reads(Bob, "ok", 4));

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void C14_ShouldTell_WhenWorkIsLeft(int state) => Broken("C14", OfTwo().Store([new WorkFact("link-card", "r_1.4", state, 4, "no answer")]));

    [Theory]
    [InlineData("9/image", "9/large")]
    [InlineData("9/image", "9/large", "9/small", "9/upload")]
    [InlineData("9/image", "9/large", "9/small", "8/upload")]
    public void C14_ShouldTell_WhenTheObjectStoreHasTooLittleOrTooMuch(params string[] objects) => Broken("C14", OfTwo().Store(null, [Picture], objects));

    [Theory]
    [InlineData(2, 0)]
    [InlineData(2, 2)]
    [InlineData(3, 1)]
    public void C14_ShouldTell_WhenAFileIsNotDoneWith(int state, int processing) => Broken(
        "C14", OfTwo().Store(null, [Picture with { State = state, Processing = processing }], "9/image", "9/large", "9/small"));

    [Fact]
    public void C15_ShouldTell_WhenAnOffsetGoesBack() => Broken("C15", OfTwo().Uploads(File, "abc", 40, 20, 100));

    [Fact]
    public void C15_ShouldTell_WhenAnUploadIsGone() => Broken("C15", OfTwo().Uploads(File, "abc", 40, -1));

    [Fact]
    public void C15_ShouldAcceptAnOffsetThatIsToldTwice() => Clean(OfTwo().Uploads(File, "abc", 40, 40, 100));

    [Fact]
    public void Content_ShouldBeNamedByItsSize_WhenItIsAPicture()
    {
        var contents = Enumerable.Range(1, 40).Select(seed => FileContent.Random(new Random(seed))).ToList();

        Assert.Contains(contents, content => content.IsImage);
        Assert.All(contents, content => Assert.Equal(content.IsImage, content.Description.StartsWith("png ", StringComparison.Ordinal)));
        Assert.All(contents.Where(content => content.IsImage), content => Assert.DoesNotContain("png", FileContent.Describe(content.Bytes.AsSpan()[..^1]), StringComparison.Ordinal));
    }

    private static Story Shared() => OfTwo().Uploads(File, "abc").Shares("a1", File).Last(File, "ok", "abc");

    private static Story Left() => Shared().Stored(EventKind.Left, Bob).Note(Op.LeaveInvoke, Bob).Note(Op.LeaveOk, Bob);

    private static void Clean(Story story) => Assert.Empty(story.Check());

    private static void Broken(string check, Story story) => Assert.Contains(story.Check(), violation => violation.Check == check);
}
