using System.Text.Json;
using System.Text.Json.Nodes;
using AkkaChat.Edge.Tests.Hosting;
using AkkaChat.Edge.Tests.Rooms;
using AkkaChat.Edge.Tests.Wire;
using AkkaChat.Support;

namespace AkkaChat.Edge.Tests.Conversation;

/// <summary><c>@room</c> and <c>@here</c> through the whole product: whom they count for, live and later.</summary>
public abstract class AudienceSpecs(ChatFixture chat)
{
    private ChatHost Host => chat.Host;

    [Fact]
    public async Task Room_ShouldMentionEveryMember_ButItsAuthorAndThoseWhoComeLater()
    {
        var (ana, ben, cy) = (await Host.PersonAsync("ana"), await Host.PersonAsync("ben"), await Host.PersonAsync("cy"));
        var room = await ana.CreateRoomAsync();
        await ben.JoinAsync(room);
        await using var anas = await Socket.OpenAsync(ana);
        await using var bens = await Socket.OpenAsync(ben);

        var id = (await anas.SayAsync(room, "@room lunch")).GetProperty("id").GetString()!;

        var live = await bens.EventAsync("message.created");
        Assert.Equal(("room", 0), (D(live, "audience").GetString(), D(live, "mentions").GetArrayLength()));
        await cy.JoinAsync(room);
        Assert.Equal((1, 0, 0), (await MentionsAsync(ben, room), await MentionsAsync(ana, room), await MentionsAsync(cy, room)));
        Assert.Equal("room", (await ben.GetAsync($"/api/rooms/{room}/messages/{id}")).Json.GetProperty("audience").GetString());

        await ana.PatchAsync($"/api/rooms/{room}/messages/{id}", new { text = "lunch" });
        var edited = await bens.EventAsync("message.edited");
        Assert.False(edited.GetProperty("d").TryGetProperty("audience", out _));
        Assert.Equal(0, await MentionsAsync(ben, room));
        await ana.PatchAsync($"/api/rooms/{room}/messages/{id}", new { text = "lunch, @room" });
        Assert.Equal(1, await MentionsAsync(ben, room));

        Assert.Equal(204, (await ben.PutAsync($"/api/users/{ana.Id}/block")).Status);
        Assert.Equal(0, await MentionsAsync(ben, room));
        Assert.Equal(204, (await ben.DeleteAsync($"/api/users/{ana.Id}/block")).Status);
        Assert.Equal(204, (await ana.DeleteAsync($"/api/rooms/{room}/messages/{id}")).Status);
        Assert.Equal(0, await MentionsAsync(ben, room));
    }

    [Fact]
    public async Task Here_ShouldMentionThoseWhoAreOnline_AndGoOnMeaningThem()
    {
        var (ana, ben, cy) = (await Host.PersonAsync("ana"), await Host.PersonAsync("ben"), await Host.PersonAsync("cy"));
        var room = await ana.CreateRoomAsync();
        await ben.JoinAsync(room);
        await cy.JoinAsync(room);
        await using var anas = await Socket.OpenAsync(ana);
        await using var bens = await Socket.OpenAsync(ben);
        await OnlineAsync(ben, ana);

        var id = (await anas.SayAsync(room, "@here now")).GetProperty("id").GetString()!;

        var live = await bens.EventAsync("message.created");
        Assert.Equal(("here", ben.Id), (D(live, "audience").GetString(), Assert.Single(D(live, "mentions").EnumerateArray()).GetString()));
        Assert.Equal((1, 0), (await MentionsAsync(ben, room), await MentionsAsync(cy, room)));

        await using var cys = await Socket.OpenAsync(cy);
        await OnlineAsync(cy, ana);
        await anas.OkAsync("message.edit", room, Json(new { message = id, text = "@here, now" }));
        Assert.Equal((1, 0), (await MentionsAsync(ben, room), await MentionsAsync(cy, room)));
        await anas.OkAsync("message.edit", room, Json(new { message = id, text = "now" }));
        await anas.OkAsync("message.edit", room, Json(new { message = id, text = "all of you @here" }));
        Assert.Equal((1, 1), (await MentionsAsync(ben, room), await MentionsAsync(cy, room)));
    }

    [Theory]
    [InlineData("room")]
    [InlineData("Here")]
    public async Task Words_ShouldBeNobodysName(string username)
    {
        using var client = Host.Client();
        var answer = await client.RegisterAsync(username);
        Assert.Equal(400, answer.Status);
        Assert.Equal(["username"], answer.Errors);
    }

    private static Task OnlineAsync(Person person, Person seenBy) => Eventually.AssertAsync(async () =>
        Assert.Equal(JsonValueKind.True, (await seenBy.GetAsync($"/api/users/{person.Id}")).Json.GetProperty("online").ValueKind));

    private static async Task<int> MentionsAsync(Person person, string room) =>
        (await person.GetAsync($"/api/rooms/{room}")).Json.GetProperty("mentions").GetInt32();

    private static JsonElement D(JsonElement frame, string property) => frame.GetProperty("d").GetProperty(property);

    private static JsonNode Json<T>(T value) => JsonSerializer.SerializeToNode(value)!;
}

[Collection(OnSqlite.Name)]
public sealed class AudienceOnSqliteSpecs(SqliteChat chat) : AudienceSpecs(chat);

[Collection(OnPostgres.Name)]
public sealed class AudienceOnPostgresSpecs(PostgresChat chat) : AudienceSpecs(chat);
