namespace AkkaChat.Cluster.Rooms;

/// <summary>The rules for the client's message ids: UUIDv7 (RFC 9562), whose first 48 bits are its time in Unix milliseconds.</summary>
public static class ClientIds
{
    private const int Version = 7;

    /// <summary>An older id is refused, since the room may no longer recognise its retry.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromHours(24);

    /// <summary>An id further in the future is refused: once dropped, it would force a look-up for every id up to its time.</summary>
    public static readonly TimeSpan MaxAhead = TimeSpan.FromMinutes(10);

    public static bool TryReadTime(Guid id, out DateTimeOffset made)
    {
        made = default;
        if (id.Version != Version)
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        long milliseconds = 0;
        for (var i = 0; i < 6; i++)
        {
            milliseconds = (milliseconds << 8) | bytes[i];
        }

        // 48 bits reach the year 10889, DateTimeOffset ends with 9999.
        made = DateTimeOffset.FromUnixTimeMilliseconds(Math.Min(milliseconds, DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()));
        return true;
    }
}
