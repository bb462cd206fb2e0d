using System.Text.Json;
using System.Text.Json.Nodes;
using AkkaChat.Edge.Files;
using AkkaChat.Edge.Tests.Hosting;
using AkkaChat.Edge.Tests.Sockets;
using AkkaChat.Edge.Tests.Wire;
using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.Files;
using Microsoft.Extensions.DependencyInjection;

namespace AkkaChat.Edge.Tests.Files;

/// <summary>Files on messages: who may attach them, who sees them, and what becomes of those that nobody does.</summary>
public abstract class MessageFileSpecs(ChatFixture chat)
{
    private ChatHost Host => chat.Host;

    [Fact]
    public async Task Message_ShouldCarryFiles_LiveAndInHistoryAndInEvents()
    {
        var (ana, ben) = (await Host.PersonAsync("ana"), await Host.PersonAsync("ben"));
        var room = await ana.CreateRoomAsync();
        await ben.JoinAsync(room);
        await using var bens = await Socket.OpenAsync(ben);
        await using var anas = await Socket.OpenAsync(ana);
        var (first, second) = (await ana.UploadAsync(room, "one"u8.ToArray(), "été.txt"), await ana.UploadAsync(room, "three"u8.ToArray(), "b.zip"));

        var sent = await SendAsync(anas, room, Guid.CreateVersion7(), null, second, first);

        Assert.False(sent.GetProperty("d").GetProperty("dup").GetBoolean());
        var live = (await bens.EventAsync("message.created")).GetProperty("d");
        Assert.Equal("", live.GetProperty("text").GetString());
        Assert.Equal(
            $$"""[{"id":"{{second}}","name":"b.zip","type":"application/octet-stream","size":5,"width":null,"height":null,"placeholder":null,"thumbnails":[]},{"id":"{{first}}","name":"été.txt","type":"application/octet-stream","size":3,"width":null,"height":null,"placeholder":null,"thumbnails":[]}]""",
            live.GetProperty("files").GetRawText());
        var page = (await ben.GetAsync($"/api/rooms/{room}/messages")).Json.GetProperty("items").EnumerateArray().Single();
        Assert.Equal(Printed(live.GetProperty("files")), Printed(page.GetProperty("files")));
        var @event = (await ben.GetAsync($"/api/rooms/{room}/events?after=3")).Json.GetProperty("items").EnumerateArray().Single();
        Assert.Equal(Printed(live), Printed(@event.GetProperty("d")));
        var listed = (await ben.GetAsync($"/api/rooms/{room}")).Json.GetProperty("lastMessage");
        Assert.Equal(Printed(live.GetProperty("files")), Printed(listed.GetProperty("files")));
        await using var back = await Socket.OpenAsync(ben, ResumeSpecs.Resume((room, 3)));
        var sync = back.Frames.Single(frame => Socket.Name(frame) == "room.sync").GetProperty("d").GetProperty("events").EnumerateArray().Single();
        Assert.Equal(Printed(live), Printed(sync.GetProperty("d")));
    }

    [Fact]
    public async Task File_ShouldBeSeenByMembersOnly_AndOnlyOnceAMessageCarriesIt()
    {
        var (ana, ben, eve) = (await Host.PersonAsync("ana"), await Host.PersonAsync("ben"), await Host.PersonAsync("eve"));
        var room = await ana.CreateRoomAsync();
        await ben.JoinAsync(room);
        var file = await ana.UploadAsync(room, "hello"u8.ToArray());
        await using var socket = await Socket.OpenAsync(ana);

        Assert.Equal((302, 404, 404), (await StatusAsync(ana, file), await StatusAsync(ben, file), await StatusAsync(eve, file)));
        await SendAsync(socket, room, Guid.CreateVersion7(), "look", file);
        Assert.Equal((302, 302, 404), (await StatusAsync(ana, file), await StatusAsync(ben, file), await StatusAsync(eve, file)));
        using var view = await ben.ViewAsync(file);
        Assert.Equal("hello", await view.Content.ReadAsStringAsync());
        await ben.LeaveAsync(room);
        Assert.Equal(404, await StatusAsync(ben, file));
        Assert.Equal(401, (await Host.SendAsync("GET", $"/api/files/{file}")).Status);
    }

    [Fact]
    public async Task Send_ShouldBeTheSameMessage_WhenItIsRepeated()
    {
        var ana = await Host.PersonAsync();
        var room = await ana.CreateRoomAsync();
        var (file, other) = (await ana.UploadAsync(room, "x"u8.ToArray()), await ana.UploadAsync(room, "y"u8.ToArray()));
        await using var socket = await Socket.OpenAsync(ana);
        var cid = Guid.CreateVersion7();

        var first = await SendAsync(socket, room, cid, "hi", file);
        var again = await SendAsync(socket, room, cid, "hi", file);
        await ana.GetAsync($"/api/files/{file}");
        var later = await SendAsync(socket, room, cid, "hi", file);
        var without = await SendAsync(socket, room, cid, "hi");
        var another = await SendAsync(socket, room, cid, "hi", file, other);

        Assert.Equal(first.GetProperty("d").GetProperty("seq").GetInt64(), again.GetProperty("d").GetProperty("seq").GetInt64());
        Assert.True(again.GetProperty("d").GetProperty("dup").GetBoolean());
        Assert.True(later.GetProperty("d").GetProperty("dup").GetBoolean());
        Assert.Equal(("idempotency_conflict", "idempotency_conflict"), (Code(without), Code(another)));
        await Support.Eventually.AssertAsync(async () => Assert.Null(Code(await SendAsync(socket, room, Guid.CreateVersion7(), "other", other))));
    }

    [Fact]
    public async Task Send_ShouldBeRefused_WhenAFileIsNotTheAuthorsToSendHere()
    {
        var (ana, ben) = (await Host.PersonAsync("ana"), await Host.PersonAsync("ben"));
        var (room, elsewhere) = (await ana.CreateRoomAsync(), await ana.CreateRoomAsync());
        await ben.JoinAsync(room);
        await using var socket = await Socket.OpenAsync(ana);
        var good = await ana.UploadAsync(room, "good"u8.ToArray());
        var sent = await ana.UploadAsync(room, "sent"u8.ToArray());
        Assert.Null(Code(await SendAsync(socket, room, Guid.CreateVersion7(), "", sent)));
        var unfinished = (await ana.BeginAsync(room, 5)).Split('/')[^1];
        string[] bad =
        [
            sent, unfinished, await ben.UploadAsync(room, "bens"u8.ToArray()), await ana.UploadAsync(elsewhere, "there"u8.ToArray()),
            $"f_{new string('0', 32)}",
        ];

        foreach (var file in bad)
        {
            Assert.Equal("invalid", Code(await SendAsync(socket, room, Guid.CreateVersion7(), "hi", good, file)));
        }

        Assert.Null(Code(await SendAsync(socket, room, Guid.CreateVersion7(), "hi", good)));
    }

    [Theory]
    [InlineData("\"f_1\"")]
    [InlineData("[1]")]
    [InlineData("[null]")]
    [InlineData("[\"f_1\"]")]
    [InlineData("[\"../../etc/passwd\"]")]
    [InlineData("{}")]
    public async Task Send_ShouldBeRefused_WhenTheFilesAreNoIds(string files)
    {
        var ana = await Host.PersonAsync();
        var room = await ana.CreateRoomAsync();
        await using var socket = await Socket.OpenAsync(ana);

        var answer = await socket.RequestAsync(
            "message.send", room, JsonNode.Parse($$"""{"cid":"{{Guid.CreateVersion7()}}","text":"hi","files":{{files}}}"""), isChecked: false);

        Assert.Equal("invalid", Code(answer));
    }

    [Fact]
    public async Task Send_ShouldTakeTenFiles_AndNotEleven()
    {
        var ana = await Host.PersonAsync();
        var room = await ana.CreateRoomAsync();
        await using var socket = await Socket.OpenAsync(ana);
        var files = new List<string>();
        for (var i = 0; i < 11; i++)
        {
            files.Add(await ana.UploadAsync(room, [(byte)i], new string('n', 255)));
        }

        Assert.Equal("invalid", Code(await SendAsync(socket, room, Guid.CreateVersion7(), "", [.. files])));
        Assert.Equal("invalid", Code(await SendAsync(socket, room, Guid.CreateVersion7(), "", files[0], files[0])));
        Assert.Null(Code(await SendAsync(socket, room, Guid.CreateVersion7(), new string('x', 16 * 1024), [.. files[..10]])));
        Assert.Equal("invalid", Code(await SendAsync(socket, room, Guid.CreateVersion7(), " ")));
    }

    [Fact]
    public async Task Sweep_ShouldRemoveWhatNobodyAttached_AndNothingElse()
    {
        var ana = await Host.PersonAsync();
        var room = await ana.CreateRoomAsync();
        await using var socket = await Socket.OpenAsync(ana);
        var (orphan, attached, kept) = (
            await ana.UploadAsync(room, "orphan"u8.ToArray()), await ana.UploadAsync(room, "attached"u8.ToArray()), await ana.UploadAsync(room, "kept"u8.ToArray()));
        var unfinished = await ana.BeginAsync(room, 5);
        using (await ana.PatchAsync(unfinished, 0, "he"u8.ToArray()))
        {
        }

        await SendAsync(socket, room, Guid.CreateVersion7(), "", attached);
        // What other specs left expired is not counted.
        await Host.Services.GetRequiredService<FileCollector>().SweepAsync(CancellationToken.None);
        await ExpireAsync(orphan, attached, unfinished.Split('/')[^1]);

        Assert.Equal(2, await Host.Services.GetRequiredService<FileCollector>().SweepAsync(CancellationToken.None));

        Assert.Equal((404, 302, 302), (await StatusAsync(ana, orphan), await StatusAsync(ana, attached), await StatusAsync(ana, kept)));
        Assert.Equal(404, (int)(await ana.SendAsync("HEAD", unfinished)).StatusCode);
        Assert.Equal("invalid", Code(await SendAsync(socket, room, Guid.CreateVersion7(), "", orphan)));
    }

    /// <summary>A send that has reserved the file and a sweep that finds it expired: whichever is first, the message never lacks its file.</summary>
    [Fact]
    public async Task Sweep_ShouldNeverTakeAFileFromAMessage_WhenBothWantItAtOnce()
    {
        var ana = await Host.PersonAsync();
        var room = await ana.CreateRoomAsync();
        await using var socket = await Socket.OpenAsync(ana);
        var collector = Host.Services.GetRequiredService<FileCollector>();
        for (var i = 0; i < 10; i++)
        {
            var file = await ana.UploadAsync(room, [(byte)i]);
            await ExpireAsync(file);

            var sweep = Task.Run(() => collector.SweepAsync(CancellationToken.None));
            var code = Code(await SendAsync(socket, room, Guid.CreateVersion7(), "", file));
            await sweep;

            Assert.Equal(code is null ? 302 : 404, await StatusAsync(ana, file));
        }
    }

    private async Task ExpireAsync(params string[] files)
    {
        var database = Host.Services.GetRequiredService<Persistence.Database.IDatabase>();
        foreach (var file in files)
        {
            await database.WriteAsync(
                async (connection, transaction) =>
                {
                    await using var command = connection.CreateCommand();
                    command.Transaction = transaction;
                    command.CommandText = $"UPDATE file SET expires_at = 1 WHERE id = '{new FileId(file).Value}'";
                    return await command.ExecuteNonQueryAsync();
                },
                CancellationToken.None);
        }
    }

    private static async Task<int> StatusAsync(Person person, string file)
    {
        using var answer = await person.SendAsync("GET", $"/api/files/{file}");
        Assert.True(answer.Headers.CacheControl!.NoStore);
        return (int)answer.StatusCode;
    }

    private static Task<JsonElement> SendAsync(Socket socket, string room, Guid cid, string? text, params string[] files) =>
        socket.RequestAsync(
            "message.send",
            room,
            JsonSerializer.SerializeToNode(text is null ? new { cid, files } : new { cid, text, files } as object),
            isChecked: files.Length <= 10 && files.Distinct().Count() == files.Length);

    private static string? Code(JsonElement reply) => reply.TryGetProperty("err", out var error) ? error.GetProperty("code").GetString() : null;

    private static string Printed(JsonElement element) => JsonSerializer.Serialize(element);
}

[Collection(OnSqlite.Name)]
public sealed class MessageFilesOnSqliteSpecs(SqliteChat chat) : MessageFileSpecs(chat);

[Collection(OnPostgres.Name)]
public sealed class MessageFilesOnPostgresSpecs(PostgresChat chat) : MessageFileSpecs(chat);

[Collection(OnS3.Name)]
public sealed class MessageFilesOnS3Specs(S3Chat chat) : MessageFileSpecs(chat);
