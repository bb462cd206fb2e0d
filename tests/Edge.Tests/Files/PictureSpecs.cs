using System.Text;
using AkkaChat.Edge.Files;
using AkkaChat.Edge.Rooms;
using AkkaChat.Edge.Tests.Hosting;
using AkkaChat.Edge.Tests.Rooms;
using AkkaChat.Edge.Tests.Wire;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.Files;
using AkkaChat.Persistence.Objects;
using AkkaChat.Support;
using Microsoft.Extensions.DependencyInjection;
using SkiaSharp;

namespace AkkaChat.Edge.Tests.Files;

/// <summary>The pictures of people and rooms: from the upload to those who see them.</summary>
public abstract class PictureSpecs(ChatFixture chat)
{
    private ChatHost Host => chat.Host;

    [Fact]
    public async Task Avatar_ShouldBeASmallSquareWithoutMetadata_ThatEverybodySees()
    {
        var (ana, eve) = (await Host.PersonAsync("ana"), await Host.PersonAsync("eve"));

        var avatar = await AvatarAsync(ana, TestImages.WithExif(1200, 600, orientation: 6));

        Assert.Equal(avatar, (await ana.GetAsync("/api/auth/me")).Json.GetProperty("avatar").GetString());
        foreach (var (query, edge) in new[] { ("", 512), ("?thumb=large", 512), ("?thumb=small", 128) })
        {
            using var view = await eve.SendAsync("GET", $"/api/files/{avatar}{query}");
            var bytes = await view.Content.ReadAsByteArrayAsync();
            using var picture = SKBitmap.Decode(bytes);
            Assert.Equal((200, edge, edge, "image/webp"), ((int)view.StatusCode, picture.Width, picture.Height, view.Content.Headers.ContentType!.MediaType));
            Assert.Equal(("max-age=86400, private, immutable", "nosniff"), (view.Header("Cache-Control"), view.Header("X-Content-Type-Options")));
            Assert.DoesNotContain(TestImages.Secret, Encoding.Latin1.GetString(bytes), StringComparison.Ordinal);
        }

        var people = await eve.GetAsync($"/api/users?ids={ana.Id},{eve.Id},u_nobody");
        Assert.Equal(
            [$$"""{"id":"{{ana.Id}}","username":"{{ana.Username}}","displayName":"ana","avatar":"{{avatar}}","status":null}""", $$"""{"id":"{{eve.Id}}","username":"{{eve.Username}}","displayName":"eve","avatar":null,"status":null}"""],
            people.Json.GetProperty("items").EnumerateArray().Select(item => item.GetRawText()).Order(StringComparer.Ordinal));
        Assert.Equal(401, (await Host.SendAsync("GET", $"/api/files/{avatar}")).Status);
        Assert.Equal(401, (await Host.SendAsync("GET", $"/api/users?ids={ana.Id}")).Status);
    }

    [Fact]
    public async Task Avatar_ShouldReachOwnDevicesAndThoseOfTheSameRooms_WhenItChanges()
    {
        var (ana, ben, eve) = (await Host.PersonAsync("ana"), await Host.PersonAsync("ben"), await Host.PersonAsync("eve"));
        var room = await ana.CreateRoomAsync();
        await ben.JoinAsync(room);
        await using var own = await Socket.OpenAsync(ana);
        await using var bens = await Socket.OpenAsync(ben);
        await using var outside = await Socket.OpenAsync(eve);

        var avatar = await AvatarAsync(ana, TestImages.Encoded(64, 64));

        var expected = $$"""{"id":"{{ana.Id}}","username":"{{ana.Username}}","displayName":"ana","avatar":"{{avatar}}","status":null}""";
        Assert.Equal(expected, (await own.EventAsync("user.changed")).GetProperty("d").GetRawText());
        Assert.Equal(expected, (await bens.EventAsync("user.changed")).GetProperty("d").GetRawText());
        Assert.Equal(200, (await ana.PatchAsync("/api/auth/me", new { displayName = "Ana Maria", avatar = (string?)null })).Status);
        var later = await bens.EventAsync("user.changed", frame => frame.GetProperty("d").GetProperty("displayName").GetString() == "Ana Maria");
        Assert.Equal(System.Text.Json.JsonValueKind.Null, later.GetProperty("d").GetProperty("avatar").ValueKind);
        await outside.PostAsync("ping");
        await outside.EventAsync("pong");
        Assert.DoesNotContain(outside.Frames, frame => Socket.Name(frame) == "user.changed");
    }

    [Fact]
    public async Task Avatar_ShouldBeRemoved_OnceItIsReplaced_AndNotComeBack()
    {
        var ana = await Host.PersonAsync();
        var first = await AvatarAsync(ana, TestImages.Encoded(64, 64));
        var second = await AvatarAsync(ana, TestImages.Encoded(64, 32));

        Assert.Equal((404, 200), (await StatusAsync(ana, first), await StatusAsync(ana, second)));
        Refused(await ana.PatchAsync("/api/auth/me", new { avatar = first }), "avatar");
        Assert.Equal(200, (await ana.PatchAsync("/api/auth/me", new { avatar = second })).Status);
        Assert.Equal(200, (await ana.PatchAsync("/api/auth/me", new { locale = "pt-BR" })).Status);
        Assert.Equal(second, (await ana.GetAsync("/api/auth/me")).Json.GetProperty("avatar").GetString());
        using (var deleted = await ana.SendAsync("DELETE", $"/api/uploads/{second}"))
        {
            await Tus.AssertStatusAsync(409, deleted, "attached");
        }

        await Host.Services.GetRequiredService<FileCollector>().SweepAsync(CancellationToken.None);
        Assert.Equal((false, true), (await IsStoredAsync(first), await IsStoredAsync(second)));
        Assert.Equal(200, (await ana.PatchAsync("/api/auth/me", new { avatar = (string?)null })).Status);
        Assert.Equal(404, await StatusAsync(ana, second));
    }

    [Fact]
    public async Task Avatar_ShouldBeOnesOwnUpload_ForThisPurpose()
    {
        var (ana, ben) = (await Host.PersonAsync("ana"), await Host.PersonAsync("ben"));
        var room = await ana.CreateRoomAsync();
        var others = await UploadAsync(ben, TestImages.Encoded(8, 8), ("purpose", "avatar"));
        var rooms = await UploadAsync(ana, TestImages.Encoded(8, 8), ("purpose", "room-picture"), ("room", room));
        var message = await ana.UploadAsync(room, TestImages.Encoded(8, 8), "a.jpg", "image/jpeg");

        foreach (var bad in new object?[] { others, rooms, message, $"f_{new string('0', 32)}", "f_1", "", 1, true, new[] { others } })
        {
            Refused(await ana.PatchAsync("/api/auth/me", new { avatar = bad }), "avatar");
        }

        Assert.Equal(404, await StatusAsync(ana, others));
        Refused(await ana.PatchAsync($"/api/rooms/{room}", new { picture = message }), "picture");
    }

    /// <summary>An avatar that has been uploaded goes with no message, in no room.</summary>
    [Fact]
    public async Task Message_ShouldNotCarryAPicture()
    {
        var ana = await Host.PersonAsync();
        var room = await ana.CreateRoomAsync();
        await using var socket = await Socket.OpenAsync(ana);
        foreach (var file in new[]
                 {
                     await UploadAsync(ana, TestImages.Encoded(8, 8), ("purpose", "avatar")),
                     await UploadAsync(ana, TestImages.Encoded(8, 8), ("purpose", "room-picture"), ("room", room)),
                 })
        {
            var body = new System.Text.Json.Nodes.JsonObject { ["cid"] = Socket.NewCid(), ["text"] = "", ["files"] = new System.Text.Json.Nodes.JsonArray(file) };
            Assert.Equal("invalid", (await socket.RefusedAsync("message.send", room, body)).Code);
        }
    }

    [Theory]
    [InlineData("image/svg+xml", 100, 415, "type_not_allowed")]
    [InlineData("text/html", 100, 415, "type_not_allowed")]
    [InlineData("image/heic", 100, 415, "type_not_allowed")]
    [InlineData("image/png", 10485760, 201, null)]
    [InlineData("image/png", 10485761, 413, "too_large")]
    public async Task Upload_ShouldBeRefusedBeforeItsFirstByte_WhereItCanBeNoPicture(string type, long length, int status, string? code)
    {
        var ana = await Host.PersonAsync();
        using var answer = await BeginAsync(ana, length, type, ("purpose", "avatar"));
        await Tus.AssertStatusAsync(status, answer, code);
    }

    public static TheoryData<string, byte[], string> BadContents() => new()
    {
        { "a script", "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"u8.ToArray(), "type_not_allowed" },
        { "a program", "MZ\0\0"u8.ToArray(), "type_not_allowed" },
        { "a film", "\0\0\0\u0018ftypmp42"u8.ToArray(), "type_not_allowed" },
        { "a bomb", TestImages.PngBomb(50_000, 50_000), "bad_image" },
        { "half", TestImages.Encoded(8, 8, SKEncodedImageFormat.Png)[..20], "bad_image" },
    };

    [Theory]
    [MemberData(nameof(BadContents))]
    public async Task Upload_ShouldBeRefused_WhenItsContentIsNoPicture(string what, byte[] content, string code)
    {
        var ana = await Host.PersonAsync();
        using var begun = await BeginAsync(ana, content.Length, "image/png", ("purpose", "avatar"));
        using var answer = await ana.PatchAsync(begun.Headers.Location!.ToString(), 0, content);
        await Tus.AssertStatusAsync(415, answer, code);
        Assert.NotEmpty(what);
    }

    public static TheoryData<string, byte[], int> DamagedPictures => new()
    {
        { "a GIF whose later frames are damaged", TestImages.Damaged(), 200 },
        { "half a PNG", TestImages.Cut(SKEncodedImageFormat.Png), 200 },
        { "half a JPEG", TestImages.Cut(SKEncodedImageFormat.Jpeg), 200 },
        { "half a WebP", TestImages.Cut(SKEncodedImageFormat.Webp), 415 },
        { "a PNG without pixels", TestImages.Damaged(SKEncodedImageFormat.Png), 415 },
        { "a JPEG without pixels", TestImages.Damaged(SKEncodedImageFormat.Jpeg), 200 },
        { "a WebP without pixels", TestImages.Damaged(SKEncodedImageFormat.Webp), 415 },
    };

    /// <summary>
    /// What can be decoded is shown. Where nothing can, as of any damaged WebP, it is refused, and what was there before stays. Of a JPEG something always
    /// can.
    /// </summary>
    [Theory]
    [MemberData(nameof(DamagedPictures))]
    public async Task Picture_ShouldBeWhatCanBeDecoded_OrBeRefused_WhenItIsDamaged(string what, byte[] bytes, int status)
    {
        var ana = await Host.PersonAsync();
        var room = await ana.CreateRoomAsync();
        var before = await AvatarAsync(ana, TestImages.Encoded(8, 8));
        var (avatar, picture) = (
            await UploadAsync(ana, bytes, ("purpose", "avatar")), await UploadAsync(ana, bytes, ("purpose", "room-picture"), ("room", room)));

        var answers = new[]
        {
            await ProcessedAsync(() => ana.PatchAsync("/api/auth/me", new { avatar })),
            await ProcessedAsync(() => ana.PatchAsync($"/api/rooms/{room}", new { picture })),
        };

        Assert.All(answers, answer => Assert.True(answer.Status == status, $"{what}: {answer.Status} {answer.Text}"));
        Assert.Equal(status == 200 ? (200, 200) : (404, 404), (await StatusAsync(ana, avatar), await StatusAsync(ana, picture)));
        Assert.Equal(status == 200 ? avatar : before, (await ana.GetAsync("/api/auth/me")).Json.GetProperty("avatar").GetString());
        if (status != 200)
        {
            Assert.All(answers, answer => RoomRestSpecs.AssertProblem(answer, 415, "bad_image"));
        }
    }

    [Fact]
    public async Task RoomPicture_ShouldReachTheMembers_AndBeInTheRoom()
    {
        var (ana, ben) = (await Host.PersonAsync("ana"), await Host.PersonAsync("ben"));
        var room = await ana.CreateRoomAsync();
        await ben.JoinAsync(room);
        await using var socket = await Socket.OpenAsync(ben);

        var picture = await RoomPictureAsync(ana, room, TestImages.Encoded(300, 200));

        var changed = await socket.EventAsync("room.pictureChanged");
        Assert.Equal((room, 4, picture, ana.Id), (
            changed.GetProperty("room").GetString(), changed.GetProperty("seq").GetInt32(), changed.GetProperty("d").GetProperty("picture").GetString(),
            changed.GetProperty("d").GetProperty("by").GetProperty("id").GetString()));
        Assert.Equal(picture, (await ben.GetAsync($"/api/rooms/{room}")).Json.GetProperty("picture").GetString());
        Assert.Equal(picture, (await ben.GetAsync("/api/rooms")).Json.GetProperty("items")[0].GetProperty("picture").GetString());
        using (var view = await ben.SendAsync("GET", $"/api/files/{picture}?thumb=small"))
        {
            using var decoded = SKBitmap.Decode(await view.Content.ReadAsByteArrayAsync());
            Assert.Equal((128, 128, "no-cache, private"), (decoded.Width, decoded.Height, view.Header("Cache-Control")));
            using var again = await ben.SendAsync("GET", $"/api/files/{picture}?thumb=small", null, ("If-None-Match", view.Header("ETag")));
            Assert.Equal((304, 0), ((int)again.StatusCode, (await again.Content.ReadAsByteArrayAsync()).Length));
        }

        Assert.Equal(200, (await ana.PatchAsync($"/api/rooms/{room}", new { picture, topic = "same" })).Status);
        Assert.Equal(200, (await ana.PatchAsync($"/api/rooms/{room}", new { picture = (string?)null })).Status);
        await socket.EventAsync("room.pictureChanged", frame => frame.GetProperty("d").GetProperty("picture").ValueKind == System.Text.Json.JsonValueKind.Null);
        Assert.Equal(404, await StatusAsync(ben, picture));
        Refused(await ana.PatchAsync($"/api/rooms/{room}", new { picture }), "picture");
    }

    /// <summary>The event is there before the tables are: whoever hears of the picture asks for it at once.</summary>
    [Fact]
    public async Task RoomPicture_ShouldBeServed_AsSoonAsItIsCommitted()
    {
        var (ana, ben) = (await Host.PersonAsync("ana"), await Host.PersonAsync("ben"));
        var room = await ana.CreateRoomAsync();
        var id = await UploadAsync(ana, TestImages.Encoded(8, 8), ("purpose", "room-picture"), ("room", room));
        Assert.Equal(404, await StatusAsync(ben, id));

        var reply = await Host.Services.GetRequiredService<RoomGateway>().AskAsync(new RoomProtocol.ChangePicture(
            new RoomId(room), new FileId(id), new UserRef(ana.Account.Id, ana.Account.Username, ana.Account.DisplayName)));

        Assert.IsType<RoomProtocol.ChangeAck>(reply);
        Assert.Equal(200, await StatusAsync(ben, id));
    }

    /// <summary>Whatever a browser has kept: it asks each time, and 304 is for those who may see it.</summary>
    [Fact]
    public async Task PictureOfAPrivateRoom_ShouldBeItsMembersAlone()
    {
        var (ana, eve) = (await Host.PersonAsync("ana"), await Host.PersonAsync("eve"));
        var (hidden, open) = (await ana.CreateRoomAsync(visibility: "private"), await ana.CreateRoomAsync());
        var (secret, known) = (await RoomPictureAsync(ana, hidden, TestImages.Encoded(8, 8)), await RoomPictureAsync(ana, open, TestImages.Encoded(8, 8)));
        using var kept = await ana.SendAsync("GET", $"/api/files/{secret}");

        Assert.Equal((200, 200), (await StatusAsync(ana, secret), await StatusAsync(ana, known)));
        Assert.Equal((404, 200), (await StatusAsync(eve, secret), await StatusAsync(eve, known)));
        await ana.LeaveAsync(hidden);
        using var refused = await ana.SendAsync("GET", $"/api/files/{secret}", null, ("If-None-Match", kept.Header("ETag")));
        await Tus.AssertStatusAsync(404, refused, "not_found");
    }

    [Fact]
    public async Task RoomPicture_ShouldBeTheOwnersToChange()
    {
        var (ana, ben, eve) = (await Host.PersonAsync("ana"), await Host.PersonAsync("ben"), await Host.PersonAsync("eve"));
        var (room, hidden, bens) = (await ana.CreateRoomAsync(), await ana.CreateRoomAsync(visibility: "private"), await ben.CreateRoomAsync());
        await ben.JoinAsync(room);
        var mine = await UploadAsync(ben, TestImages.Encoded(8, 8), ("purpose", "room-picture"), ("room", bens));

        foreach (var (person, target, status) in new[] { (ben, room, 403), (eve, room, 403), (ben, hidden, 404), (eve, $"r_{new string('0', 32)}", 404) })
        {
            using var upload = await BeginAsync(person, 10, "image/png", ("purpose", "room-picture"), ("room", target));
            await Tus.AssertStatusAsync(status, upload, status == 403 ? "forbidden" : "not_found");
            var code = status == 403 ? "forbidden" : "not_found";
            RoomRestSpecs.AssertProblem(await person.PatchAsync($"/api/rooms/{target}", new { picture = mine }), status, code);
            RoomRestSpecs.AssertProblem(await person.PatchAsync($"/api/rooms/{target}", new { picture = (string?)null }), status, code);
        }

        foreach (var bad in new object[] { mine, "f_1", 1, new { id = mine } })
        {
            Refused(await ana.PatchAsync($"/api/rooms/{room}", new { picture = bad }), "picture");
        }

        using var purpose = await BeginAsync(ana, 10, "image/png", ("purpose", "wallpaper"), ("room", room));
        await Tus.AssertStatusAsync(400, purpose, "invalid");
        using var nowhere = await BeginAsync(ana, 10, "image/png", ("purpose", "room-picture"));
        await Tus.AssertStatusAsync(400, nowhere, "invalid");
    }

    private static Task<HttpResponseMessage> BeginAsync(Person person, long length, string type, params (string Key, string Value)[] metadata) =>
        person.CreateAsync(length, [("filename", "me.png"), ("filetype", type), .. metadata]);

    private static Task<string> UploadAsync(Person person, byte[] bytes, params (string Key, string Value)[] metadata) =>
        person.UploadAsync(bytes, [("filename", "me.png"), ("filetype", "image/png"), .. metadata]);

    private static async Task<Answer> ProcessedAsync(Func<Task<Answer>> set)
    {
        Answer? answer = null;
        await Eventually.AssertAsync(async () => Assert.NotEqual(503, (answer = await set()).Status));
        return answer!;
    }

    private static async Task<string> AvatarAsync(Person person, byte[] bytes)
    {
        var id = await UploadAsync(person, bytes, ("purpose", "avatar"));
        await Eventually.AssertAsync(async () => Assert.Equal(200, (await person.PatchAsync("/api/auth/me", new { avatar = id })).Status));
        return id;
    }

    private static async Task<string> RoomPictureAsync(Person person, string room, byte[] bytes)
    {
        var id = await UploadAsync(person, bytes, ("purpose", "room-picture"), ("room", room));
        await Eventually.AssertAsync(async () => Assert.Equal(200, (await person.PatchAsync($"/api/rooms/{room}", new { picture = id })).Status));
        return id;
    }

    private async Task<bool> IsStoredAsync(string id)
    {
        await using var content = await Host.Services.GetRequiredService<IObjectStore>()
            .OpenAsync(FileKeys.Reduced(new FileId(id), FileVariant.Small), 0, null, CancellationToken.None);
        return content is not null;
    }

    private static async Task<int> StatusAsync(Person person, string id)
    {
        using var answer = await person.SendAsync("GET", $"/api/files/{id}");
        return (int)answer.StatusCode;
    }

    private static void Refused(Answer answer, string field)
    {
        RoomRestSpecs.AssertProblem(answer, 400, "invalid");
        Assert.True(answer.Json.GetProperty("errors").TryGetProperty(field, out _), answer.Text);
    }
}

[Collection(OnSqlite.Name)]
public sealed class PictureOnSqliteSpecs(SqliteChat chat) : PictureSpecs(chat);

[Collection(OnPostgres.Name)]
public sealed class PictureOnPostgresSpecs(PostgresChat chat) : PictureSpecs(chat);

[Collection(OnS3.Name)]
public sealed class PictureOnS3Specs(S3Chat chat) : PictureSpecs(chat);
