using System.Collections.Concurrent;
using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.Accounts;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;

namespace AkkaChat.Edge.Accounts;

/// <summary>
/// Notified on the node where a session ends, after the database has committed it. The socket code implements this to close the session's
/// sockets on all nodes, and calls <see cref="SessionValidator.Forget"/> when a session ends on another node. Must not block or throw.
/// </summary>
public interface ISessionEvents
{
    void SessionEnded(SessionId session, UserId user);
}

/// <summary>Notifies nobody; access tokens still expire within <see cref="AuthOptions.SessionCacheDuration"/>.</summary>
/// <summary>Told when what others see of a user has changed.</summary>
public interface IProfileEvents
{
    void Changed(Account account);
}

internal sealed class NoProfileEvents : IProfileEvents
{
    public void Changed(Account account)
    {
    }
}

internal sealed class NoSessionEvents : ISessionEvents
{
    public void SessionEnded(SessionId session, UserId user)
    {
    }
}

/// <summary>Exactly one of the two is set. <see cref="Reason"/>: <c>invalid</c>, <c>expired</c> or <c>session_ended</c>.</summary>
public sealed record TokenValidation(AuthenticatedUser? User, string? Reason);

public interface ITokenValidator
{
    /// <summary>
    /// Validates an access token and that its session is active. Throws when the database cannot tell; the caller then denies access.
    /// </summary>
    Task<TokenValidation> ValidateAsync(string accessToken, CancellationToken cancellationToken);

    /// <summary>Whether the session has neither ended nor expired; up to <see cref="AuthOptions.SessionCacheDuration"/> old.</summary>
    ValueTask<bool> IsSessionLiveAsync(SessionId session, CancellationToken cancellationToken);
}

/// <summary>
/// Access tokens checked against their sessions. The result is cached briefly, so that a busy client costs one query every few seconds;
/// an ended session is cached as well. The cache is bounded: it is cleared when full.
/// </summary>
public sealed class SessionValidator(
    AccessTokens tokens, ISessionStore sessions, IOptions<AuthOptions> options, TimeProvider time) : ITokenValidator
{
    private const int MaxRemembered = 100_000;

    private readonly ConcurrentDictionary<SessionId, (bool IsLive, long At)> _known = new();
    private readonly TimeSpan _duration = options.Value.SessionCacheDuration;

    public async Task<TokenValidation> ValidateAsync(string accessToken, CancellationToken cancellationToken)
    {
        var result = await tokens.ValidateAsync(accessToken);
        if (!result.IsValid)
        {
            return new TokenValidation(
                null, result.Exception is SecurityTokenExpiredException or SecurityTokenInvalidLifetimeException ? "expired" : "invalid");
        }

        if (AuthenticatedUser.From(new(result.ClaimsIdentity)) is not { } user)
        {
            return new TokenValidation(null, "invalid");
        }

        return await IsSessionLiveAsync(user.Session, cancellationToken)
            ? new TokenValidation(user, null)
            : new TokenValidation(null, "session_ended");
    }

    public async ValueTask<bool> IsSessionLiveAsync(SessionId session, CancellationToken cancellationToken)
    {
        if (_known.TryGetValue(session, out var known) && time.GetElapsedTime(known.At) < _duration)
        {
            return known.IsLive;
        }

        // Taken before the query: an end that commits during it is seen after the duration at the latest.
        var asked = time.GetTimestamp();
        var isLive = await sessions.IsLiveAsync(session, cancellationToken);
        if (_known.Count >= MaxRemembered)
        {
            _known.Clear();
        }

        _known[session] = (isLive, asked);
        return isLive;
    }

    /// <summary>The next check of the session goes to the database.</summary>
    public void Forget(SessionId session) => _known.TryRemove(session, out _);
}
