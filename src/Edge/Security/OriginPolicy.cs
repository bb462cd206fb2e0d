using Microsoft.Extensions.Options;

namespace AkkaChat.Edge.Security;

/// <summary>
/// Which pages may act with the user's cookies. Browsers put Origin on every WebSocket handshake and do not apply the same-origin rule to
/// it, so this check is all that keeps another site from opening a socket as the user.
/// </summary>
public sealed class OriginPolicy(IOptions<SecurityOptions> options)
{
    private readonly HashSet<string> _allowed =
        options.Value.AllowedOrigins.Select(Normalize).OfType<string>().ToHashSet(StringComparer.Ordinal);

    /// <summary>
    /// True where there is exactly one Origin and it equals, in scheme, host and port, the request's own or one of the configured ones.
    /// A missing, <c>null</c> or malformed Origin is not allowed.
    /// </summary>
    public bool IsAllowed(HttpContext context)
    {
        var origins = context.Request.Headers.Origin;
        if (origins.Count != 1 || Normalize(origins[0]) is not { } origin)
        {
            return false;
        }

        return _allowed.Contains(origin) || origin == Normalize($"{context.Request.Scheme}://{context.Request.Host.Value}");
    }

    /// <summary>Scheme, host and port in one spelling; null where the text is not just an http(s) origin.</summary>
    internal static string? Normalize(string? origin)
    {
        if (string.IsNullOrEmpty(origin)
            || !Uri.TryCreate(origin, UriKind.Absolute, out var uri)
            || (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps)
            || uri.UserInfo.Length > 0
            || uri.PathAndQuery != "/"
            || uri.Fragment.Length > 0
            || uri.IdnHost.Length == 0)
        {
            return null;
        }

        return $"{uri.Scheme}://{uri.IdnHost}:{uri.Port}";
    }
}
