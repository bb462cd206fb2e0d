using AkkaChat.Edge.Tests.Hosting;
using AkkaChat.Edge.Tests.Wire;

namespace AkkaChat.Edge.Tests.Sockets;

public abstract class SessionEndSpecs(ChatFixture chat)
{
    [Fact]
    public async Task Logout_ShouldCloseItsSessionsSocketsAlone_WhenOthersAreOpen()
    {
        var ana = await chat.Host.PersonAsync();
        var other = await ana.OtherSessionAsync();
        await using var one = await Socket.OpenAsync(ana);
        await using var two = await Socket.OpenAsync(ana);
        await using var kept = await Socket.OpenAsync(other);

        Assert.Equal(204, (await ana.PostAsync("/api/auth/logout")).Status);

        Assert.Equal(4501, await one.ClosedAsync());
        Assert.Equal(4501, await two.ClosedAsync());
        await kept.DrainedAsync();
        await using var again = await Socket.ConnectAsync(chat.Host, ana.Token);
        Assert.Equal("unauthenticated", (await again.RefusedAsync("hello", d: new System.Text.Json.Nodes.JsonObject())).Code);
    }

    [Fact]
    public async Task ChangeOfPassword_ShouldCloseTheSocketsOfAllOtherSessions_WhenItSucceeds()
    {
        const string New = "kq4-pw9-zr2";
        using var here = chat.Host.Client();
        using var there = chat.Host.Client();
        var name = $"dora-{Guid.NewGuid().ToString("N")[..8]}";
        var token = (await here.RegisterAsync(name)).AccessToken;
        var otherToken = (await there.LoginAsync(name)).AccessToken;
        await using var one = await Socket.ConnectAsync(chat.Host, token);
        await using var two = await Socket.ConnectAsync(chat.Host, otherToken);
        await one.HelloAsync();
        await two.HelloAsync();

        var answer = await here.SendAsync("PUT", "/api/auth/password", new { current = EdgeClient.Password, @new = New }, token);

        Assert.True(answer.Status == 204, answer.Text);
        Assert.Equal(4501, await two.ClosedAsync());
        await one.DrainedAsync();
    }
}

[Collection(OnSqlite.Name)]
public sealed class SessionEndOnSqliteSpecs(SqliteChat chat) : SessionEndSpecs(chat);

[Collection(OnPostgres.Name)]
public sealed class SessionEndOnPostgresSpecs(PostgresChat chat) : SessionEndSpecs(chat);
