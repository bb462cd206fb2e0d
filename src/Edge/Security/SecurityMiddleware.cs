using System.Net;
using AkkaChat.Edge.Http;
using AkkaChat.Persistence.Objects;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace AkkaChat.Edge.Security;

/// <summary>
/// Refuses state changes that another site may have initiated (CSRF). The browser sends cookies with every request, so a state change that
/// they authenticate must carry <c>X-AkkaChat: 1</c>, which another site cannot send without a CORS preflight, which is never granted. The
/// browser's own statement of the request's source (Sec-Fetch-Site, else Origin) is checked too. A request with an Authorization header
/// passes, because no browser adds one by itself.
/// </summary>
internal sealed class CsrfMiddleware(RequestDelegate next, OriginPolicy origins)
{
    public const string Header = "X-AkkaChat";

    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        var isSafe = HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method);
        if (isSafe || request.Headers.ContainsKey("Authorization"))
        {
            return next(context);
        }

        if (IsForeign(context))
        {
            return Problems.Forbidden("Another site may not do this.").ExecuteAsync(context);
        }

        var needsHeader = AuthCookies.HasAny(request) && context.GetEndpoint()?.Metadata.GetMetadata<NoCookieNeeded>() is null;
        return needsHeader && request.Headers[Header] != "1"
            ? Problems.Forbidden($"A change that cookies authenticate needs the header {Header}: 1.").ExecuteAsync(context)
            : next(context);
    }

    // same-site is refused too: a page of a sibling domain is not this application.
    private bool IsForeign(HttpContext context)
    {
        var site = context.Request.Headers["Sec-Fetch-Site"];
        if (site.Count > 0)
        {
            return site != "same-origin" && site != "none" && !origins.IsAllowed(context);
        }

        return context.Request.Headers.Origin.Count > 0 && !origins.IsAllowed(context);
    }
}

/// <summary>Marks an endpoint that cookies do not authenticate (login, register): it does not need the header.</summary>
internal sealed class NoCookieNeeded;

/// <summary>Response headers that restrict what a browser does with the content.</summary>
internal sealed class SecurityHeadersMiddleware(RequestDelegate next, IHostEnvironment environment, IObjectStore objects)
{
    /// <summary>Files come from here, or from where the object store serves them itself.</summary>
    private readonly string _policy = Policy(objects.Origin is { } origin ? $" {origin}" : "");

    // The API's reference page, in development only, has inline scripts.
    private const string ReferencePagePolicy =
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
        + "font-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; connect-src 'self'";

    public Task InvokeAsync(HttpContext context)
    {
        // Set when the response starts, because the exception handler clears the headers.
        context.Response.OnStarting(
            static state =>
            {
                var (middleware, context) = ((SecurityHeadersMiddleware, HttpContext))state;
                middleware.Set(context);
                return Task.CompletedTask;
            },
            (this, context));
        return next(context);
    }

    private void Set(HttpContext context)
    {
        var headers = context.Response.Headers;
        var isReferencePage = environment.IsDevelopment() && context.Request.Path.StartsWithSegments("/scalar");
        if (headers.ContentSecurityPolicy.Count == 0) // what serves the files of users has one of its own
        {
            headers.ContentSecurityPolicy = isReferencePage ? ReferencePagePolicy : _policy + Sockets(context.Request);
        }

        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers.XFrameOptions = "DENY";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()";
        if (context.Request.IsHttps && !IsLocal(context.Request.Host.Host))
        {
            headers.StrictTransportSecurity = "max-age=31536000";
        }
    }

    private static string Policy(string files) =>
        $"default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:{files}; media-src 'self' blob:{files}; "
        + "font-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'; "
        + $"connect-src 'self'{files}";

    // Safari before 15.4 does not apply 'self' to a WebSocket of the same host. The Host header is client input, so only a plain one is
    // repeated.
    private static string Sockets(HttpRequest request)
    {
        var host = request.Host.Value ?? string.Empty;
        var isPlain = host.Length is > 0 and <= 255 && host.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or ':' or '[' or ']');
        return isPlain ? $" {(request.IsHttps ? "wss" : "ws")}://{host}" : string.Empty;
    }

    private static bool IsLocal(string host) => host == "localhost" || (IPAddress.TryParse(host, out var ip) && IPAddress.IsLoopback(ip));
}

public static class SecurityServices
{
    /// <summary>Adds <see cref="OriginPolicy"/> and the configuration of known proxies.</summary>
    public static IServiceCollection AddAkkaChatSecurity(this IServiceCollection services)
    {
        services.AddSettings<SecurityOptions, SecurityOptionsValidator>(SecurityOptions.SectionName);
        services.AddObjectStore(); // the page's policy names it
        services.TryAddSingleton<OriginPolicy>();
        services.AddOptions<ForwardedHeadersOptions>().Configure<IOptions<SecurityOptions>>((forwarded, security) =>
        {
            forwarded.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
            // As many hops as there are known proxies in a row; the defaults would trust anyone on the loopback.
            forwarded.ForwardLimit = null;
            forwarded.KnownProxies.Clear();
            forwarded.KnownIPNetworks.Clear();
            foreach (var proxy in security.Value.KnownProxies)
            {
                if (IPAddress.TryParse(proxy, out var address))
                {
                    forwarded.KnownProxies.Add(address);
                }
                else
                {
                    forwarded.KnownIPNetworks.Add(System.Net.IPNetwork.Parse(proxy));
                }
            }
        });
        return services;
    }

    /// <summary>Applies forwarded headers of known proxies and the security headers; goes right after <c>UseAkkaChatProblems</c>.</summary>
    public static IApplicationBuilder UseAkkaChatSecurityHeaders(this IApplicationBuilder app)
    {
        // Without known proxies the middleware would trust everyone.
        if (app.ApplicationServices.GetRequiredService<IOptions<SecurityOptions>>().Value.KnownProxies.Count > 0)
        {
            app.UseForwardedHeaders();
        }

        return app.UseMiddleware<SecurityHeadersMiddleware>();
    }

    /// <summary>The CSRF check; goes after routing and before the endpoints.</summary>
    public static IApplicationBuilder UseAkkaChatCsrf(this IApplicationBuilder app) => app.UseMiddleware<CsrfMiddleware>();
}
