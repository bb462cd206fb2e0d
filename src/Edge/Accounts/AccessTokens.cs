using System.Security.Claims;
using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.Accounts;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace AkkaChat.Edge.Accounts;

/// <summary>The user and session of an access token, and when it expires.</summary>
public sealed record AuthenticatedUser(UserId Id, SessionId Session, string Username, string DisplayName, DateTimeOffset ExpiresAt)
{
    /// <summary>The user of a validated principal; null when a claim is missing, as for an anonymous one.</summary>
    public static AuthenticatedUser? From(ClaimsPrincipal principal)
    {
        var id = principal.FindFirstValue(AccessTokens.Subject);
        var session = principal.FindFirstValue(AccessTokens.Session);
        var username = principal.FindFirstValue(AccessTokens.Username);
        var displayName = principal.FindFirstValue(AccessTokens.DisplayName);
        return id is null || session is null || username is null || displayName is null
            || !long.TryParse(principal.FindFirstValue("exp"), out var expires)
            ? null
            : new AuthenticatedUser(
                new UserId(id), new SessionId(session), username, displayName, DateTimeOffset.FromUnixTimeSeconds(expires));
    }
}

public static class AuthenticatedUserExtensions
{
    /// <summary>The caller. Use only behind <c>RequireAuthorization</c>, which guarantees one.</summary>
    public static AuthenticatedUser GetUser(this HttpContext context) =>
        AuthenticatedUser.From(context.User) ?? throw new InvalidOperationException("The endpoint does not require authorization.");
}

/// <summary>
/// Access tokens: JWS compact, HS256 only, <c>typ</c> at+jwt (RFC 9068's name), the key selected by <c>kid</c> from the ring only:
/// jku, jwk and x5u headers are ignored. 30 s of clock difference between nodes are tolerated.
/// </summary>
public sealed class AccessTokens
{
    internal const string Subject = "sub";
    internal const string Session = "sid";
    internal const string Username = "name";
    internal const string DisplayName = "dn";
    private const string Type = "at+jwt";
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(30);

    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false, SetDefaultTimesOnTokenCreation = false };
    private readonly AuthOptions _options;
    private readonly SigningKeyRing _keys;
    private readonly TimeProvider _time;

    public AccessTokens(IOptions<AuthOptions> options, SigningKeyRing keys, TimeProvider time)
    {
        _options = options.Value;
        _keys = keys;
        _time = time;
        Parameters = new TokenValidationParameters
        {
            ValidAlgorithms = [SecurityAlgorithms.HmacSha256],
            ValidTypes = [Type],
            ValidIssuer = _options.Issuer,
            ValidAudience = _options.Audience,
            RequireSignedTokens = true,
            RequireExpirationTime = true,
            ValidateIssuerSigningKey = true,
            TryAllIssuerSigningKeys = false,
            IssuerSigningKeyResolver = (_, _, kid, _) => _keys.Find(kid) is { } key ? [key] : [],
            LifetimeValidator = IsWithinLifetime,
            ClockSkew = Tolerance,
            NameClaimType = Username,
        };
    }

    /// <summary>The validation parameters of a token; shared with request authentication.</summary>
    public TokenValidationParameters Parameters { get; }

    public TimeSpan Lifetime => _options.AccessTokenLifetime;

    public string Issue(Account account, SessionId session)
    {
        var now = _time.GetUtcNow().UtcDateTime;
        return _handler.CreateToken(new SecurityTokenDescriptor
        {
            TokenType = Type,
            Issuer = _options.Issuer,
            Audience = _options.Audience,
            IssuedAt = now,
            NotBefore = now,
            Expires = now + _options.AccessTokenLifetime,
            SigningCredentials = _keys.Signing,
            Claims = new Dictionary<string, object>
            {
                [Subject] = account.Id.Value,
                [Session] = session.Value,
                [Username] = account.Username,
                [DisplayName] = account.DisplayName,
            },
        });
    }

    internal Task<TokenValidationResult> ValidateAsync(string token) => _handler.ValidateTokenAsync(token, Parameters);

    private bool IsWithinLifetime(DateTime? notBefore, DateTime? expires, SecurityToken token, TokenValidationParameters parameters)
    {
        var now = _time.GetUtcNow().UtcDateTime;
        return expires is { } end && now < end + Tolerance && notBefore is { } start && now >= start - Tolerance;
    }
}
