using System.Net;
using AkkaChat.Edge.LinkCards;
using AkkaChat.Persistence.Notifications;
using Lib.Net.Http.WebPush;
using Lib.Net.Http.WebPush.Authentication;
using Microsoft.Extensions.Options;

namespace AkkaChat.Edge.Notifications;

internal enum PushOutcome
{
    Sent,

    /// <summary>The subscription has ended.</summary>
    Gone,

    /// <summary>It would be refused again.</summary>
    Refused,
}

/// <summary>
/// Sends to push services: encrypted for the browser (RFC 8291), signed with the installation's key (RFC 8292). Where a push service is, the
/// browser says, and so any user: the server connects only to addresses that are allowed, to the very one that was checked, and follows no
/// redirect.
/// </summary>
internal sealed class PushSender : IDisposable
{
    private const int MaxAnswerBytes = 64 * 1024;

    /// <summary>How long a push service keeps what it cannot deliver.</summary>
    private static readonly TimeSpan TimeToLive = TimeSpan.FromHours(4);
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(10);

    private readonly PushKeys _keys;
    private readonly PushOptions _options;
    private readonly AddressPolicy _policy;
    private readonly HttpClient _http;
    private readonly PushServiceClient _client;

    public PushSender(PushKeys keys, IOptions<PushOptions> options)
    {
        (_keys, _options) = (keys, options.Value);
        _policy = AddressPolicy.Of(_options.AllowedNetworks, _options.AllowedPorts);
        _http = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = _policy.ConnectAsync,
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            MaxResponseHeadersLength = 32,
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        })
        {
            Timeout = TimeLimit,
            MaxResponseContentBufferSize = MaxAnswerBytes,
        };
        _client = new PushServiceClient(_http)
        {
            AutoRetryAfter = false,
            DefaultAuthenticationScheme = VapidAuthenticationScheme.Vapid,
        };
    }

    /// <summary>Whether it may be asked to deliver. If the address has a host name, what it leads to is checked when something is sent.</summary>
    public bool Allows(string endpoint) =>
        Uri.TryCreate(endpoint, UriKind.Absolute, out var uri) && _policy.Allows(uri)
        && (uri.Scheme == Uri.UriSchemeHttps || (_options.AllowedNetworks.Count > 0 && IPAddress.TryParse(uri.IdnHost, out _)));

    /// <exception cref="PushUnavailableException">It may succeed later.</exception>
    public async Task<PushOutcome> SendAsync(PushSubscriptionRow row, string payload, bool isUrgent, CancellationToken cancellationToken)
    {
        if (!Allows(row.Endpoint))
        {
            return PushOutcome.Refused;
        }

        var subscription = new PushSubscription { Endpoint = row.Endpoint };
        subscription.SetKey(PushEncryptionKeyName.P256DH, row.P256dh);
        subscription.SetKey(PushEncryptionKeyName.Auth, row.Auth);
        var message = new PushMessage(payload)
        {
            TimeToLive = (int)TimeToLive.TotalSeconds,
            Urgency = isUrgent ? PushMessageUrgency.High : PushMessageUrgency.Normal,
        };
        var keys = await _keys.GetAsync(cancellationToken);
        using var vapid = new VapidAuthentication(keys.PublicKey, keys.PrivateKey) { Subject = _options.Subject };
        try
        {
            await _client.RequestPushMessageDeliveryAsync(subscription, message, vapid, cancellationToken);
            return PushOutcome.Sent;
        }
        catch (PushServiceClientException e) when (e.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Gone)
        {
            return PushOutcome.Gone;
        }
        catch (PushServiceClientException e) when ((int)e.StatusCode < 500 && e.StatusCode != HttpStatusCode.TooManyRequests)
        {
            return PushOutcome.Refused;
        }
        catch (PushServiceClientException e)
        {
            throw new PushUnavailableException($"The push service answered {(int)e.StatusCode}.", e);
        }
        catch (HttpRequestException e) when (e.InnerException is ForbiddenAddressException)
        {
            return PushOutcome.Refused;
        }
        catch (Exception e) when (e is HttpRequestException or IOException
            || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new PushUnavailableException("The push service cannot be reached.", e);
        }
    }

    public void Dispose() => _http.Dispose();
}

/// <summary>A push could not be sent now, but perhaps later.</summary>
internal sealed class PushUnavailableException(string message, Exception innerException) : Exception(message, innerException);
