using AkkaChat.LoadTest.Planning;

namespace AkkaChat.LoadTest.Tests.Planning;

public sealed class LoadPlanSpecs
{
    [Fact]
    public void Message_ShouldBeDueAtStartPlusKOverRate()
    {
        var plan = new LoadPlan(Options.Of("--rate", "40", "--duration", "10", "--ramp", "0"));

        Assert.Equal(400, plan.Messages);
        Assert.All(Enumerable.Range(0, 400), k => Assert.Equal(k * 25_000, plan.DueOf(k)));
    }

    [Fact]
    public void Rate_ShouldGrowEvenly_WhileTheRampLasts()
    {
        var plan = new LoadPlan(Options.Of("--rate", "100", "--duration", "10", "--ramp", "4"));
        var due = Enumerable.Range(0, plan.Messages).Select(plan.DueOf).ToList();

        Assert.Equal(1200, plan.Messages);
        Assert.Equal(due.Order(), due);
        Assert.Equal(50, due.Count(at => at < 2_000_000), tolerance: 1);
        Assert.Equal(200, due.Count(at => at < plan.RampEnd), tolerance: 1);
        Assert.All(Enumerable.Range(4, 10), second => Assert.Equal(100, due.Count(at => at / 1_000_000 == second), tolerance: 1));
    }

    [Theory]
    [InlineData("--users", "100", "--rooms", "10")]
    [InlineData("--scenario", "many-rooms")]
    [InlineData("--scenario", "slow-readers")]
    [InlineData("--users", "7", "--rooms", "5", "--rooms-per-user", "3")]
    public void Message_ShouldComeFromAMemberWhoReads_AndLoadShouldBeEven(params string[] arguments)
    {
        var options = Options.Of(arguments);
        var plan = new LoadPlan(options);

        Assert.All(Enumerable.Range(0, options.Rooms), room => Assert.All(plan.MembersOf(room), user => Assert.Contains(room, plan.RoomsOf(user))));
        Assert.All(Enumerable.Range(0, plan.Messages), k => Assert.Contains(plan.SenderOf(k), plan.MembersOf(plan.RoomOf(k))));
        Assert.All(Enumerable.Range(0, plan.Messages), k => Assert.False(plan.IsSlow(plan.SenderOf(k))));
        var sent = Enumerable.Range(0, plan.Messages).CountBy(plan.SenderOf).Select(pair => pair.Value).ToList();
        Assert.InRange(sent.Max() - sent.Min(), 0, 1);
        Assert.Equal(options.Rooms, Enumerable.Range(0, plan.Messages).Select(plan.RoomOf).Distinct().Count());
    }

    [Fact]
    public void SlowReaders_ShouldBeTheirShare_InEveryRoom()
    {
        var options = Options.Of("--scenario", "slow-readers", "--users", "100", "--rooms", "2");
        var plan = new LoadPlan(options);

        Assert.Equal(10, Enumerable.Range(0, options.Users).Count(plan.IsSlow));
        Assert.Equal(plan.SlowUsers, Enumerable.Range(0, options.Users).Count(plan.IsSlow));
    }

    [Fact]
    public void Idle_ShouldEndWithOneMessageInEachRoom()
    {
        var plan = new LoadPlan(Options.Of("--scenario", "idle", "--users", "12", "--rooms", "4", "--ramp", "1", "--duration", "9"));

        Assert.Equal([0, 1, 2, 3], Enumerable.Range(0, plan.Messages).Select(plan.RoomOf));
        Assert.All(Enumerable.Range(0, 4), k => Assert.InRange(plan.DueOf(k), 10_000_000, 10_100_000));
        Assert.All(Enumerable.Range(0, 4), k => Assert.Contains(plan.SenderOf(k), plan.MembersOf(k)));
    }

    [Fact]
    public void Storms_ShouldComeWithinTheMeasuredTime()
    {
        var plan = new LoadPlan(Options.Of("--scenario", "reconnect-storm", "--duration", "60", "--ramp", "0"));

        Assert.Equal([15_000_000, 30_000_000, 45_000_000], plan.Storms());
        Assert.Single(new LoadPlan(Options.Of("--scenario", "reconnect-storm", "--duration", "4")).Storms());
        Assert.Empty(new LoadPlan(Options.Of()).Storms());
    }
}
