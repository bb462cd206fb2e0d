using AkkaChat.Messages.Client;
using AkkaChat.Messages.Rooms;

namespace AkkaChat.Edge.Rooms;

internal static class NackMapping
{
    public static ErrorCode ToErrorCode(this NackCode code) => code switch
    {
        NackCode.NotFound => ErrorCode.NotFound,
        NackCode.Forbidden => ErrorCode.Forbidden,
        NackCode.Invalid => ErrorCode.Invalid,
        NackCode.TooLarge => ErrorCode.TooLarge,
        NackCode.Busy => ErrorCode.Busy,
        NackCode.IdempotencyConflict => ErrorCode.IdempotencyConflict,
        NackCode.LastOwner => ErrorCode.LastOwner,
        NackCode.Blocked => ErrorCode.Blocked,
        NackCode.Archived => ErrorCode.Archived,
        NackCode.Unavailable or NackCode.OutOfOrder => ErrorCode.Unavailable,
        _ => throw new ArgumentOutOfRangeException(nameof(code), code, null),
    };
}
