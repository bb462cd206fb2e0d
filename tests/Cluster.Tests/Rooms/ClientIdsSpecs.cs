using AkkaChat.Support;
using CsCheck;

namespace AkkaChat.Cluster.Tests.Rooms;

public sealed class ClientIdsSpecs
{
    [Theory]
    [InlineData("017f22e2-79b0-7cc3-98c4-dc0c0c07398f", 1_645_557_742_000)] // the example of RFC 9562
    [InlineData("00000000-0000-7000-8000-000000000000", 0)]
    [InlineData("ffffffff-ffff-7fff-bfff-ffffffffffff", 253_402_300_799_999)] // the year 10889 reads as the last that there is
    public void TryReadTime_ShouldReadTheMilliseconds_WhenTheVersionIs7(string id, long milliseconds)
    {
        Assert.True(ClientIds.TryReadTime(Guid.Parse(id), out var made));
        Assert.Equal(milliseconds, made.ToUnixTimeMilliseconds());
    }

    [Theory]
    [InlineData("00000000-0000-0000-0000-000000000000")]
    [InlineData("ffffffff-ffff-ffff-ffff-ffffffffffff")]
    [InlineData("c232ab00-9414-11ec-b3c8-9f6bdeced846")] // 1
    [InlineData("919108f7-52d1-4320-9bac-f847db4148a8")] // 4
    [InlineData("1ec9414c-232a-6b00-b3c8-9f6bdeced846")] // 6
    public void TryReadTime_ShouldRefuse_WhenTheVersionIsAnother(string id) => Assert.False(ClientIds.TryReadTime(Guid.Parse(id), out _));

    [Fact]
    public void TryReadTime_ShouldReadWhatTheRuntimeMakes() =>
        Gen.Long[0, DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()].ForAll(
            milliseconds =>
            {
                Assert.True(ClientIds.TryReadTime(
                    Guid.CreateVersion7(DateTimeOffset.FromUnixTimeMilliseconds(milliseconds)), out var made));
                Assert.Equal(milliseconds, made.ToUnixTimeMilliseconds());
            },
            cases: 10_000);
}
