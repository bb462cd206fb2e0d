namespace AkkaChat.Messages.Client;

/// <summary>The names and numbers of <c>akkachat.v1+json</c>. Public contract: added to, never changed.</summary>
public static class ClientProtocol
{
    public const string Subprotocol = "akkachat.v1+json";

    /// <summary>A longer frame is refused with <c>too_large</c>.</summary>
    public const int MaxFrameBytes = 64 * 1024;

    /// <summary>A longer frame closes the connection.</summary>
    public const int MaxDiscardedBytes = 1024 * 1024;

    public const int MaxRequestIdLength = 64;

    /// <summary>Maximum nesting depth of a request's JSON.</summary>
    public const int MaxDepth = 16;

    /// <summary>Events in one <c>room.sync</c> frame or answer.</summary>
    public const int MaxSyncEvents = 200;

    /// <summary>Approximate bytes of events in one <c>room.sync</c>: the event that reaches it is the last.</summary>
    public const int MaxSyncBytes = 128 * 1024;

    /// <summary>A resume that misses more is answered by <c>room.reset</c>.</summary>
    public const int MaxResumeGap = 1_000;

    /// <summary>Events that one hello brings, all rooms together; the rooms beyond are answered by <c>room.reset</c>.</summary>
    public const int MaxResumeEvents = 10_000;

    /// <summary>Bytes of events that one hello brings, counted likewise.</summary>
    public const int MaxResumeBytes = 8 * 1024 * 1024;

    /// <summary>Rooms in one <c>room.digest</c> frame.</summary>
    public const int MaxDigestRooms = 100;
}

/// <summary>Why a request was not carried out. See <see cref="ErrorCodes"/> for the wire names.</summary>
public enum ErrorCode
{
    Unauthenticated,
    Forbidden,
    NotFound,
    Invalid,
    TooLarge,
    RateLimited,
    Busy,
    IdempotencyConflict,
    GapTooLarge,
    Unavailable,
    UnsupportedVersion,
    LastOwner,
    Blocked,
    Archived,
}

public static class ErrorCodes
{
    public static string WireName(this ErrorCode code) => code switch
    {
        ErrorCode.Unauthenticated => "unauthenticated",
        ErrorCode.Forbidden => "forbidden",
        ErrorCode.NotFound => "not_found",
        ErrorCode.Invalid => "invalid",
        ErrorCode.TooLarge => "too_large",
        ErrorCode.RateLimited => "rate_limited",
        ErrorCode.Busy => "busy",
        ErrorCode.IdempotencyConflict => "idempotency_conflict",
        ErrorCode.GapTooLarge => "gap_too_large",
        ErrorCode.Unavailable => "unavailable",
        ErrorCode.UnsupportedVersion => "unsupported_version",
        ErrorCode.LastOwner => "last_owner",
        ErrorCode.Blocked => "blocked",
        ErrorCode.Archived => "archived",
        _ => throw new ArgumentOutOfRangeException(nameof(code), code, null),
    };

    /// <summary>Whether the same request may succeed later unchanged.</summary>
    public static bool IsRetryable(this ErrorCode code) => code is ErrorCode.RateLimited or ErrorCode.Busy or ErrorCode.Unavailable;
}

/// <summary>WebSocket close codes. 4000-4499: reconnect; 4500-4999: do not.</summary>
public static class CloseCodes
{
    public const int Internal = 4000;

    public const int CredentialsExpired = 4401;

    public const int TooSlow = 4408;

    public const int Silent = 4409;

    /// <summary>Too many requests were refused: the client does not wait as it was told.</summary>
    public const int TooManyRefused = 4429;

    public const int SessionEnded = 4501;

    public const int Restarting = 1012;
}
