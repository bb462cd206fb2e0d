using AkkaChat.Messages.Ids;
using Microsoft.Extensions.Time.Testing;

namespace AkkaChat.Messages.Tests.Ids;

public sealed class IdSpecs
{
    private const string Digits = "0190f2a4b5c67d8e9fa0b1c2d3e4f506";

    private static readonly RoomId Room = new("r_" + Digits);

    [Fact]
    public void RoomId_ShouldReadItsOwnForm()
    {
        var made = RoomId.New(TimeProvider.System);
        Assert.True(RoomId.TryParse(made.Value, out var read));
        Assert.Equal(made, read);
        Assert.Equal(made.Value, made.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("r_")]
    [InlineData(Digits)]
    [InlineData("u_" + Digits)]
    [InlineData("R_" + Digits)]
    [InlineData("r-" + Digits)]
    [InlineData("r_" + Digits + "0")]
    [InlineData("r_0190f2a4b5c67d8e9fa0b1c2d3e4f50")]
    [InlineData("r_0190F2A4B5C67D8E9FA0B1C2D3E4F506")]
    [InlineData("r_0190f2a4b5c67d8e9fa0b1c2d3e4f50g")]
    [InlineData("r_0190f2a4-b5c6-7d8e-9fa0-b1c2d3e4f")]
    [InlineData(" r_" + Digits)]
    [InlineData("r_" + Digits + "\n")]
    [InlineData("r_0190f2a4b5c67d8e9fa0b1c2d3e4f50\u0660")] // a digit, but not of ASCII
    public void RoomId_ShouldRefuse_WhatItNeverMade(string? value)
    {
        Assert.False(RoomId.TryParse(value, out var id));
        Assert.Equal(default, id);
    }

    [Fact]
    public void OpaqueId_ShouldSortByTime()
    {
        var earlier = OpaqueId.New("x_", new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(50)));
        var later = OpaqueId.New("x_", new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(50).AddMilliseconds(1)));
        Assert.True(string.CompareOrdinal(earlier, later) < 0);
        Assert.True(OpaqueId.IsWellFormed("x_", earlier));
        Assert.NotEqual(earlier, OpaqueId.New("x_", new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(50))));
    }

    [Fact]
    public void New_ShouldCarryThePrefixOfItsKind()
    {
        Assert.StartsWith("r_", RoomId.New(TimeProvider.System).Value, StringComparison.Ordinal);
        Assert.StartsWith("u_", UserId.New(TimeProvider.System).Value, StringComparison.Ordinal);
        Assert.StartsWith("s_", SessionId.New(TimeProvider.System).Value, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1045)]
    [InlineData(long.MaxValue)]
    public void MessageId_ShouldReadItsOwnForm(long seq)
    {
        var id = new MessageId(Room, seq);
        Assert.True(MessageId.TryParse(id.ToString(), out var read));
        Assert.Equal(id, read);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("r_" + Digits)]
    [InlineData("r_" + Digits + ".")]
    [InlineData("r_" + Digits + ".0")]
    [InlineData("r_" + Digits + ".-1")]
    [InlineData("r_" + Digits + ".+1")]
    [InlineData("r_" + Digits + ". 1")]
    [InlineData("r_" + Digits + ".1 ")]
    [InlineData("r_" + Digits + ".1.2")]
    [InlineData("r_" + Digits + ".1,2")]
    [InlineData("r_" + Digits + ".1e3")]
    [InlineData("r_" + Digits + ".x")]
    [InlineData("r_" + Digits + ".\u0661")]
    [InlineData("r_" + Digits + ".9223372036854775808")]
    [InlineData("." + Digits)]
    [InlineData("u_" + Digits + ".1")]
    public void MessageId_ShouldRefuse_WhatItNeverMade(string? value)
    {
        Assert.False(MessageId.TryParse(value, out var id));
        Assert.Equal(default, id);
    }

    [Fact]
    public void DirectRoom_ShouldFollowFromItsPeople()
    {
        UserId[] people = [.. Enumerable.Range(0, 3).Select(i => new UserId($"u_{i}{Digits[1..]}"))];
        var room = RoomId.OfDirect(people);

        Assert.True(RoomId.TryParse(room.Value, out _));
        Assert.True(room.IsDirect);
        Assert.Equal(room, RoomId.OfDirect([people[2], people[0], people[1], people[0]]));
        Assert.NotEqual(room, RoomId.OfDirect(people[..2]));
        Assert.NotEqual(room, RoomId.OfDirect([people[0], people[1], new UserId($"u_3{Digits[1..]}")]));
        Assert.Equal(new RoomId("r_d4cf643729f28953ad7d856bd4d7fb67"), room); // every release must find the room that an earlier one made
        Assert.All(Enumerable.Range(0, 50), _ => Assert.False(RoomId.New(TimeProvider.System).IsDirect));
    }

    [Fact]
    public void EdgeId_ShouldNameATopicOfItsOwn()
    {
        Assert.Equal("edge-a:1-2", new EdgeId("a:1-2").Topic);
        Assert.NotEqual(new EdgeId("a").Topic, new EdgeId("b").Topic);
    }
}
