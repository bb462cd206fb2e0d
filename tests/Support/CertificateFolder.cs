using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace AkkaChat.Support;

/// <summary>Certificates in files of a folder of their own, made for one test.</summary>
public sealed class CertificateFolder : IDisposable
{
    private const string Server = "1.3.6.1.5.5.7.3.1";
    private const string Client = "1.3.6.1.5.5.7.3.2";

    public CertificateFolder()
    {
        Path = TestFolder.Create("akkachat-tls-");
        Authority = NewAuthority("akkachat test authority");
    }

    public string Path { get; }

    public X509Certificate2 Authority { get; }

    public static X509Certificate2 NewAuthority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, critical: true));
        return request.CreateSelfSigned(Now.AddDays(-30), Now.AddDays(30));
    }

    /// <param name="validFor">From now; negative: it ended that long ago.</param>
    public static X509Certificate2 NewCertificate(string name, X509Certificate2 authority, TimeSpan validFor, bool isClient = true)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(Server), .. isClient ? [new Oid(Client)] : Array.Empty<Oid>()], critical: false));
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(System.Net.IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(authority, Now.AddDays(-20), Now + validFor, RandomNumberGenerator.GetBytes(8));
        using var pair = certificate.CopyWithPrivateKey(key);
        // An ephemeral key cannot be used by SslStream on every platform.
        return X509CertificateLoader.LoadPkcs12(pair.Export(X509ContentType.Pkcs12), password: null);
    }

    /// <summary>The settings of a node with a new certificate, checked against the authority that it comes from.</summary>
    public Dictionary<string, string> SettingsOf(string name, X509Certificate2 authority, TimeSpan validFor)
    {
        using var certificate = NewCertificate(name, authority, validFor);
        using var key = certificate.GetECDsaPrivateKey()!;
        return new Dictionary<string, string>
        {
            ["AkkaChat__Cluster__Tls__Certificate"] = Write($"{name}.crt", certificate.ExportCertificatePem()),
            ["AkkaChat__Cluster__Tls__Key"] = Write($"{name}.key", key.ExportPkcs8PrivateKeyPem()),
            ["AkkaChat__Cluster__Tls__Authority"] = Write($"{name}-authority.crt", authority.ExportCertificatePem()),
            ["AkkaChat__Cluster__Tls__CheckHostname"] = true.ToString(CultureInfo.InvariantCulture),
        };
    }

    public void Dispose() => Authority.Dispose();

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    private string Write(string name, string pem)
    {
        var file = System.IO.Path.Combine(Path, name);
        File.WriteAllText(file, pem);
        return file;
    }
}
