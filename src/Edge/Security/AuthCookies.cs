using AkkaChat.Persistence.Accounts;

namespace AkkaChat.Edge.Security;

/// <summary>
/// The cookies of a login. Over TLS their names have the prefixes that make browsers require Secure (and, for __Host-, this exact host);
/// over plain HTTP, meant for localhost, the plain names are used. Only the names of the request's own scheme are read, so that a page
/// served over plain HTTP cannot set a cookie for the TLS site.
/// </summary>
public static class AuthCookies
{
    private const string RefreshPath = "/api/auth";

    /// <summary>The access token of the request's cookie, if any.</summary>
    public static string? AccessToken(HttpRequest request) => Value(request, AccessName(request));

    internal static string? RefreshToken(HttpRequest request) => Value(request, RefreshName(request));

    internal static string? Device(HttpRequest request) => Value(request, DeviceName(request));

    internal static bool HasAny(HttpRequest request) =>
        request.Cookies.ContainsKey(AccessName(request)) || request.Cookies.ContainsKey(RefreshName(request));

    internal static void SetAccess(HttpContext context, string token, TimeSpan lifetime) =>
        Set(context, AccessName(context.Request), token, "/", lifetime);

    internal static void SetRefresh(HttpContext context, SessionGrant grant, DateTimeOffset now) =>
        Set(context, RefreshName(context.Request), grant.RefreshToken, RefreshPath, grant.RefreshTokenExpiresAt - now);

    internal static void SetDevice(HttpContext context, string value) =>
        Set(context, DeviceName(context.Request), value, RefreshPath, TimeSpan.FromDays(180));

    /// <summary>Removes the session's cookies. The device cookie stays, because it is not a credential.</summary>
    internal static void Clear(HttpContext context)
    {
        Set(context, AccessName(context.Request), string.Empty, "/", TimeSpan.Zero);
        Set(context, RefreshName(context.Request), string.Empty, RefreshPath, TimeSpan.Zero);
    }

    private static string AccessName(HttpRequest request) => request.IsHttps ? "__Host-akkachat-access" : "akkachat-access";

    private static string RefreshName(HttpRequest request) => request.IsHttps ? "__Secure-akkachat-refresh" : "akkachat-refresh";

    private static string DeviceName(HttpRequest request) => request.IsHttps ? "__Secure-akkachat-device" : "akkachat-device";

    private static string? Value(HttpRequest request, string name) =>
        request.Cookies.TryGetValue(name, out var value) && value.Length > 0 ? value : null;

    private static void Set(HttpContext context, string name, string value, string path, TimeSpan lifetime) =>
        context.Response.Cookies.Append(name, value, new CookieOptions
        {
            HttpOnly = true,
            Secure = context.Request.IsHttps,
            SameSite = SameSiteMode.Lax,
            Path = path,
            MaxAge = lifetime,
            IsEssential = true,
        });
}
