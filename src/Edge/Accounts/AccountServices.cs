using System.Data.Common;
using AkkaChat.Edge.Http;
using AkkaChat.Edge.Images;
using AkkaChat.Edge.Security;
using AkkaChat.Persistence.Accounts;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace AkkaChat.Edge.Accounts;

public static class EdgeAccountServices
{
    /// <summary>
    /// Adds accounts with everything they need: the stores, tokens, request authentication, CSRF and origin checks, problem responses.
    /// An <see cref="ISessionEvents"/> may be registered before or after this call.
    /// </summary>
    public static IServiceCollection AddAkkaChatAccounts(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddAkkaChatAccountStores(configuration);
        services.AddAkkaChatProblems();
        services.AddAkkaChatSecurity();
        services.AddSettings<AuthOptions, AuthOptionsValidator>(AuthOptions.SectionName);
        services.AddSettingCheck<AuthOptions, TokenLifetimeCheck>();
        services.TryAddSingleton<InstallationOwners>();
        services.TryAddSingleton<SigningKeyRing>();
        services.TryAddSingleton<AccessTokens>();
        services.TryAddSingleton<SessionValidator>();
        services.TryAddSingleton<ITokenValidator>(provider => provider.GetRequiredService<SessionValidator>());
        services.TryAddSingleton<ISessionEvents, NoSessionEvents>();
        services.TryAddSingleton<IProfileEvents, NoProfileEvents>();
        services.AddPictures();
        services.TryAddSingleton<LoginThrottle>();
        services.TryAddSingleton<AccountSessions>();
        services.AddHostedService<SessionUpkeep>();

        services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme).AddJwtBearer();
        services.AddOptions<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme).Configure<AccessTokens>(Configure);
        services.AddAuthorization();
        return services;
    }

    /// <summary>
    /// The middleware that runs before the endpoints, in order: problems, security headers, routing, authentication, CSRF, authorization.
    /// </summary>
    public static WebApplication UseAkkaChatAccounts(this WebApplication app)
    {
        app.UseAkkaChatProblems();
        app.UseAkkaChatSecurityHeaders();
        app.UseRouting();
        app.UseAuthentication();
        app.UseAkkaChatCsrf();
        app.UseAuthorization();
        return app;
    }

    private static async Task CheckSessionAsync(TokenValidatedContext context)
    {
        var http = context.HttpContext;
        var validator = http.RequestServices.GetRequiredService<ITokenValidator>();
        var user = AuthenticatedUser.From(context.Principal!);
        try
        {
            if (user is null || !await validator.IsSessionLiveAsync(user.Session, http.RequestAborted))
            {
                context.Fail("The session has ended.");
            }
        }
        catch (Exception e) when (
            e is DbException or TimeoutException && http.GetEndpoint()?.Metadata.GetMetadata<IAuthorizeData>() is null)
        {
            // Requests that need no login (a page, a health check) are served. Those that do get 503 instead of 401, because a
            // client that receives 401 discards its session.
            context.Fail(e);
        }
    }

    private static void Configure(JwtBearerOptions options, AccessTokens tokens)
    {
        options.MapInboundClaims = false;
        options.TokenValidationParameters = tokens.Parameters;
        options.Events = new JwtBearerEvents
        {
            OnMessageReceived = context =>
            {
                // With an Authorization header only that header counts: falling back to the cookie would bypass the CSRF check.
                if (!context.Request.Headers.ContainsKey("Authorization"))
                {
                    context.Token = AuthCookies.AccessToken(context.Request);
                }

                return Task.CompletedTask;
            },
            OnTokenValidated = CheckSessionAsync,
            OnChallenge = context =>
            {
                context.HandleResponse();
                context.Response.Headers.WWWAuthenticate = JwtBearerDefaults.AuthenticationScheme;
                return Problems.Unauthenticated().ExecuteAsync(context.HttpContext);
            },
            OnForbidden = context => Problems.Forbidden("This is not allowed.").ExecuteAsync(context.HttpContext),
        };
    }
}

/// <summary>Loads the signing keys at start, so that a bad key file stops the node at once; deletes expired sessions.</summary>
internal sealed partial class SessionUpkeep(
    SigningKeyRing keys, ISessionStore sessions, ILoginAttempts attempts, TimeProvider time, ILogger<SessionUpkeep> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        LogKey(logger, keys.Signing.Key.KeyId);
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            // Nodes that were started together do not purge together.
            await Task.Delay(Interval * (Random.Shared.NextDouble() / 10), time, stoppingToken);
            try
            {
                var count = await sessions.PurgeAsync(stoppingToken);
                await attempts.PurgeAsync(stoppingToken);
                LogPurged(logger, count);
            }
            catch (Exception e) when (e is DbException or TimeoutException)
            {
                LogFailed(logger, e); // retried in an hour
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Access tokens are signed with key {KeyId}")]
    private static partial void LogKey(ILogger logger, string keyId);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Deleted {Count} expired sessions")]
    private static partial void LogPurged(ILogger logger, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Deleting expired sessions failed")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
