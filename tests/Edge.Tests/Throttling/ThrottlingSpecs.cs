using AkkaChat.Edge.Throttling;
using Microsoft.Extensions.Time.Testing;

namespace AkkaChat.Edge.Tests.Throttling;

public sealed class TokenBucketSpecs
{
    [Fact]
    public void TryTake_ShouldGiveTheBurstThenTheRate_WhenTimeGoesOn()
    {
        var time = new FakeTimeProvider();
        var bucket = new TokenBucket(perSecond: 5, burst: 20, time);
        for (var i = 0; i < 20; i++)
        {
            Assert.True(bucket.TryTake(out _));
        }

        Assert.False(bucket.TryTake(out var wait));
        Assert.Equal(TimeSpan.FromMilliseconds(200), wait);
        time.Advance(TimeSpan.FromMilliseconds(150));
        Assert.False(bucket.TryTake(out wait));
        Assert.Equal(50, wait.TotalMilliseconds, 3);
        time.Advance(TimeSpan.FromMilliseconds(51));
        Assert.True(bucket.TryTake(out wait));
        Assert.Equal(TimeSpan.Zero, wait);
        Assert.False(bucket.TryTake(out _));

        time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(20, Enumerable.Range(0, 100).TakeWhile(_ => bucket.TryTake(out var _)).Count());
    }
}

public sealed class KeyedLimiterSpecs
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Try_ShouldLimitEachKeyAlone()
    {
        var limiter = new KeyedLimiter<string>(permits: 10, TimeSpan.FromMinutes(1), burst: 3, _time);
        Assert.Equal(3, Enumerable.Range(0, 100).TakeWhile(_ => limiter.Try("ana") is null).Count());
        Assert.Null(limiter.Try("bob"));

        Assert.Equal(TimeSpan.FromSeconds(6), limiter.Try("ana"));
        _time.Advance(TimeSpan.FromSeconds(6.1));
        Assert.Null(limiter.Try("ana"));
        Assert.NotNull(limiter.Try("ana"));
    }

    [Fact]
    public void Try_ShouldForgetWhoIsBelowTheLimit_AndNobodyElse()
    {
        var limiter = new KeyedLimiter<int>(permits: 1, TimeSpan.FromHours(1), burst: 5, _time);
        for (var key = 0; key < 1_000; key++)
        {
            Assert.Null(limiter.Try(key));
        }

        _time.Advance(TimeSpan.FromHours(0.9));
        Assert.Null(limiter.Try(0));
        Assert.Equal(1_000, limiter.Count);
        _time.Advance(TimeSpan.FromHours(0.2));
        Assert.Null(limiter.Try(1_000));
        // 0 still lacks what it took; the others have all again.
        Assert.Equal(2, limiter.Count);
        Assert.Equal(4, Enumerable.Range(0, 100).TakeWhile(_ => limiter.Try(0) is null).Count());
    }

    [Fact]
    public async Task Try_ShouldGiveNoMoreThanTheBurst_ToManyAtOnce()
    {
        var limiter = new KeyedLimiter<int>(permits: 100, TimeSpan.FromHours(1), time: _time);
        var taken = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Enumerable.Range(0, 1_000).Count(_ => limiter.Try(1) is null))));
        Assert.Equal(100, taken.Sum());
    }
}
