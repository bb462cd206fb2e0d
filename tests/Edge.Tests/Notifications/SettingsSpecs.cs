using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using AkkaChat.Edge.Tests.Hosting;
using AkkaChat.Edge.Tests.Rooms;
using AkkaChat.Edge.Tests.Wire;
using AkkaChat.Persistence.Notifications;
using AkkaChat.Persistence.ReadModel;

namespace AkkaChat.Edge.Tests.Notifications;

public abstract class SettingsSpecs(ChatFixture chat)
{
    private const string Defaults = """{"notify":"mentions","quietUntil":null,"quietHours":null,"push":false}""";

    [Fact]
    public async Task Settings_ShouldReachAllDevices_AndComeWithHello()
    {
        var ana = await chat.Host.PersonAsync();
        Assert.Equal(Defaults, (await ana.GetAsync("/api/settings")).Text);
        await using var one = await Socket.OpenAsync(ana);
        Assert.Equal(Defaults, one.Frames[0].GetProperty("d").GetProperty("settings").GetRawText());

        var answer = await ana.PatchAsync("/api/settings", Json(
            """{"notify":"all","quietUntil":"2999-01-01T01:00:00+01:00","quietHours":{"from":"22:00","to":"07:30","timeZone":"America/Sao_Paulo"}}"""));

        const string Changed =
            """{"notify":"all","quietUntil":"2999-01-01T00:00:00.000Z","quietHours":{"from":"22:00","to":"07:30","timeZone":"America/Sao_Paulo"},"push":false}""";
        Assert.Equal((200, Changed), (answer.Status, answer.Text));
        Assert.Equal(Changed, (await one.EventAsync("settings.updated")).GetProperty("d").GetRawText());
        await using var two = await Socket.OpenAsync(await ana.OtherSessionAsync());
        Assert.Equal(Changed, two.Frames[0].GetProperty("d").GetProperty("settings").GetRawText());
        Assert.Equal(200, (await ana.PatchAsync("/api/settings", Json("""{"notify":"mentions","quietUntil":null,"quietHours":null}"""))).Status);
        Assert.Equal(Defaults, (await ana.GetAsync("/api/settings")).Text);
    }

    [Theory]
    [InlineData("""{"notify":"loud"}""", "notify")]
    [InlineData("""{"quietUntil":"tomorrow"}""", "quietUntil")]
    [InlineData("""{"quietHours":{"from":"22:00","to":"7","timeZone":"UTC"}}""", "quietHours")]
    [InlineData("""{"quietHours":{"from":"22:00","to":"22:00","timeZone":"UTC"}}""", "quietHours")]
    [InlineData("""{"quietHours":{"from":"22:00","to":"07:00","timeZone":"Mars/Base"}}""", "quietHours")]
    [InlineData("""{"volume":11}""", "volume")]
    public async Task Settings_ShouldNameEveryBadField_AndChangeNothing(string body, string field)
    {
        var ana = await chat.Host.PersonAsync();
        var answer = await ana.PatchAsync("/api/settings", Json(body));
        RoomRestSpecs.AssertProblem(answer, 400, "invalid");
        Assert.Equal(field, Assert.Single(answer.Errors));
        Assert.Equal(Defaults, (await ana.GetAsync("/api/settings")).Text);
    }

    [Theory]
    [InlineData("http://127.0.0.1/p")]
    [InlineData("https://127.0.0.1/p")]
    [InlineData("https://10.0.0.1/p")]
    [InlineData("https://[::1]/p")]
    [InlineData("https://169.254.169.254/latest")]
    [InlineData("https://push.example.org:8443/p")]
    [InlineData("http://push.example.org/p")]
    [InlineData("https://user:secret@push.example.org/p")]
    [InlineData("ftp://push.example.org/p")]
    [InlineData("no address")]
    public async Task Subscription_ShouldBeRefused_WhereTheServerMayNotConnect(string endpoint)
    {
        using var browser = new FakeBrowser();
        var ana = await chat.Host.PersonAsync();
        var answer = await ana.PostAsync("/api/push/subscriptions", browser.Subscription(endpoint));
        RoomRestSpecs.AssertProblem(answer, 400, "invalid");
        Assert.Equal("endpoint", Assert.Single(answer.Errors));
    }

    [Theory]
    [InlineData("""{"p256dh":"AAAA","auth":"BTBZMqHH6r4Tts7J_aSIgg"}""")]
    [InlineData("""{"p256dh":"BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw5","auth":"BTBZMqHH6r4Tts7J_aSIgg"}""")]
    [InlineData("""{"p256dh":"BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4","auth":"AAAA"}""")]
    [InlineData("null")]
    public async Task Subscription_ShouldBeRefused_WhereItsKeysAreNone(string keys)
    {
        var ana = await chat.Host.PersonAsync();
        var answer = await ana.PostAsync("/api/push/subscriptions", Json($$"""{"endpoint":"https://push.example.org/p","keys":{{keys}}}"""));
        RoomRestSpecs.AssertProblem(answer, 400, "invalid");
        Assert.Equal("keys", Assert.Single(answer.Errors));
    }

    [Theory]
    [InlineData("GET", "/api/settings")]
    [InlineData("PATCH", "/api/settings")]
    [InlineData("GET", "/api/push/key")]
    [InlineData("POST", "/api/push/subscriptions")]
    [InlineData("DELETE", "/api/push/subscriptions/ps_1")]
    [InlineData("PUT", "/api/push/activity")]
    public async Task Address_ShouldNeedALogin(string method, string path) =>
        RoomRestSpecs.AssertProblem(await chat.Host.SendAsync(method, path, method is "GET" or "DELETE" ? null : Json("{}")), 401, "unauthenticated");

    /// <summary>The example of RFC 8291, section 5: so the fake browser reads as real ones do.</summary>
    [Fact]
    public void FakeBrowser_ShouldReadTheExampleOfTheStandard()
    {
        using var key = ECDiffieHellman.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            D = Base64Url.DecodeFromChars("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"),
        });
        using var browser = new FakeBrowser(key, Base64Url.DecodeFromChars("BTBZMqHH6r4Tts7J_aSIgg"));
        var body = Base64Url.DecodeFromChars(
            "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN");

        Assert.Equal("When I grow up, I want to be a watermelon", browser.Decrypt(body));
    }

    [Theory]
    [InlineData("22:00", "07:00", "2026-01-10T23:30:00Z", true)]
    [InlineData("22:00", "07:00", "2026-01-10T06:59:00Z", true)]
    [InlineData("22:00", "07:00", "2026-01-10T07:00:00Z", false)]
    [InlineData("22:00", "07:00", "2026-01-10T12:00:00Z", false)]
    [InlineData("12:00", "13:00", "2026-01-10T12:00:00Z", true)]
    [InlineData("12:00", "13:00", "2026-01-10T13:00:00Z", false)]
    public void QuietHours_ShouldHoldFromOneTimeToTheOther_OverMidnightToo(string from, string to, string now, bool holds)
    {
        var invariant = System.Globalization.CultureInfo.InvariantCulture;
        var hours = new QuietHours(TimeOnly.Parse(from, invariant), TimeOnly.Parse(to, invariant), "UTC");
        Assert.Equal(holds, hours.Contain(DateTimeOffset.Parse(now, invariant)));
        Assert.Equal(!holds, new UserSettings(NotifyLevel.All, null, hours).Wants(RoomPreferences.Default, false, DateTimeOffset.Parse(now, invariant)));
    }

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");
}

[Collection(OnSqlite.Name)]
public sealed class SettingsOnSqliteSpecs(SqliteChat chat) : SettingsSpecs(chat);

[Collection(OnPostgres.Name)]
public sealed class SettingsOnPostgresSpecs(PostgresChat chat) : SettingsSpecs(chat);
