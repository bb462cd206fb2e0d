using AkkaChat.Edge.Security;
using AkkaChat.Edge.Tests.Accounts;
using AkkaChat.Edge.Tests.Hosting;

namespace AkkaChat.Edge.Tests.Security;

public sealed class CsrfSpecs
{
    public static TheoryData<string, string, string?, string?, bool, int> Matrix()
    {
        var data = new TheoryData<string, string, string?, string?, bool, int>();
        foreach (var (method, path) in new[]
        {
            ("PATCH", "/api/auth/me"), ("PUT", "/api/auth/password"), ("POST", "/api/auth/refresh"), ("POST", "/api/auth/logout"),
            ("POST", "/api/auth/login"), ("POST", "/api/auth/register"), ("DELETE", "/api/rooms/r_1"),
        })
        {
            data.Add(method, path, "cross-site", null, true, 403);
            data.Add(method, path, "same-site", null, true, 403);
            data.Add(method, path, "cross-site", "self", true, 0);
            data.Add(method, path, null, "https://evil.example", true, 403);
            data.Add(method, path, null, "null", true, 403);
            data.Add(method, path, null, "self", true, 0);
            data.Add(method, path, "same-origin", null, true, 0);
            data.Add(method, path, null, null, true, 0);
            var isLogin = path is "/api/auth/login" or "/api/auth/register";
            data.Add(method, path, "same-origin", null, false, isLogin ? 0 : 403);
            data.Add(method, path, null, null, false, isLogin ? 0 : 403);
        }

        return data;
    }

    [Fact]
    public async Task StateChange_ShouldBeRefused_WhenAnotherSiteMayHaveSentIt()
    {
        await using var host = await ChatHost.StartAccountsAsync();
        using var registrar = host.Client();
        await registrar.RegisterAsync("ana");
        foreach (var row in Matrix())
        {
            var (method, path, site, origin, header, expected) =
                ((string)row[0], (string)row[1], (string?)row[2], (string?)row[3], (bool)row[4], (int)row[5]);
            using var client = host.Client();
            foreach (var (name, value) in registrar.Cookies.Where(c => expected == 403 || c.Key != "akkachat-access"))
            {
                client.Cookies[name] = value;
            }

            var headers = new List<(string, string)>();
            if (site is not null)
            {
                headers.Add(("Sec-Fetch-Site", site));
            }

            if (origin is not null)
            {
                headers.Add(("Origin", origin == "self" ? host.Url.GetLeftPart(UriPartial.Authority) : origin));
            }

            // The token is made up, so that no let-through request ends the session that the rest of the matrix uses.
            client.Cookies["akkachat-refresh"] = "made-up";
            var answer = await client.SendAsync(method, path, new { }, csrf: header, headers: [.. headers]);

            var isRefused = answer.Status == 403 && answer.Code == "forbidden";
            Assert.True(
                isRefused == (expected == 403), $"{method} {path} site={site} origin={origin} header={header}: {answer.Status} {answer.Text}");
        }

        Assert.Empty(host.Events.Ended);
        Assert.Equal(200, (await registrar.SendAsync("GET", "/api/auth/me", csrf: false)).Status);
    }

    [Fact]
    public async Task StateChange_ShouldNeedNoHeader_WhenABearerTokenAuthenticatesIt()
    {
        await using var host = await ChatHost.StartAccountsAsync();
        using var client = host.Client();
        var token = (await client.RegisterAsync("ana")).AccessToken;

        var answer = await client.SendAsync("PATCH", "/api/auth/me", new { displayName = "B" }, bearer: token, csrf: false);

        Assert.Equal(200, answer.Status);
        Assert.Empty(answer.SetCookies);
    }
}

public sealed class OriginPolicySpecs(SharedHost fixture) : IClassFixture<SharedHost>
{
    [Theory]
    [InlineData("self", "yes")]
    [InlineData("https://chat.example.org", "yes")]
    [InlineData("https://CHAT.example.org:443", "yes")]
    [InlineData(null, "no")]
    [InlineData("null", "no")]
    [InlineData("", "no")]
    [InlineData("http://chat.example.org", "no")]
    [InlineData("https://chat.example.org:8443", "no")]
    [InlineData("https://chat.example.org.evil.example", "no")]
    [InlineData("https://evil-chat.example.org", "no")]
    [InlineData("https://chat.example.org/path", "no")]
    [InlineData("https://user@chat.example.org", "no")]
    [InlineData("file:///etc/passwd", "no")]
    [InlineData("http://127.0.0.1:1", "no")]
    public async Task IsAllowed_ShouldWantTheExactOrigin_WhenAsked(string? origin, string expected)
    {
        var host = fixture.Host;
        using var client = host.Client();
        var self = host.Url.GetLeftPart(UriPartial.Authority);

        var answer = await client.SendAsync(
            "GET", "/origin", headers: origin is null ? [] : [("Origin", origin == "self" ? self : origin)]);

        Assert.Equal(expected, answer.Text);
    }

    [Fact]
    public async Task IsAllowed_ShouldCompareTheScheme_WhenTlsEndsAtAProxy()
    {
        await using var host = await ChatHost.StartAccountsAsync();
        using var client = host.Client(scheme: "https");
        var authority = host.Url.Authority;

        Assert.Equal("yes", (await client.SendAsync("GET", "/origin", headers: ("Origin", $"https://{authority}"))).Text);
        Assert.Equal("no", (await client.SendAsync("GET", "/origin", headers: ("Origin", $"http://{authority}"))).Text);
    }

    [Fact]
    public void Validate_ShouldNameTheKeys_WhenOptionsAreWrong()
    {
        var options = new SecurityOptions { AllowedOrigins = { "chat.example.org" }, KnownProxies = { "10.0.0.0/8", "proxy" } };

        var result = new SecurityOptionsValidator().Validate(null, options);

        Assert.Equal(2, result.Failures!.Count());
        Assert.Contains(result.Failures!, f => f.StartsWith("AkkaChat:Security:AllowedOrigins:0 ", StringComparison.Ordinal));
        Assert.Contains(result.Failures!, f => f.StartsWith("AkkaChat:Security:KnownProxies:1 ", StringComparison.Ordinal));
    }
}

public sealed class SecurityHeadersSpecs
{
    [Theory]
    [InlineData("/api/auth/me")]
    [InlineData("/nothing")]
    [InlineData("/throws")]
    public async Task Answer_ShouldCarryThePolicy_WhateverItIs(string path)
    {
        await using var host = await ChatHost.StartAccountsAsync();
        using var client = host.Client();

        var headers = (await client.SendAsync("GET", path)).Headers;

        var policy = headers["Content-Security-Policy"];
        foreach (var directive in new[]
        {
            "default-src 'self'", "script-src 'self'", "style-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'",
            "form-action 'self'", $"connect-src 'self' ws://{host.Url.Authority}",
        })
        {
            Assert.Contains(directive, policy.Split("; "));
        }

        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", headers["X-Content-Type-Options"]);
        Assert.Equal("no-referrer", headers["Referrer-Policy"]);
    }
}
