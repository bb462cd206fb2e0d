using AkkaChat.Cluster.Rooms;
using AkkaChat.Messages.Rooms;

namespace AkkaChat.Cluster.Tests.Rooms;

public sealed class SendStreamsSpecs
{
    private readonly SendStreams _streams = new(capacity: 3);

    [Fact]
    public void Take_ShouldBeFree_WhenTheSendHasNoOrder() => Assert.True(_streams.TryTake(null));

    [Fact]
    public void Take_ShouldWantThePredecessor_WhenThereIsOne()
    {
        Assert.True(Take(1));
        Assert.False(Take(3, follows: 2));
        Assert.True(Take(2, follows: 1));
        Assert.True(Take(3, follows: 2));
        Assert.False(Take(5, follows: 4));
        Assert.True(Take(8));
        Assert.True(Take(9, follows: 8));
        Assert.True(Take(4, follows: 0, stream: 2));
    }

    [Fact]
    public void Take_ShouldRefuseWhatIsLate_WhenTheSenderHasBegunAgain()
    {
        Take(1);
        Take(5);
        Assert.False(Take(2, follows: 1));
        Assert.False(Take(4));
        Assert.False(Take(5));
    }

    [Fact]
    public void Break_ShouldRefuseWhatFollows_UntilTheSenderBeginsAgain()
    {
        Take(1);
        _streams.Break(new SendOrder(1, 1, 0));
        Assert.False(Take(2, follows: 1));
        Assert.False(Take(1));
        Assert.True(Take(3));
        Assert.True(Take(4, follows: 3));
    }

    [Fact]
    public void Break_ShouldChangeNothing_WhenTheSenderHasBegunAgain()
    {
        Take(1);
        Take(2);
        _streams.Break(new SendOrder(1, 1, 0));
        Assert.True(Take(3, follows: 2));
    }

    [Fact]
    public void Streams_ShouldBeForgotten_WhenOthersHaveSentSince()
    {
        for (var stream = 1; stream <= 100; stream++)
        {
            Assert.True(Take(stream + 1, follows: stream == 1 ? 0 : stream, stream: 1000)); // in use all the time
            Assert.True(Take(1, stream: stream));
            Assert.True(_streams.Count <= 6);
        }

        Assert.True(Take(2, follows: 1, stream: 100));
        Assert.False(Take(2, follows: 1, stream: 1));
        Assert.True(Take(3, stream: 1));
    }

    private bool Take(long number, long follows = 0, long stream = 1) => _streams.TryTake(new SendOrder(stream, number, follows));
}
