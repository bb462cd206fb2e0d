using System.Data.Common;
using System.Globalization;
using AkkaChat.Persistence.Objects;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;

namespace AkkaChat.Edge.Http;

/// <summary>The stable codes of the REST interface's errors, the same words as on the WebSocket.</summary>
public static class ProblemCodes
{
    public const string Invalid = "invalid";
    public const string Unauthenticated = "unauthenticated";
    public const string BadCredentials = "bad_credentials";
    public const string Forbidden = "forbidden";
    public const string NotFound = "not_found";
    public const string UsernameTaken = "username_taken";
    public const string EmailTaken = "email_taken";
    public const string TooLarge = "too_large";
    public const string QuotaExceeded = "quota_exceeded";
    public const string TooManyUploads = "too_many_uploads";
    public const string TypeNotAllowed = "type_not_allowed";
    public const string BadImage = "bad_image";
    public const string OffsetMismatch = "offset_mismatch";
    public const string ChecksumMismatch = "checksum_mismatch";
    public const string Locked = "locked";
    public const string Attached = "attached";
    public const string Processing = "processing";
    public const string LastOwner = "last_owner";
    public const string SearchTimeout = "search_timeout";
    public const string Archived = "archived";
    public const string Blocked = "blocked";
    public const string TooManyRooms = "too_many_rooms";
    public const string InviteExpired = "invite_expired";
    public const string UnsupportedVersion = "unsupported_version";
    public const string RateLimited = "rate_limited";
    public const string Busy = "busy";
    public const string Unavailable = "unavailable";
    public const string Internal = "internal";
}

/// <summary>RFC 9457 problems with a stable <c>code</c>; every error response of the REST API is created here.</summary>
public static class Problems
{
    /// <summary>A problem of any status and code; <paramref name="detail"/> is a sentence for people.</summary>
    public static IResult Of(int status, string code, string detail) => new ProblemResult(Details(status, code, detail), null);

    /// <summary>400 <c>invalid</c> with <c>errors</c>: the messages per field, named as in the body.</summary>
    public static IResult Invalid(IReadOnlyDictionary<string, string[]> errors)
    {
        var details = Details(StatusCodes.Status400BadRequest, ProblemCodes.Invalid, "The request is not valid; errors has a list per field.");
        details.Extensions["errors"] = errors;
        return new ProblemResult(details, null);
    }

    public static IResult Unauthenticated(string detail = "Log in first.") =>
        Of(StatusCodes.Status401Unauthorized, ProblemCodes.Unauthenticated, detail);

    public static IResult Forbidden(string detail) => Of(StatusCodes.Status403Forbidden, ProblemCodes.Forbidden, detail);

    public static IResult NotFound(string detail) => Of(StatusCodes.Status404NotFound, ProblemCodes.NotFound, detail);

    /// <summary>429 <c>rate_limited</c> with Retry-After (whole seconds, rounded up) and <c>retryAfterMs</c>.</summary>
    public static IResult RateLimited(TimeSpan retryAfter) => Waiting(
        StatusCodes.Status429TooManyRequests, ProblemCodes.RateLimited, "Too many attempts; wait a little.", retryAfter);

    /// <summary>503 <c>busy</c>: the node is at capacity and has done nothing.</summary>
    public static IResult Busy(TimeSpan retryAfter) => Waiting(
        StatusCodes.Status503ServiceUnavailable, ProblemCodes.Busy, "The server is at capacity; nothing was done.", retryAfter);

    /// <summary>503 <c>unavailable</c>: the outcome is unknown, or a dependency is unreachable.</summary>
    public static IResult Unavailable(TimeSpan retryAfter) => Waiting(
        StatusCodes.Status503ServiceUnavailable, ProblemCodes.Unavailable, "The outcome is unknown; try again.", retryAfter);

    /// <summary>404 <c>processing</c> with Retry-After: it is not ready yet.</summary>
    public static IResult Processing(TimeSpan retryAfter) =>
        Waiting(StatusCodes.Status404NotFound, ProblemCodes.Processing, "The image is not ready yet.", retryAfter);

    /// <summary>423 <c>locked</c> with Retry-After: another request is writing to it.</summary>
    public static IResult Locked(TimeSpan retryAfter) =>
        Waiting(StatusCodes.Status423Locked, ProblemCodes.Locked, "Another request is writing to this upload.", retryAfter);

    /// <summary>503 <c>search_timeout</c> with Retry-After: the search was broken off and has nothing to show.</summary>
    public static IResult SearchTimeout(TimeSpan retryAfter) => Waiting(
        StatusCodes.Status503ServiceUnavailable, ProblemCodes.SearchTimeout, "The search took too long; try again, or look for something rarer.", retryAfter);

    internal static IResult OfStatus(int status) => status switch
    {
        StatusCodes.Status401Unauthorized => Unauthenticated(),
        StatusCodes.Status403Forbidden => Forbidden("This is not allowed."),
        StatusCodes.Status404NotFound => NotFound("There is no such thing."),
        StatusCodes.Status413PayloadTooLarge => Of(status, ProblemCodes.TooLarge, "The body is too large."),
        StatusCodes.Status415UnsupportedMediaType => Of(status, ProblemCodes.Invalid, "The body must be application/json."),
        >= 400 and < 500 => Of(status, ProblemCodes.Invalid, "The request is not valid."),
        _ => Of(status, ProblemCodes.Internal, "Something went wrong here."),
    };

    private static ProblemResult Waiting(int status, string code, string detail, TimeSpan retryAfter)
    {
        var details = Details(status, code, detail);
        details.Extensions["retryAfterMs"] = (long)Math.Ceiling(retryAfter.TotalMilliseconds);
        return new ProblemResult(details, retryAfter);
    }

    private static ProblemDetails Details(int status, string code, string detail) => new()
    {
        Status = status,
        Title = Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(status),
        Detail = detail,
        Extensions = { ["code"] = code },
    };

    private sealed class ProblemResult(ProblemDetails details, TimeSpan? retryAfter) : IResult, IStatusCodeHttpResult
    {
        public int? StatusCode => details.Status;

        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = details.Status ?? StatusCodes.Status500InternalServerError;
            httpContext.Response.Headers.CacheControl = "no-store";
            if (retryAfter is { } wait)
            {
                httpContext.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            }

            return httpContext.Response.WriteAsJsonAsync(
                details, options: null, contentType: "application/problem+json", httpContext.RequestAborted);
        }
    }
}

/// <summary>Turns what a handler throws into a problem: a bad body 400, a database or an object store out of reach 503, all else 500 with no detail.</summary>
internal sealed class ProblemsExceptionHandler : IExceptionHandler
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        var problem = exception switch
        {
            BadHttpRequestException bad => Problems.OfStatus(bad.StatusCode),
            DbException or TimeoutException or ObjectStoreUnavailableException => Problems.Unavailable(RetryAfter),
            _ => Problems.OfStatus(StatusCodes.Status500InternalServerError),
        };
        await problem.ExecuteAsync(httpContext);
        return true;
    }
}

public static class ProblemServices
{
    public static IServiceCollection AddAkkaChatProblems(this IServiceCollection services)
    {
        services.AddProblemDetails();
        services.AddExceptionHandler<ProblemsExceptionHandler>();
        // Otherwise a malformed body answers an empty 400 outside development.
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        return services;
    }

    /// <summary>Goes first in the pipeline: turns later exceptions and empty error responses into problems.</summary>
    public static IApplicationBuilder UseAkkaChatProblems(this IApplicationBuilder app)
    {
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            // A bad request is not a server error, so it is not logged.
            SuppressDiagnosticsCallback = context => context.Exception is BadHttpRequestException,
        });
        app.UseStatusCodePages(context => Problems.OfStatus(context.HttpContext.Response.StatusCode).ExecuteAsync(context.HttpContext));
        return app;
    }
}
