using System.Text.Json;
using AkkaChat.Edge.Http;
using AkkaChat.Edge.Images;
using AkkaChat.Edge.Security;
using AkkaChat.Messages.Client;
using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.Accounts;
using AkkaChat.Persistence.Files;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace AkkaChat.Edge.Accounts;

public static class AccountEndpoints
{
    private const int MaxBody = 16 * 1024;
    private const string TokensHeader = "X-AkkaChat-Tokens";
    private static readonly TimeSpan BusyRetry = TimeSpan.FromSeconds(2);

    /// <summary>Maps <c>/api/auth</c> as docs/rest.md describes it.</summary>
    public static IEndpointRouteBuilder MapAccounts(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("/api/auth").WithTags("Accounts").WithMetadata(new RequestSizeLimitAttribute(MaxBody));

        group.MapPost("/register", RegisterAsync).WithName("register").WithSummary("Makes an account and logs in")
            .WithMetadata(new NoCookieNeeded())
            .Produces<SessionResponse>(StatusCodes.Status201Created)
            .ProducesProblem(400).ProducesProblem(409).ProducesProblem(429).ProducesProblem(503);

        group.MapPost("/login", LoginAsync).WithName("login").WithSummary("Logs in by username or e-mail address")
            .WithMetadata(new NoCookieNeeded())
            .Produces<SessionResponse>()
            .ProducesProblem(400).ProducesProblem(401).ProducesProblem(429).ProducesProblem(503);

        group.MapPost("/refresh", RefreshAsync).WithName("refresh")
            .WithSummary("Exchanges the refresh token, of the cookie or of the body, for new tokens")
            .Produces<SessionResponse>()
            .ProducesProblem(401).ProducesProblem(429);

        group.MapPost("/logout", LogoutAsync).WithName("logout").WithSummary("Ends the session, its tokens and its sockets")
            .Produces(StatusCodes.Status204NoContent);

        group.MapGet("/me", MeAsync).WithName("getMe").WithSummary("The caller's account").RequireAuthorization()
            .Produces<UserResponse>()
            .ProducesProblem(401);

        group.MapPatch("/me", UpdateMeAsync).WithName("updateMe").WithSummary("Changes the display name, the locale, the avatar or the status").RequireAuthorization()
            .Produces<UserResponse>()
            .ProducesProblem(400).ProducesProblem(401);

        group.MapPut("/password", ChangePasswordAsync).WithName("changePassword")
            .WithSummary("Changes the password and ends all other sessions").RequireAuthorization()
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(429).ProducesProblem(503);
        return endpoints;
    }

    private static async Task<IResult> RegisterAsync(
        RegisterRequest request, HttpContext context, AccountSessions sessions, IAccountStore accounts, IPasswordHasher hasher,
        LoginThrottle throttle, CancellationToken cancellationToken)
    {
        if (throttle.TryRegister(context) is { } wait)
        {
            return Problems.RateLimited(wait);
        }

        var errors = AccountFields.Check(request);
        if (errors.Count > 0)
        {
            return Problems.Invalid(errors);
        }

        if (await hasher.HashAsync(request.Password!, cancellationToken) is not { } hash)
        {
            return Problems.Busy(BusyRetry);
        }

        var account = new NewAccount(
            request.Username!, request.Email!.Trim(), hash, AccountFields.DisplayName(request.DisplayName), request.Locale);
        var result = await accounts.CreateAsync(account, cancellationToken);
        return result.Status switch
        {
            CreateAccountStatus.UsernameTaken => Problems.Of(409, ProblemCodes.UsernameTaken, "This username is taken."),
            CreateAccountStatus.EmailTaken => Problems.Of(409, ProblemCodes.EmailTaken, "There is an account with this e-mail address."),
            _ => await sessions.StartAsync(context, new(result.Account!, hash), cancellationToken) is { } session
                ? TypedResults.Created("/api/auth/me", session)
                : BadCredentials(),
        };
    }

    private static async Task<IResult> LoginAsync(
        LoginRequest request, HttpContext context, AccountSessions sessions, IAccountStore accounts, IPasswordHasher hasher,
        LoginThrottle throttle, ILoginAttempts attempts, CancellationToken cancellationToken)
    {
        // A device that may be a known one is looked up before its address counts: many people can have one address.
        var mayBeKnown = AuthCookies.Device(context.Request) is not null;
        if (!mayBeKnown && throttle.TryLogin(context) is { } wait)
        {
            return Problems.RateLimited(wait);
        }

        var errors = AccountFields.Check(request);
        if (errors.Count > 0)
        {
            return Problems.Invalid(errors);
        }

        var login = request.Login!.Trim();
        var credentials = await accounts.FindCredentialsAsync(login, cancellationToken);
        var key = credentials?.Account.Id.Value ?? AccountKeys.Email(login) ?? AccountKeys.Username(login);
        var isKnown = throttle.IsKnownDevice(context, credentials?.Account.Id);
        var longer = isKnown ? throttle.TryKnownDevice(context)
            : (mayBeKnown ? throttle.TryLogin(context) : null)
                ?? throttle.TryLoginTo(context, key)
                ?? await attempts.TryBeginAsync(key, cancellationToken);
        if (longer is { } delay)
        {
            return Problems.RateLimited(delay);
        }

        var check = await hasher.CheckAsync(credentials?.PasswordHash, request.Password!, cancellationToken);
        if (check == PasswordCheck.Busy)
        {
            return Problems.Busy(BusyRetry);
        }

        if (credentials is null || check == PasswordCheck.Wrong)
        {
            return BadCredentials();
        }

        if (check == PasswordCheck.RightButOutdated)
        {
            credentials = await RehashAsync(credentials, request.Password!, accounts, hasher, cancellationToken);
        }

        if (!isKnown)
        {
            await attempts.SucceededAsync(key, cancellationToken);
        }

        return await sessions.StartAsync(context, credentials, cancellationToken) is { } session
            ? TypedResults.Ok(session)
            : BadCredentials();
    }

    private static async Task<IResult> RefreshAsync(
        [FromBody] RefreshRequest? request, HttpContext context, AccountSessions sessions, LoginThrottle throttle,
        CancellationToken cancellationToken)
    {
        if (throttle.TryRefresh(context) is { } wait)
        {
            return Problems.RateLimited(wait);
        }

        var token = request?.RefreshToken ?? AuthCookies.RefreshToken(context.Request);
        return token is { Length: > 0 and <= 256 } && await sessions.RefreshAsync(context, token, cancellationToken) is { } session
            ? TypedResults.Ok(session)
            : Problems.Unauthenticated("The session has ended; log in again.");
    }

    private static async Task<NoContent> LogoutAsync(HttpContext context, AccountSessions sessions, CancellationToken cancellationToken)
    {
        await sessions.LogOutAsync(context, cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<IResult> MeAsync(
        HttpContext context, IAccountStore accounts, InstallationOwners owners, CancellationToken cancellationToken) =>
        await accounts.FindAsync(context.GetUser().Id, cancellationToken) is { } account
            ? TypedResults.Ok(UserResponse.Of(account, owners))
            : Problems.Unauthenticated();

    private static async Task<IResult> UpdateMeAsync(
        UpdateProfileRequest request, HttpContext context, AccountSessions sessions, IAccountStore accounts, PictureFiles files,
        PictureStore pictures, IProfileEvents events, InstallationOwners owners, CancellationToken cancellationToken)
    {
        var errors = AccountFields.Check(request);
        if (errors.Count > 0)
        {
            return Problems.Invalid(errors);
        }

        var user = context.GetUser();
        if (request.Avatar.ValueKind != JsonValueKind.Undefined
            && await SetAvatarAsync(user.Id, AccountFields.Avatar(request), files, pictures, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        var displayName = AccountFields.DisplayName(request.DisplayName);
        if (await accounts.UpdateProfileAsync(user.Id, displayName, request.Locale, cancellationToken) is not { } account)
        {
            return Problems.Unauthenticated();
        }

        if (request.Status.ValueKind != JsonValueKind.Undefined && AccountFields.Status(request) is { } status)
        {
            account = await accounts.SetStatusAsync(user.Id, status.Emoji, status.Text, cancellationToken) ?? account;
        }

        if (displayName is not null || request.Avatar.ValueKind != JsonValueKind.Undefined || request.Status.ValueKind != JsonValueKind.Undefined)
        {
            events.Changed(account);
        }

        sessions.RenewAccessCookie(context, account, user.Session);
        return TypedResults.Ok(UserResponse.Of(account, owners));
    }

    /// <returns>Why not; null where it is so.</returns>
    private static async Task<IResult?> SetAvatarAsync(
        UserId user, FileId? avatar, PictureFiles files, PictureStore pictures, CancellationToken cancellationToken)
    {
        const string Field = "avatar";
        return (avatar is { } file ? await files.CheckAsync(file, FilePurpose.Avatar, new RoomId(""), user, Field, cancellationToken) : null)
            ?? (await pictures.SetAvatarAsync(user, avatar, cancellationToken) ? null : PictureFiles.NotYours(Field));
    }

    private static async Task<IResult> ChangePasswordAsync(
        ChangePasswordRequest request, HttpContext context, AccountSessions sessions, IAccountStore accounts, IPasswordHasher hasher,
        LoginThrottle throttle, CancellationToken cancellationToken)
    {
        var user = context.GetUser();
        if (throttle.TryPassword(user.Session) is { } wait)
        {
            return Problems.RateLimited(wait);
        }

        if (await accounts.FindCredentialsAsync(user.Id, cancellationToken) is not { } credentials)
        {
            return Problems.Unauthenticated();
        }

        var errors = AccountFields.Check(request, credentials);
        if (errors.Count > 0)
        {
            return Problems.Invalid(errors);
        }

        var check = await hasher.CheckAsync(credentials.PasswordHash, request.Current!, cancellationToken);
        if (check == PasswordCheck.Wrong)
        {
            return Problems.Of(403, ProblemCodes.BadCredentials, "The current password is not right.");
        }

        if (check == PasswordCheck.Busy || await hasher.HashAsync(request.New!, cancellationToken) is not { } hash)
        {
            return Problems.Busy(BusyRetry);
        }

        var ended = await accounts.ChangePasswordAsync(user.Id, credentials.PasswordHash, hash, user.Session, cancellationToken);
        if (ended is null)
        {
            return Problems.Of(403, ProblemCodes.BadCredentials, "The password was changed meanwhile.");
        }

        sessions.Ended(ended, user.Id);
        return TypedResults.NoContent();
    }

    private static async Task<AccountCredentials> RehashAsync(
        AccountCredentials credentials, string password, IAccountStore accounts, IPasswordHasher hasher, CancellationToken cancellationToken)
    {
        // When the queue is full, the next login rehashes.
        var hash = await hasher.HashAsync(password, cancellationToken);
        return hash is not null
            && await accounts.ReplaceHashAsync(credentials.Account.Id, credentials.PasswordHash, hash, cancellationToken)
            ? credentials with { PasswordHash = hash }
            : credentials;
    }

    private static IResult BadCredentials() =>
        Problems.Of(401, ProblemCodes.BadCredentials, "The username, e-mail address or password is not right.");

    internal static bool WantsTokens(HttpRequest request) => request.Headers[TokensHeader] == "1";
}
