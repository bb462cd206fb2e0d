using AkkaChat.Edge.Security;
using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.Accounts;

namespace AkkaChat.Edge.Accounts;

/// <summary>Starts, refreshes and ends sessions over HTTP, sets their cookies, and notifies when they end.</summary>
public sealed partial class AccountSessions(
    ISessionStore store, IAccountStore accounts, AccessTokens tokens, SessionValidator validator, ISessionEvents events,
    LoginThrottle throttle, InstallationOwners owners, TimeProvider time, ILogger<AccountSessions> logger)
{
    private const int MaxDevice = 200;

    /// <summary>Null when the password was changed after it was checked.</summary>
    public async Task<SessionResponse?> StartAsync(
        HttpContext context, AccountCredentials credentials, CancellationToken cancellationToken)
    {
        var device = context.Request.Headers.UserAgent.ToString();
        var grant = await store.CreateAsync(
            credentials.Account.Id, credentials.PasswordHash, device[..Math.Min(device.Length, MaxDevice)], cancellationToken);
        if (grant is null)
        {
            return null;
        }

        LogStarted(logger, grant.Session, grant.User);
        throttle.Remember(context, grant.User);
        return Respond(context, credentials.Account, grant);
    }

    /// <summary>Null when the token is not valid; a reused one has already ended its session.</summary>
    public async Task<SessionResponse?> RefreshAsync(HttpContext context, string refreshToken, CancellationToken cancellationToken)
    {
        var result = await store.RefreshAsync(refreshToken, cancellationToken);
        if (result.Ended is { } ended)
        {
            LogReused(logger, ended.Session, ended.User);
            Ended([ended.Session], ended.User);
        }

        return result.Grant is { } grant && await accounts.FindAsync(grant.User, cancellationToken) is { } account
            ? Respond(context, account, grant)
            : null;
    }

    /// <summary>Ends the session of the access token or, if that has expired, of the refresh cookie. Does nothing without either.</summary>
    public async Task LogOutAsync(HttpContext context, CancellationToken cancellationToken)
    {
        var session = AuthenticatedUser.From(context.User) is { } user ? (user.Session, user.Id)
            : AuthCookies.RefreshToken(context.Request) is { } token ? await store.FindByTokenAsync(token, cancellationToken)
            : ((SessionId Session, UserId User)?)null;
        if (session is { } found)
        {
            await store.EndAsync(found.Session, SessionEnd.LoggedOut, cancellationToken);
            LogLoggedOut(logger, found.Session, found.User);
            Ended([found.Session], found.User);
        }

        AuthCookies.Clear(context);
    }

    /// <summary>Notifies that sessions have ended in the database.</summary>
    public void Ended(IReadOnlyList<SessionId> sessions, UserId user)
    {
        foreach (var session in sessions)
        {
            validator.Forget(session);
            events.SessionEnded(session, user);
        }
    }

    /// <summary>The cookie's token gets the user's new name at once; a bearer token gets it at its next refresh.</summary>
    public void RenewAccessCookie(HttpContext context, Account account, SessionId session)
    {
        if (!context.Request.Headers.ContainsKey("Authorization"))
        {
            AuthCookies.SetAccess(context, tokens.Issue(account, session), tokens.Lifetime);
        }
    }

    private SessionResponse Respond(HttpContext context, Account account, SessionGrant grant)
    {
        var accessToken = tokens.Issue(account, grant.Session);
        AuthCookies.SetAccess(context, accessToken, tokens.Lifetime);
        AuthCookies.SetRefresh(context, grant, time.GetUtcNow());
        context.Response.Headers.CacheControl = "no-store";
        return new SessionResponse(
            UserResponse.Of(account, owners), accessToken, (int)tokens.Lifetime.TotalSeconds,
            AccountEndpoints.WantsTokens(context.Request) ? grant.RefreshToken : null);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Session {Session} of {User} started")]
    private static partial void LogStarted(ILogger logger, SessionId session, UserId user);

    [LoggerMessage(Level = LogLevel.Information, Message = "Session {Session} of {User} was logged out")]
    private static partial void LogLoggedOut(ILogger logger, SessionId session, UserId user);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Session {Session} of {User} ended: a refresh token was used again")]
    private static partial void LogReused(ILogger logger, SessionId session, UserId user);
}
