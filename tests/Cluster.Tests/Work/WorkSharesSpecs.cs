using AkkaChat.Cluster.Work;
using Microsoft.Extensions.Time.Testing;

namespace AkkaChat.Cluster.Tests.Work;

public sealed class WorkSharesSpecs
{
    private readonly FakeTimeProvider _time = new();
    private readonly WorkShares _shares;

    public WorkSharesSpecs() => _shares = new WorkShares(_time);

    [Fact]
    public void Subject_ShouldBeLast_OnceItHasTakenMuchTime_AndNotForEver()
    {
        for (var item = 1; item <= 11; item++)
        {
            Run(item, "much", TimeSpan.FromSeconds(1));
        }

        Run(20, "little", TimeSpan.FromSeconds(5));
        Run(21, "", TimeSpan.FromSeconds(60));
        Assert.Empty(_shares.Last());

        Run(22, "much", TimeSpan.FromSeconds(9));
        Assert.Equal(["much"], _shares.Last());

        _time.Advance(TimeSpan.FromMinutes(3));
        Assert.Empty(_shares.Last());
    }

    [Fact]
    public void Subject_ShouldBeLast_WhileItsWorkRuns()
    {
        for (var item = 1; item <= 4; item++)
        {
            _shares.Begin(item, "slow");
        }

        Assert.Empty(_shares.Last());
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(["slow"], _shares.Last());
    }

    private void Run(long item, string subject, TimeSpan takes)
    {
        _shares.Begin(item, subject);
        _time.Advance(takes);
        _shares.End(item);
    }
}
