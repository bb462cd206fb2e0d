using AkkaChat.Edge.Tests.Hosting;
using AkkaChat.Edge.Tests.Rooms;
using AkkaChat.Persistence.Invites;
using Microsoft.Extensions.DependencyInjection;

namespace AkkaChat.Edge.Tests.Invites;

public abstract class InviteSpecs(ChatFixture chat)
{
    private ChatHost Host => chat.Host;

    [Fact]
    public async Task Invite_ShouldOpenAPrivateRoom()
    {
        var (ana, ben) = (await Host.PersonAsync("ana"), await Host.PersonAsync("ben"));
        var room = await ana.CreateRoomAsync("secret", "private", "a topic");

        var invite = await InviteAsync(ana, room, new { });
        Assert.EndsWith($"/invite/{invite}", (await OnlyAsync(ana, room)).GetProperty("url").GetString(), StringComparison.Ordinal);
        var look = (await ben.GetAsync($"/api/invites/{invite}")).Json;
        Assert.Equal(("secret", "private", 1, false), (
            look.GetProperty("name").GetString(), look.GetProperty("visibility").GetString(), look.GetProperty("memberCount").GetInt32(), look.GetProperty("joined").GetBoolean()));
        Assert.Equal(404, (await ben.GetAsync($"/api/rooms/{room}")).Status);

        var joined = await ben.PostAsync($"/api/invites/{invite}/accept");

        Assert.Equal((200, "member"), (joined.Status, joined.Json.GetProperty("role").GetString()));
        Assert.Equal(200, (await ben.GetAsync($"/api/rooms/{room}/messages")).Status);
        Assert.Equal(1, (await OnlyAsync(ana, room)).GetProperty("uses").GetInt32());
        // Again, as a client does that did not get the answer: no second use.
        Assert.Equal(200, (await ben.PostAsync($"/api/invites/{invite}/accept")).Status);
        Assert.Equal(1, (await OnlyAsync(ana, room)).GetProperty("uses").GetInt32());
    }

    [Fact]
    public async Task Invite_ShouldLetInNoMoreThanItsUses_WhenManyAcceptAtOnce()
    {
        var ana = await Host.PersonAsync("ana");
        var room = await ana.CreateRoomAsync(visibility: "private");
        var invite = await InviteAsync(ana, room, new { maxUses = 3 });
        var guests = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Host.PersonAsync("guest")));

        var answers = await Task.WhenAll(guests.Select(guest => guest.PostAsync($"/api/invites/{invite}/accept")));

        Assert.Equal(3, answers.Count(answer => answer.Status == 200));
        Assert.All(answers.Where(answer => answer.Status != 200), answer => RoomRestSpecs.AssertProblem(answer, 410, "invite_expired"));
        Assert.Equal(4, (await ana.GetAsync($"/api/rooms/{room}")).Json.GetProperty("memberCount").GetInt32());
        Assert.Empty((await ana.GetAsync($"/api/rooms/{room}/invites")).Json.GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task Create_ShouldBeRefused_WhenTheRoomHasAsManyInvitationsAsItMay()
    {
        var ana = await Host.PersonAsync("ana");
        var room = await ana.CreateRoomAsync(visibility: "private");
        for (var i = 0; i < RoomInvites.MaxPerRoom; i++)
        {
            await InviteAsync(ana, room, new { });
        }

        RoomRestSpecs.AssertProblem(await ana.PostAsync($"/api/rooms/{room}/invites", new { }), 400, "invalid");
    }

    [Fact]
    public async Task Invite_ShouldExpire()
    {
        var (ana, ben) = (await Host.PersonAsync("ana"), await Host.PersonAsync("ben"));
        var room = await ana.CreateRoomAsync(visibility: "private");
        var invite = await InviteAsync(ana, room, new { expiresIn = 60 });
        var database = Host.Services.GetRequiredService<AkkaChat.Persistence.Database.IDatabase>();
        await database.WriteAsync(
            async (connection, transaction) => await Dapper.SqlMapper.ExecuteAsync(
                connection, "UPDATE room_invite SET expires_at = 1 WHERE code = @invite", new { invite }, transaction),
            CancellationToken.None);

        RoomRestSpecs.AssertProblem(await ben.GetAsync($"/api/invites/{invite}"), 410, "invite_expired");
        RoomRestSpecs.AssertProblem(await ben.PostAsync($"/api/invites/{invite}/accept"), 410, "invite_expired");
        Assert.Equal(404, (await ben.GetAsync($"/api/rooms/{room}")).Status);
    }

    [Fact]
    public async Task Invite_ShouldBeWorthNothing_WhenItIsRevokedOrForAnother()
    {
        var (ana, ben, eve) = (await Host.PersonAsync("ana"), await Host.PersonAsync("ben"), await Host.PersonAsync("eve"));
        var room = await ana.CreateRoomAsync(visibility: "private");
        var own = await InviteAsync(ana, room, new { userId = ben.Id });

        RoomRestSpecs.AssertProblem(await eve.GetAsync($"/api/invites/{own}"), 404, "not_found");
        RoomRestSpecs.AssertProblem(await eve.PostAsync($"/api/invites/{own}/accept"), 404, "not_found");
        Assert.Equal(204, (await ana.DeleteAsync($"/api/rooms/{room}/invites/{own}")).Status);

        RoomRestSpecs.AssertProblem(await ben.PostAsync($"/api/invites/{own}/accept"), 404, "not_found");
        RoomRestSpecs.AssertProblem(await ben.PostAsync("/api/invites/none/accept"), 404, "not_found");
        RoomRestSpecs.AssertProblem(await ana.DeleteAsync($"/api/rooms/{room}/invites/{own}"), 404, "not_found");
    }

    [Fact]
    public async Task Invite_ShouldNotLetInWhoIsBanned_AndKeepItsUse()
    {
        var (ana, ben, cy) = (await Host.PersonAsync("ana"), await Host.PersonAsync("ben"), await Host.PersonAsync("cy"));
        var room = await ana.CreateRoomAsync(visibility: "private");
        Assert.Equal(204, (await ana.PostAsync($"/api/rooms/{room}/ban", new { userId = ben.Id })).Status);
        var invite = await InviteAsync(ana, room, new { maxUses = 1 });

        RoomRestSpecs.AssertProblem(await ben.PostAsync($"/api/invites/{invite}/accept"), 403, "forbidden");

        Assert.Equal(200, (await cy.PostAsync($"/api/invites/{invite}/accept")).Status);
    }

    [Fact]
    public async Task Invite_ShouldCountAgain_WhenItsUserWasRemovedMeanwhile()
    {
        var (ana, ben) = (await Host.PersonAsync("ana"), await Host.PersonAsync("ben"));
        var room = await ana.CreateRoomAsync(visibility: "private");
        var invite = await InviteAsync(ana, room, new { maxUses = 1 });
        Assert.Equal(200, (await ben.PostAsync($"/api/invites/{invite}/accept")).Status);
        Assert.Equal(204, (await ana.PostAsync($"/api/rooms/{room}/kick", new { userId = ben.Id })).Status);

        RoomRestSpecs.AssertProblem(await ben.PostAsync($"/api/invites/{invite}/accept"), 410, "invite_expired");
    }

    [Theory]
    [InlineData("""{"expiresIn":59}""", "expiresIn")]
    [InlineData("""{"expiresIn":2592001,"maxUses":0}""", "expiresIn,maxUses")]
    [InlineData("""{"maxUses":1001,"userId":"ben"}""", "maxUses,userId")]
    public async Task Create_ShouldNameEveryBadField(string body, string fields)
    {
        var ana = await Host.PersonAsync("ana");
        var room = await ana.CreateRoomAsync();
        var answer = await Host.SendAsync(
            "POST", $"/api/rooms/{room}/invites", new StringContent(body, System.Text.Encoding.UTF8, "application/json"), ana.Token);
        RoomRestSpecs.AssertProblem(answer, 400, "invalid");
        Assert.Equal(fields, string.Join(',', answer.Errors));
    }

    private static async Task<string> InviteAsync(Person by, string room, object body)
    {
        var answer = await by.PostAsync($"/api/rooms/{room}/invites", body);
        Assert.True(answer.Status == 201, answer.Text);
        return answer.Json.GetProperty("code").GetString()!;
    }

    private static async Task<System.Text.Json.JsonElement> OnlyAsync(Person by, string room) =>
        (await by.GetAsync($"/api/rooms/{room}/invites")).Json.GetProperty("items").EnumerateArray().Single();
}

[Collection(OnSqlite.Name)]
public sealed class InviteOnSqliteSpecs(SqliteChat chat) : InviteSpecs(chat);

[Collection(OnPostgres.Name)]
public sealed class InviteOnPostgresSpecs(PostgresChat chat) : InviteSpecs(chat);
