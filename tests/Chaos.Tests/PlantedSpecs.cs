using AkkaChat.Chaos.Planted;

namespace AkkaChat.Chaos.Tests;

public sealed class PlantedSpecs
{
    public static TheoryData<string> Bugs => [.. Proof.Bugs.Select(bug => bug.Name)];

    [Theory]
    [MemberData(nameof(Bugs))]
    public async Task Bug_ShouldStillApplyToTheProduct(string name) =>
        await PlantedCopy.CheckAsync(Proof.Bugs.Single(bug => bug.Name == name).Patches);

    [Theory]
    [MemberData(nameof(Bugs))]
    public void Bug_ShouldSayWhichChecksMustSeeIt(string name)
    {
        var patch = File.ReadAllText(Path.Combine(PlantedCopy.Patches, $"{name}.patch"));
        var prose = patch[..patch.IndexOf("diff --git", StringComparison.Ordinal)];
        Assert.All(Proof.Bugs.Single(bug => bug.Name == name).Expected, check => Assert.Contains(check, prose, StringComparison.Ordinal));
    }

    [Fact]
    public void Patch_ShouldBeUsed()
    {
        var patches = Directory.GetFiles(PlantedCopy.Patches, "*.patch").Select(file => Path.GetFileNameWithoutExtension(file)!);
        Assert.Equal(Proof.Bugs.SelectMany(bug => bug.Patches).Distinct().Order(), patches.Order());
    }
}
