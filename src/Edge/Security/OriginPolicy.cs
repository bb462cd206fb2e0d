using Microsoft.Extensions.Options;

namespace AkkaChat.Edge.Security;

/// <summary>
/// Decides which pages may act with the user's cookies. Browsers send Origin with every WebSocket handshake but do not apply the
/// same-origin policy to it, so only this check prevents another site from opening a socket as the user.
/// </summary>
public sealed class OriginPolicy(IOptions<SecurityOptions> options)
{
    private readonly HashSet<string> _allowed =
        options.Value.AllowedOrigins.Select(Normalize).OfType<string>().ToHashSet(StringComparer.Ordinal);

    /// <summary>
    /// True when there is exactly one Origin and its scheme, host and port equal the request's own or a configured one.
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

    /// <summary>Normalised scheme, host and port; null when the text is not an http(s) origin.</summary>
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
