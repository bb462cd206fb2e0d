using AkkaChat.Cluster.Work;
using AkkaChat.Edge.LinkCards;

namespace AkkaChat.Edge.Tests.LinkCards;

public sealed class LinkCardAttemptSpecs
{
    /// <summary>A node that is cut off from the rooms for half a minute had used up four attempts, and the cards were dead.</summary>
    [Fact]
    public void Cards_ShouldOutliveRoomsThatAreAwayForMinutes()
    {
        var shortest = Enumerable.Range(1, LinkCardHandler.AttachAttempts - 1)
            .Aggregate(TimeSpan.Zero, (sum, attempt) => sum + WorkBackOff.After(attempt, random: 0));

        Assert.True(shortest > TimeSpan.FromMinutes(5), $"{shortest}");
    }

    /// <summary>The cards of a message's other links wait for it.</summary>
    [Fact]
    public void Page_ShouldBeGivenUpSoon_WhenItCannotBeReached()
    {
        var longest = Enumerable.Range(1, LinkCardHandler.FetchAttempts - 1)
            .Aggregate(TimeSpan.Zero, (sum, attempt) => sum + WorkBackOff.After(attempt, random: 1));

        Assert.True(longest < TimeSpan.FromMinutes(1), $"{longest}");
    }
}
