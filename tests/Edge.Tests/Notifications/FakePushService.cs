using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace AkkaChat.Edge.Tests.Notifications;

/// <summary>A browser's side of a subscription: it can read what is encrypted for it.</summary>
public sealed class FakeBrowser : IDisposable
{
    private readonly ECDiffieHellman _key;
    private readonly byte[] _point;
    private readonly byte[] _auth;

    public FakeBrowser()
        : this(ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256), RandomNumberGenerator.GetBytes(16))
    {
    }

    public FakeBrowser(ECDiffieHellman key, byte[] auth)
    {
        (_key, _auth) = (key, auth);
        var q = key.ExportParameters(includePrivateParameters: false).Q;
        _point = [4, .. q.X!, .. q.Y!];
    }

    public static FakeBrowser Create() => new();

    public object Subscription(string endpoint) => new
    {
        endpoint,
        keys = new { p256dh = Base64Url.EncodeToString(_point), auth = Base64Url.EncodeToString(_auth) },
    };

    /// <summary>Reads one record of <c>aes128gcm</c>, as RFC 8291 and 8188 describe it.</summary>
    public string Decrypt(ReadOnlySpan<byte> body)
    {
        var (salt, sender) = (body[..16].ToArray(), body.Slice(21, body[20]).ToArray());
        using var other = ECDiffieHellman.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new ECPoint { X = sender[1..33], Y = sender[33..] },
        });
        var secret = _key.DeriveRawSecretAgreement(other.PublicKey);
        byte[] info = [.. "WebPush: info\0"u8, .. _point, .. sender];
        var ikm = HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, 32, _auth, info);
        var key = HKDF.DeriveKey(HashAlgorithmName.SHA256, ikm, 16, salt, "Content-Encoding: aes128gcm\0"u8.ToArray());
        var nonce = HKDF.DeriveKey(HashAlgorithmName.SHA256, ikm, 12, salt, "Content-Encoding: nonce\0"u8.ToArray());
        var sealedText = body[(21 + body[20])..];
        var text = new byte[sealedText.Length - 16];
        using var aes = new AesGcm(key, 16);
        aes.Decrypt(nonce, sealedText[..^16], sealedText[^16..], text);
        var end = text.AsSpan().LastIndexOfAnyExcept((byte)0);
        Assert.Equal(2, text[end]); // the delimiter of the last record
        return Encoding.UTF8.GetString(text, 0, end);
    }

    public void Dispose() => _key.Dispose();
}

/// <summary>One push that arrived.</summary>
public sealed record ReceivedPush(string Path, string Authorization, string Urgency, int TimeToLive, byte[] Body);

/// <summary>A push service on loopback. It answers 201, or what a spec says.</summary>
public sealed class FakePushService : IAsyncDisposable
{
    private readonly WebApplication _app;

    private FakePushService(WebApplication app) => _app = app;

    public ConcurrentQueue<ReceivedPush> Received { get; } = new();

    /// <summary>The status of the next answers, the last of them for all that follow.</summary>
    public ConcurrentQueue<int> Answers { get; } = new([201]);

    public Uri Url => new(_app.Urls.Single());

    public static async Task<FakePushService> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var service = new FakePushService(builder.Build());
        service._app.MapPost("/{name}", service.TakeAsync);
        await service._app.StartAsync();
        return service;
    }

    public string Endpoint(string name) => new Uri(Url, name).ToString();

    public IReadOnlyList<JsonElement> ReadBy(FakeBrowser browser, string name) =>
        [.. Received.Where(push => push.Path == $"/{name}").Select(push => JsonDocument.Parse(browser.Decrypt(push.Body)).RootElement)];

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task<IResult> TakeAsync(HttpRequest request)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        Received.Enqueue(new ReceivedPush(
            request.Path, request.Headers.Authorization.ToString(), request.Headers["Urgency"].ToString(),
            int.Parse(request.Headers["TTL"].ToString(), System.Globalization.CultureInfo.InvariantCulture), body.ToArray()));
        var status = Answers.Count > 1 && Answers.TryDequeue(out var next) ? next : Answers.First();
        return Results.StatusCode(status);
    }
}
