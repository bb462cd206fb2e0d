using AkkaChat.Support;
using CsCheck;
using Xunit.Sdk;

namespace AkkaChat.Chaos.Tests;

public sealed class PropertySpecs
{
    private static readonly Gen<int> Numbers = Gen.Int[0, 1_000_000];

    [Fact]
    public void Cases_ShouldBeTheSame_WhenTheSeedIs()
    {
        var (first, second) = (new List<int>(), new List<int>());

        Numbers.ForAll(first.Add, cases: 200);
        Numbers.ForAll(second.Add, cases: 200);

        Assert.Equal(first, second);
        Assert.True(first.Distinct().Count() > 150);
    }

    [Fact]
    public void Failure_ShouldNameTheSeedAndASmallerCase_WhenOneDoesNotHold()
    {
        var failure = Assert.Throws<XunitException>(() => Numbers.ForAll(n => Assert.True(n < 1_000), cases: 1_000));

        Assert.Contains($"of 1000 with {Property.SeedVariable}={Property.Seed}: ", failure.Message, StringComparison.Ordinal);
        Assert.IsType<CsCheckException>(failure.InnerException);
    }

    [Fact]
    public async Task Failure_ShouldNameTheSeed_WhenAnAsynchronousCaseDoesNotHold()
    {
        var failure = await Assert.ThrowsAsync<XunitException>(() => Numbers.ForAllAsync(
            async n =>
            {
                await Task.Yield();
                Assert.True(n < 1_000);
            },
            cases: 1_000));

        Assert.Contains($"{Property.SeedVariable}={Property.Seed}: ", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Failure_ShouldBeKept_WhenTheCaseHoldsTheSecondTime()
    {
        var tries = 0;

        var failure = Assert.Throws<XunitException>(() => Numbers.ForAll(_ => Assert.NotEqual(1, Interlocked.Increment(ref tries)), cases: 10));

        Assert.Contains("Case 1 of 10", failure.Message, StringComparison.Ordinal);
        Assert.IsType<NotEqualException>(failure.InnerException);
    }
}
