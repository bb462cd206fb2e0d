using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AkkaChat.Edge.Accounts;
using AkkaChat.Edge.Tests.Hosting;
using AkkaChat.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace AkkaChat.Edge.Tests.Accounts;

/// <summary>One host for specs that only ask; each registers a user of its own.</summary>
public sealed class SharedHost : IAsyncLifetime
{
    private int _users;

    public byte[] Key { get; } = RandomNumberGenerator.GetBytes(32);

    public ChatHost Host { get; private set; } = null!;

    public int Next() => Interlocked.Increment(ref _users);

    public async Task InitializeAsync() => Host = await ChatHost.StartAccountsAsync(new(AccessTokenSpecs.Keys(("k1", Key)))
    {
        ["AkkaChat:Security:AllowedOrigins:0"] = "https://chat.example.org",
    });

    public Task DisposeAsync() => Host.DisposeAsync().AsTask();
}

public sealed class ForgedTokenSpecs(SharedHost fixture) : IClassFixture<SharedHost>
{
    [Theory]
    [InlineData("as issued", 200)]
    [InlineData("none", 401)]
    [InlineData("none, signed", 401)]
    [InlineData("HS512", 401)]
    [InlineData("RS256", 401)]
    [InlineData("typ JWT", 401)]
    [InlineData("no typ", 401)]
    [InlineData("wrong aud", 401)]
    [InlineData("no aud", 401)]
    [InlineData("wrong iss", 401)]
    [InlineData("no exp", 401)]
    [InlineData("expired", 401)]
    [InlineData("not yet", 401)]
    [InlineData("no kid", 401)]
    [InlineData("unknown kid", 401)]
    [InlineData("other key", 401)]
    [InlineData("jwk of another key", 401)]
    [InlineData("no sid", 401)]
    [InlineData("other sub's session", 401)]
    public async Task Request_ShouldBeRefused_WhenTheTokenIsForged(string forgery, int expected)
    {
        using var client = fixture.Host.Client();
        var issued = (await client.RegisterAsync($"ana{fixture.Next()}")).AccessToken;
        client.Cookies.Clear();
        var header = Part(issued, 0);
        var payload = Part(issued, 1);
        var now = DateTimeOffset.FromUnixTimeSeconds(payload["iat"].GetInt64());
        var key = fixture.Key;
        var algorithm = "HS256";
        switch (forgery)
        {
            case "none" or "none, signed" or "HS512" or "RS256":
                header["alg"] = Json(algorithm = forgery.Split(',')[0]);
                break;
            case "typ JWT":
                header["typ"] = Json("JWT");
                break;
            case "no typ":
                header.Remove("typ");
                break;
            case "wrong aud":
                payload["aud"] = Json("other");
                break;
            case "no aud":
                payload.Remove("aud");
                break;
            case "wrong iss":
                payload["iss"] = Json("other");
                break;
            case "no exp":
                payload.Remove("exp");
                break;
            case "expired":
                payload["exp"] = Json(now.AddSeconds(-31).ToUnixTimeSeconds());
                break;
            case "not yet":
                payload["nbf"] = Json(now.AddSeconds(40).ToUnixTimeSeconds());
                break;
            case "no kid":
                header.Remove("kid");
                break;
            case "unknown kid":
                header["kid"] = Json("k2");
                break;
            case "other key":
                key = RandomNumberGenerator.GetBytes(32);
                break;
            case "jwk of another key":
                key = RandomNumberGenerator.GetBytes(32);
                header["jwk"] = Json(new { kty = "oct", k = Base64Url.EncodeToString(key) });
                header["jku"] = Json("https://attacker.example/keys");
                break;
            case "no sid":
                payload.Remove("sid");
                break;
            case "other sub's session":
                payload["sid"] = Json("s_0000");
                break;
        }

        var token = Sign(header, payload, forgery == "none" ? null : key, algorithm);

        var answer = await client.SendAsync("GET", "/api/auth/me", bearer: token);

        Assert.Equal(expected, answer.Status);
        if (expected == 401)
        {
            Assert.Equal("unauthenticated", answer.Code);
        }
    }

    private static JsonElement Json(object value) => JsonSerializer.SerializeToElement(value);

    private static Dictionary<string, JsonElement> Part(string token, int index) =>
        JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(Base64Url.DecodeFromChars(token.Split('.')[index]))!;

    private static string Sign(
        Dictionary<string, JsonElement> header, Dictionary<string, JsonElement> payload, byte[]? key, string algorithm)
    {
        var signed = $"{Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(header))}."
            + Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(payload));
        var bytes = Encoding.ASCII.GetBytes(signed);
        var signature = key is null ? [] : algorithm == "HS512" ? HMACSHA512.HashData(key, bytes) : HMACSHA256.HashData(key, bytes);
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }
}

public sealed class AccessTokenSpecs
{
    private static readonly byte[] Key = RandomNumberGenerator.GetBytes(32);

    [Fact]
    public async Task Request_ShouldBeRefused_WhenARefreshTokenIsUsedForAccess()
    {
        await using var host = await ChatHost.StartAccountsAsync();
        using var client = host.Client();
        var registered = await client.RegisterAsync("ana");
        client.Cookies.Clear();

        Assert.Equal(401, (await client.SendAsync("GET", "/api/auth/me", bearer: registered.RefreshToken)).Status);
        Assert.Equal(
            401, (await client.SendAsync("POST", "/api/auth/refresh", new { refreshToken = registered.AccessToken })).Status);
        client.Cookies["akkachat-access"] = registered.RefreshToken;
        Assert.Equal(401, (await client.SendAsync("GET", "/api/auth/me")).Status);
    }

    [Fact]
    public async Task Request_ShouldIgnoreTheCookie_WhenThereIsAnAuthorizationHeader()
    {
        await using var host = await ChatHost.StartAccountsAsync();
        using var client = host.Client();
        await client.RegisterAsync("ana");
        var cookies = string.Join("; ", client.Cookies.Select(c => $"{c.Key}={c.Value}"));

        var answer = await client.SendAsync("PATCH", "/api/auth/me", new { displayName = "x" }, bearer: "junk", csrf: false, ("Cookie", cookies));

        Assert.Equal(401, answer.Status);
    }

    [Fact]
    public async Task AccessToken_ShouldEndWithItsLifetime_WhenTimePasses()
    {
        await using var host = await ChatHost.StartAccountsAsync();
        using var client = host.Client();
        var registered = await client.RegisterAsync("ana");
        var validator = host.Services.GetRequiredService<ITokenValidator>();

        host.Time.Advance(TimeSpan.FromMinutes(15) + TimeSpan.FromSeconds(20));
        Assert.Equal("ana", (await validator.ValidateAsync(registered.AccessToken, CancellationToken.None)).User?.Username);
        host.Time.Advance(TimeSpan.FromSeconds(20));

        Assert.Equal(401, (await client.SendAsync("GET", "/api/auth/me")).Status);
        Assert.Equal(new TokenValidation(null, "expired"), await validator.ValidateAsync(registered.AccessToken, CancellationToken.None));
        Assert.Equal(new TokenValidation(null, "invalid"), await validator.ValidateAsync("junk", CancellationToken.None));
        Assert.Equal(200, (await client.SendAsync("POST", "/api/auth/refresh")).Status);
        Assert.Equal(200, (await client.SendAsync("GET", "/api/auth/me")).Status);
    }

    [Fact]
    public async Task ValidateAsync_ShouldSayThatTheSessionEnded_WhenItWasLoggedOut()
    {
        await using var host = await ChatHost.StartAccountsAsync(new() { ["AkkaChat:Auth:SessionCacheDuration"] = "00:00:04" });
        using var client = host.Client();
        var token = (await client.RegisterAsync("ana")).AccessToken;
        var validator = host.Services.GetRequiredService<ITokenValidator>();
        Assert.NotNull((await validator.ValidateAsync(token, CancellationToken.None)).User);

        await client.SendAsync("POST", "/api/auth/logout");

        Assert.Equal(new TokenValidation(null, "session_ended"), await validator.ValidateAsync(token, CancellationToken.None));
    }

    [Fact]
    public async Task Keys_ShouldRotateWithoutALogout_WhenTheNewOneIsAddedFirst()
    {
        var next = RandomNumberGenerator.GetBytes(32);
        var folder = Directory.CreateTempSubdirectory("akkachat-keys-").FullName;
        var cookies = await UseAsync(null, 201, ("k1", Key));

        cookies = await UseAsync(cookies, 200, ("k1", Key), ("k2", next));
        cookies = await UseAsync(cookies, 200, ("k2", next), ("k1", Key));
        var ofRetiredKey = new Dictionary<string, string>(cookies);
        await UseAsync(ofRetiredKey, 401, ("k2", next));
        await TestFolder.DeleteAsync(folder);

        async Task<Dictionary<string, string>> UseAsync(
            Dictionary<string, string>? jar, int expected, params (string Id, byte[] Key)[] keys)
        {
            await using var host = await ChatHost.StartAccountsAsync(new(Keys(keys)) { ["AkkaChat:Database:DataFolder"] = folder });
            using var client = host.Client();
            if (jar is null)
            {
                Assert.Equal(expected, (await client.RegisterAsync("ana")).Status);
                return client.Cookies;
            }

            foreach (var (name, value) in jar)
            {
                client.Cookies[name] = value;
            }

            Assert.Equal(expected, (await client.SendAsync("GET", "/api/auth/me")).Status);
            if (expected == 401)
            {
                // The session outlives the key: a refresh, and all is well again.
                Assert.Equal(200, (await client.SendAsync("POST", "/api/auth/refresh")).Status);
                Assert.Equal(200, (await client.SendAsync("GET", "/api/auth/me")).Status);
            }

            return client.Cookies;
        }
    }

    [Fact]
    public async Task GeneratedKey_ShouldBePrivateAndKept_WhenADevelopmentNodeStartsTwice()
    {
        var folder = Directory.CreateTempSubdirectory("akkachat-keys-").FullName;
        var path = Path.Combine(folder, "keys", "signing-key.json");
        var settings = new Dictionary<string, string?> { ["AkkaChat:Database:DataFolder"] = folder };
        await using (await ChatHost.StartAccountsAsync(settings))
        {
        }

        var first = await File.ReadAllTextAsync(path);
        await using (await ChatHost.StartAccountsAsync(settings))
        {
        }

        Assert.Equal(first, await File.ReadAllTextAsync(path));
        Assert.Equal(["signing-key.json"], Directory.GetFiles(Path.GetDirectoryName(path)!).Select(Path.GetFileName));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        }

        await TestFolder.DeleteAsync(folder);
    }

    [Theory]
    [InlineData(null, "SigningKeys is empty")]
    [InlineData("", "is empty or not base64")]
    [InlineData("not base64!", "is empty or not base64")]
    [InlineData("c2hvcnQ=", "has 5 bytes")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "is a sample")]
    [InlineData("Y2hhbmdlLW1lLWNoYW5nZS1tZS1jaGFuZ2UtbWUtY2hhbmdlLW1lISE=", "is a sample")]
    public async Task Start_ShouldFailWithASentence_WhenTheKeyIsMissingOrWeak(string? key, string sentence)
    {
        var settings = new Dictionary<string, string?> { ["environment"] = "Production" };
        if (key is not null)
        {
            settings["AkkaChat:Auth:SigningKeys:0:Id"] = "k1";
            settings["AkkaChat:Auth:SigningKeys:0:Key"] = key;
        }

        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => ChatHost.StartAccountsAsync(settings));

        Assert.Contains(sentence, error.Message, StringComparison.Ordinal);
        Assert.Contains("AkkaChat:Auth:SigningKeys", error.Message, StringComparison.Ordinal);
    }

    internal static Dictionary<string, string?> Keys(params (string Id, byte[] Key)[] keys)
    {
        var settings = new Dictionary<string, string?>();
        for (var i = 0; i < keys.Length; i++)
        {
            settings[$"AkkaChat:Auth:SigningKeys:{i}:Id"] = keys[i].Id;
            settings[$"AkkaChat:Auth:SigningKeys:{i}:Key"] = Convert.ToBase64String(keys[i].Key);
        }

        return settings;
    }
}
