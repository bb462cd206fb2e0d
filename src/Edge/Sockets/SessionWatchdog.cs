using System.Data.Common;
using AkkaChat.Edge.Accounts;
using AkkaChat.Messages.Client;

namespace AkkaChat.Edge.Sockets;

/// <summary>Looks at one session once a second: silence, slowness, a hello that does not come, a token that has expired.</summary>
internal sealed class SessionWatchdog(
    ClientSession session, ClientConnection connection, ITokenValidator tokens, SocketOptions options, TimeProvider time)
{
    private static readonly TimeSpan SilenceGrace = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RevalidateEvery = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan RevalidateGrace = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan RevalidateTimeout = TimeSpan.FromSeconds(5);

    private readonly long _opened = time.GetTimestamp();
    private DateTimeOffset? _validUntil;
    private int _revalidating;

    public TimeSpan Age => time.GetElapsedTime(_opened);

    /// <summary>Called by one thread at a time. Must not block.</summary>
    public void Tick(DateTimeOffset now)
    {
        if (connection.SinceReceived > (options.Heartbeat * 1.5) + SilenceGrace)
        {
            connection.Close(CloseCodes.Silent, "No frame arrived for too long.");
        }
        else if (connection.IsStuck)
        {
            connection.Close(CloseCodes.TooSlow, "The connection reads too slowly: reconnect and resume.");
            connection.Abort();
        }
        else if (session.AfterHello is not { } greeted)
        {
            if (time.GetElapsedTime(_opened) > options.HelloTimeout)
            {
                connection.Close(CloseCodes.CredentialsExpired, "No hello with valid credentials came in time.");
            }
        }
        else
        {
            greeted.Rooms.NotifyLagged();
            _validUntil ??= greeted.Credentials.ExpiresAt;
            if (Volatile.Read(ref _revalidating) == 0 && now > _validUntil)
            {
                Volatile.Write(ref _revalidating, 1);
                _ = RevalidateAsync(greeted.Credentials, now);
            }
        }
    }

    private async Task RevalidateAsync(AuthenticatedUser user, DateTimeOffset now)
    {
        try
        {
            using var timeout = new CancellationTokenSource(RevalidateTimeout, time);
            if (await tokens.IsSessionLiveAsync(user.Session, timeout.Token))
            {
                _validUntil = now + RevalidateEvery;
            }
            else
            {
                session.EndSession();
            }
        }
        catch (Exception e) when (e is DbException or TimeoutException or OperationCanceledException)
        {
            // When in doubt the socket is closed, but a database restart is tolerated for a minute.
            if (now > _validUntil + RevalidateGrace)
            {
                connection.Close(CloseCodes.CredentialsExpired, "The session could not be checked: refresh and reconnect.");
            }
        }
        finally
        {
            Volatile.Write(ref _revalidating, 0);
        }
    }
}
