using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using static AkkaChat.Cluster.Tests.Rooms.RoomFacts;
using static AkkaChat.Messages.Rooms.RoomProtocol;

namespace AkkaChat.Cluster.Tests.Rooms;

/// <summary>Roles, removals and bans by example; <see cref="RoomModel"/> has them in its random scripts.</summary>
public sealed class RoomModerationSpecs
{
    private static readonly UserRef Cy = User("cy");

    [Fact]
    public void Admin_ShouldRemoveMembersOnly()
    {
        var state = Carry(Room3(), new ChangeRole(Room, Bo.Id, MemberRole.Admin, Ana));

        Assert.Equal(new MemberKicked(6, Start, Cy, Bo, "why"), Assert.Single(state.Process(new KickMember(Room, Cy.Id, "why", Bo), Start).Events));
        Assert.Equal(NackCode.Forbidden, Refusal(state, new KickMember(Room, Ana.Id, "", Bo)));
        Assert.Equal(NackCode.Forbidden, Refusal(state, new BanUser(Room, Ana, "", Bo)));
        Assert.Equal(NackCode.Forbidden, Refusal(state, new ChangeRole(Room, Cy.Id, MemberRole.Admin, Bo)));
        Assert.Equal(NackCode.Invalid, Refusal(state, new KickMember(Room, Bo.Id, "", Bo)));
    }

    [Fact]
    public void Ban_ShouldKeepTheUserOut_UntilItIsLifted()
    {
        var state = Carry(Room3(), new BanUser(Room, Bo, "why", Ana));
        Assert.DoesNotContain(Bo.Id, state.Members.Keys);
        Assert.Equal(NackCode.Forbidden, Refusal(state, new JoinRoom(Room, Bo)));
        Assert.Equal(NackCode.Forbidden, Refusal(state, new JoinRoom(Room, Bo, Invited: true)));
        Assert.Equal(NackCode.Forbidden, Refusal(RoomState.From(state.ToSnapshot()), new JoinRoom(Room, Bo)));

        state = Carry(state, new UnbanUser(Room, Bo.Id, Ana));

        Assert.IsType<MemberJoined>(Assert.Single(state.Process(new JoinRoom(Room, Bo), Start).Events));
    }

    [Fact]
    public void Ban_ShouldStopWhoIsNoMember()
    {
        var state = Carry(Created(), new BanUser(Room, Bo, "why", Ana));
        Assert.Equal(NackCode.Forbidden, Refusal(state, new JoinRoom(Room, Bo)));
    }

    [Fact]
    public void Command_ShouldChangeNothing_WhenItComesAgain()
    {
        foreach (var command in new IRoomCommand[]
        {
            new KickMember(Room, Bo.Id, "why", Ana), new BanUser(Room, Bo, "why", Ana), new ChangeRole(Room, Bo.Id, MemberRole.Owner, Ana),
            new JoinRoom(Room, User("dee"), Invited: true),
        })
        {
            var state = Carry(Room3(), command);
            Assert.Equal(new ChangeAck(state.Seq, Changed: false), state.Process(command, Start).Reply);
        }
    }

    [Fact]
    public void ChangeRole_ShouldSayThatItIsDone_WhenItTookItsSendersRight()
    {
        var state = Carry(Carry(Room3(), new ChangeRole(Room, Bo.Id, MemberRole.Owner, Ana)), new ChangeRole(Room, Ana.Id, MemberRole.Member, Ana));
        Assert.Equal(new ChangeAck(state.Seq, Changed: false), state.Process(new ChangeRole(Room, Ana.Id, MemberRole.Member, Ana), Start).Reply);
        Assert.Equal(NackCode.Forbidden, Refusal(state, new ChangeRole(Room, Bo.Id, MemberRole.Member, Ana)));
    }

    [Fact]
    public void LastOwner_ShouldStay_WhileOthersAreInTheRoom()
    {
        var state = Room3();
        Assert.Equal(NackCode.LastOwner, Refusal(state, new LeaveRoom(Room, Ana)));
        Assert.Equal(NackCode.LastOwner, Refusal(state, new ChangeRole(Room, Ana.Id, MemberRole.Admin, Ana)));
        Assert.IsType<MemberLeft>(Assert.Single(Created().Process(new LeaveRoom(Room, Ana), Start).Events));

        state = Carry(state, new ChangeRole(Room, Bo.Id, MemberRole.Owner, Ana));

        Assert.IsType<MemberLeft>(Assert.Single(state.Process(new LeaveRoom(Room, Ana), Start).Events));
    }

    [Fact]
    public void PrivateRoom_ShouldOpenToTheInvitedOnly()
    {
        var state = RoomState.Empty;
        state = Carry(state, new CreateRoom(Room, "room", "", RoomVisibility.Private, Ana));
        Assert.Equal(NackCode.NotFound, Refusal(state, new JoinRoom(Room, Bo)));
        Assert.Equal(NackCode.NotFound, Refusal(state, new KickMember(Room, Ana.Id, "", Bo)));

        var joined = state.Process(new JoinRoom(Room, Bo, Invited: true), Start);

        Assert.Equal(new MemberJoined(3, Start, Bo, MemberRole.Member), Assert.Single(joined.Events));
    }

    private static RoomState Room3() => Carry(Carry(Created(), new JoinRoom(Room, Bo)), new JoinRoom(Room, Cy));

    private static RoomState Carry(RoomState state, IRoomCommand command)
    {
        var decision = state.Process(command, Start);
        Assert.NotEmpty(decision.Events);
        return state.Apply(decision.Events);
    }

    private static NackCode Refusal(RoomState state, IRoomCommand command)
    {
        var decision = state.Process(command, Start);
        Assert.Empty(decision.Events);
        return Assert.IsType<Nack>(decision.Reply).Code;
    }
}
