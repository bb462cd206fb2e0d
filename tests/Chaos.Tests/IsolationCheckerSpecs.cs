using static AkkaChat.Chaos.Tests.Story;

namespace AkkaChat.Chaos.Tests;

/// <summary>What hostile clients do to others: what C18 must see, and the nearest history that is right.</summary>
public sealed class IsolationCheckerSpecs
{
    [Fact]
    public void GoodHistory_ShouldHaveNoViolation() => Assert.Empty(Talked().Tries([20, 24, 22], [23, 21, 24]).Check());

    [Fact]
    public void C18_ShouldTell_WhenOthersAreSlower() => Broken(Talked().Tries([20, 24, 22], [35, 33, 60]));

    [Fact]
    public void C18_ShouldAcceptWhatTheMachineDoesWithoutThem() => Assert.Empty(Talked().Tries([20, 60, 22], [35, 33, 24]).Check());

    [Fact]
    public void C18_ShouldTell_WhenOthersAreRefusedOrDropped()
    {
        Broken(Talked().Tries([20, 20], [20, 20], refused: 1));
        Broken(Talked().Tries([20, 20], [20, 20], dropped: 1));
    }

    /// <summary>The machine is slow beside the attack only: each send is excused no more than that.</summary>
    [Fact]
    public void C18_ShouldTell_WhenOthersAreSlowerThanTheMachineWas() => Broken(
        Talked().Tries([20, 20, 20], [900, 900, 900]).Starves(10, 14).Starves(30, 34).Starves(50, 54));

    [Fact]
    public void C18_ShouldAcceptOthersWhoAreSlower_WhereTheMachineWas() => Assert.Empty(
        Talked().Tries([20, 20, 20], [900, 20, 20]).Starves(10, 18).Check());

    [Fact]
    public void C18_ShouldNotJudge_WhenTheMachineWasTooSlowWithoutThem() => Assert.Empty(
        Talked().Tries([900, 900, 900], [950, 950, 2_000]).Starves(0, 8).Starves(20, 28).Starves(40, 48).Check());

    private static Story Talked() => OfTwo().Says(Ana, "a1", "hi").At(60);

    private static void Broken(Story story) => Assert.Contains(story.Check(), violation => violation.Check == "C18");
}
