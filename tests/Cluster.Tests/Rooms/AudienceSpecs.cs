using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using static AkkaChat.Cluster.Tests.Rooms.RoomFacts;
using static AkkaChat.Messages.Rooms.RoomProtocol;

namespace AkkaChat.Cluster.Tests.Rooms;

/// <summary><c>@room</c> and <c>@here</c>: whom they mean, and who may use them. Ana owns the room.</summary>
public sealed class AudienceSpecs
{
    private static readonly UserId Gone = new("u_gone");

    [Theory]
    [InlineData("@room", Audience.Room)]
    [InlineData("hi @Room.", Audience.Room)]
    [InlineData("@here and @room", Audience.Room)]
    [InlineData("@HERE!", Audience.Here)]
    [InlineData("@rooms and @heres", Audience.None)]
    [InlineData("mail@room @roomy", Audience.None)]
    [InlineData("@all", Audience.None)]
    public void Text_ShouldSayWhomItMeans(string text, Audience audience) =>
        Assert.Equal(audience, Said(Room(2), Bo, text).Audience);

    [Fact]
    public void Here_ShouldMeanTheMembersWhoAreOnline_AndThoseNamed()
    {
        var said = Said(Room(4), Ana, "@bo @here", Id(3), Bo.Id, Ana.Id, Gone, Id(3));

        Assert.Equal([Bo.Id, Id(3)], said.Mentions);
        Assert.Equal([Bo.Id], Said(Room(4), Ana, "@bo @room", Id(3)).Mentions);
        Assert.Equal([Bo.Id], Said(Room(4), Ana, "@bo", Id(3)).Mentions);
    }

    [Theory]
    [InlineData(RoomState.MaxOpenAudience, MemberRole.Member, Audience.Room, Audience.Here)]
    [InlineData(RoomState.MaxOpenAudience + 1, MemberRole.Member, Audience.None, Audience.None)]
    [InlineData(RoomState.MaxOpenAudience + 1, MemberRole.Admin, Audience.Room, Audience.Here)]
    [InlineData(RoomState.MaxHere, MemberRole.Owner, Audience.Room, Audience.Here)]
    [InlineData(RoomState.MaxHere + 1, MemberRole.Owner, Audience.Room, Audience.None)]
    public void LargeRoom_ShouldLeaveItToOwnersAndAdmins(int members, MemberRole role, Audience room, Audience here)
    {
        var state = Room(members);
        state = state.Apply(new MemberRoleChanged(state.Seq + 1, Start, Bo, role, Ana));

        Assert.Equal(room, Said(state, Bo, "@room").Audience);
        var said = Said(state, Bo, "@here", Ana.Id);
        Assert.Equal((here, here == Audience.Here ? 1 : 0), (said.Audience, said.Mentions.Count));
    }

    [Fact]
    public void Word_ShouldBeTheNameOfAMember_WhoHasIt()
    {
        var state = Room(2);
        var named = User("room");
        state = state.Apply(new MemberJoined(state.Seq + 1, Start, named, MemberRole.Member));

        var said = Said(state, Ana, "@room");
        Assert.Equal((Audience.None, named.Id), (said.Audience, Assert.Single(said.Mentions)));
    }

    [Fact]
    public void Edit_ShouldMeanWhomTheNewTextMeans_AndARetryTheSame()
    {
        var state = Room(3);
        var post = new PostMessage(RoomFacts.Room, Bo, Cid(Start, 1), "@here", 0) { Here = [Ana.Id] };
        state = state.Apply(state.Process(post, Start).Events);
        Assert.True(Assert.IsType<PostAck>(state.Process(post with { Here = [Id(3)] }, Start).Reply).Duplicate);

        var all = Edited("@room", []);
        var here = Edited("now @here", [Id(3)]);
        var none = Edited("nobody", [Id(3)]);

        Assert.Equal((Audience.Room, 0), (all.Audience, all.Mentions.Count));
        Assert.Equal((Audience.Here, Id(3)), (here.Audience, Assert.Single(here.Mentions)));
        Assert.Equal((Audience.None, 0), (none.Audience, none.Mentions.Count));

        MessageEdited Edited(string text, IReadOnlyList<UserId> online)
        {
            var known = state.Recall(new(
                new(RoomFacts.Room, state.Seq, 1, post.ClientId, Bo, post.Text, Start, 0, []), [], state.Seq));
            return (MessageEdited)known.Process(new EditMessage(RoomFacts.Room, state.Seq, text, Bo) { Here = online }, Start).Events[0];
        }
    }

    private static MessagePosted Said(RoomState state, UserRef by, string text, params UserId[] here) =>
        (MessagePosted)state.Process(new PostMessage(RoomFacts.Room, by, Cid(Start, 1), text, 0) { Here = here }, Start).Events[0];

    /// <summary>Ana, Bo, and as many more as it takes.</summary>
    private static RoomState Room(int members) => Enumerable.Range(2, members - 1).Aggregate(Created(), (state, i) =>
        state.Apply(new MemberJoined(state.Seq + 1, Start, i == 2 ? Bo : new UserRef(Id(i), $"m{i}", $"M{i}"), MemberRole.Member)));

    private static UserId Id(int i) => new($"u_{i}");
}
