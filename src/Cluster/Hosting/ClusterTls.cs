using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Options;

namespace AkkaChat.Cluster.Hosting;

/// <summary>
/// TLS between nodes, with both sides authenticated. Read from <c>AkkaChat:Cluster:Tls</c>. Off, the default, while no certificate is named. All
/// nodes of a cluster have it or none has.
/// </summary>
public sealed class ClusterTlsOptions
{
    public const string SectionName = "AkkaChat:Cluster:Tls";

    /// <summary>The node's certificate: a PEM file, or a PKCS#12 file (<c>.pfx</c>, <c>.p12</c>) with its key. Default: none, no TLS.</summary>
    public string? Certificate { get; set; }

    /// <summary>The PEM file of the certificate's key. Default: <see cref="Certificate"/>.</summary>
    public string? Key { get; set; }

    /// <summary>The password of the key or of the PKCS#12 file. Default: none.</summary>
    public string? Password { get; set; }

    /// <summary>A PEM file of the authorities that nodes' certificates must come from, intermediate ones included.</summary>
    public string? Authority { get; set; }

    /// <summary>Whether a node's certificate must name the host that others connect to. Default: any certificate of the authority will do.</summary>
    public bool CheckHostname { get; set; }
}

/// <summary>The files must be there and fit together, or every other node would refuse this one.</summary>
internal sealed class ClusterTlsOptionsValidator(TimeProvider time) : IValidateOptions<ClusterTlsOptions>
{
    public ValidateOptionsResult Validate(string? name, ClusterTlsOptions options)
    {
        var rules = new SettingRules(ClusterTlsOptions.SectionName);
        if (options.Certificate is null)
        {
            return rules
                .Require(options is { Key: null, Password: null, Authority: null, CheckHostname: false }, nameof(options.Certificate), "set with the other settings of TLS")
                .ToResult();
        }

        if (options.Authority is null)
        {
            return rules.Require(false, nameof(options.Authority), $"set with {nameof(options.Certificate)}").ToResult();
        }

        if (Load(() => PeerCheck.Read(options.Authority), nameof(options.Authority)) is { } authority
            && Load(() => ClusterTls.ReadCertificate(options), nameof(options.Certificate)) is { } certificate)
        {
            using (certificate)
            {
                if (!certificate.HasPrivateKey)
                {
                    rules.Report(nameof(options.Certificate), "has no private key.");
                }
                else if (new PeerCheck(authority, CheckHostname: false, time).WhyNot(certificate, SslPolicyErrors.None) is { } reason)
                {
                    rules.Report(nameof(options.Certificate), $"would be refused by the other nodes: {reason}.");
                }
            }
        }

        return rules.ToResult();

        T? Load<T>(Func<T> read, string property)
            where T : class
        {
            try
            {
                return read();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
            {
                rules.Report(property, $"cannot be read: {e.Message}");
                return null;
            }
        }
    }
}

/// <summary>The node's own certificate.</summary>
internal static class ClusterTls
{
    public static X509Certificate2 ReadCertificate(ClusterTlsOptions options) => Path.GetExtension(options.Certificate!).ToUpperInvariant() is ".PFX" or ".P12"
        ? X509CertificateLoader.LoadPkcs12FromFile(options.Certificate!, options.Password)
        : options.Password is null
            ? X509Certificate2.CreateFromPemFile(options.Certificate!, options.Key)
            : X509Certificate2.CreateFromEncryptedPemFile(options.Certificate!, options.Password, options.Key);
}

/// <summary>
/// Decides whether a peer is a node of this cluster: its certificate comes from the cluster's own authority, is valid now, and, where its uses are
/// restricted, may be used on both sides of a connection, since every node is both. The machine's own list of authorities counts for nothing.
/// </summary>
internal sealed record PeerCheck(X509Certificate2Collection Authority, bool CheckHostname, TimeProvider Time)
{
    private static readonly Oid[] BothSides = [new("1.3.6.1.5.5.7.3.1"), new("1.3.6.1.5.5.7.3.2")];

    /// <exception cref="CryptographicException">There is no certificate in the file.</exception>
    public static X509Certificate2Collection Read(string path)
    {
        var authority = new X509Certificate2Collection();
        authority.ImportFromPemFile(path);
        return authority.Count > 0 ? authority : throw new CryptographicException("there is no certificate in it.");
    }

    /// <summary>Null where the peer may connect.</summary>
    /// <param name="errors">What the base library found; of it only the name counts here.</param>
    public string? WhyNot(X509Certificate2? certificate, SslPolicyErrors errors)
    {
        if (certificate is null)
        {
            return "it presented no certificate";
        }

        if (CheckHostname && errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            return "its certificate is of another name";
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTime = Time.GetUtcNow().UtcDateTime;
        chain.ChainPolicy.VerificationTimeIgnored = false;
        foreach (var use in BothSides)
        {
            chain.ChainPolicy.ApplicationPolicy.Add(use);
        }

        foreach (var one in Authority)
        {
            (one.SubjectName.RawData.AsSpan().SequenceEqual(one.IssuerName.RawData) ? chain.ChainPolicy.CustomTrustStore : chain.ChainPolicy.ExtraStore).Add(one);
        }

        var isTrusted = chain.Build(certificate);
        var reasons = chain.ChainStatus.Select(status => status.Status).Distinct().Where(status => status != X509ChainStatusFlags.NoError);
        return isTrusted ? null : $"its certificate is not of the cluster's authority or not valid now ({string.Join(", ", reasons)})";
    }
}
