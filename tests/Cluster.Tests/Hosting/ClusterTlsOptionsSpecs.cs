using AkkaChat.Cluster.Hosting;
using AkkaChat.Support;
using Microsoft.Extensions.Options;

namespace AkkaChat.Cluster.Tests.Hosting;

/// <summary>A node whose certificate no other would accept says so at its start.</summary>
public sealed class ClusterTlsOptionsSpecs : IDisposable
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private readonly CertificateFolder _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public void Validate_ShouldPass_WhenNothingIsSet() => Assert.True(Check(new ClusterTlsOptions()).Succeeded);

    [Fact]
    public void Validate_ShouldPass_WhenTheCertificateIsOfTheAuthority() => Assert.True(Check(Files("node", Day)).Succeeded);

    [Fact]
    public void Validate_ShouldRefuseACertificate_ThatHasExpired() => Fails(Files("expired", -Day), "Certificate", "NotTimeValid");

    [Fact]
    public void Validate_ShouldRefuseACertificate_OfAnotherAuthority()
    {
        using var other = CertificateFolder.NewAuthority("other");
        var options = Files("node", Day);
        options.Authority = _files.SettingsOf("stranger", other, Day)["AkkaChat__Cluster__Tls__Authority"];
        Fails(options, "Certificate", "would be refused by the other nodes");
    }

    [Fact]
    public void Validate_ShouldRefuseAKey_OfAnotherCertificate()
    {
        var options = Files("node", Day);
        options.Key = Files("other", Day).Key;
        Fails(options, "Certificate", "cannot be read");
    }

    [Fact]
    public void Validate_ShouldNameAFile_ThatIsNotThere()
    {
        var options = Files("node", Day);
        options.Certificate += ".gone";
        Fails(options, "Certificate", "cannot be read");
    }

    [Fact]
    public void Validate_ShouldNeedAnAuthority() => Fails(new ClusterTlsOptions { Certificate = "node.crt" }, "Authority", "set with Certificate");

    [Fact]
    public void Validate_ShouldNeedACertificate() => Fails(new ClusterTlsOptions { CheckHostname = true }, "Certificate", "set with the other settings");

    private static ValidateOptionsResult Check(ClusterTlsOptions options) => new ClusterTlsOptionsValidator(TimeProvider.System).Validate(null, options);

    private static void Fails(ClusterTlsOptions options, string key, string what)
    {
        var failure = Assert.Single(Check(options).Failures!);
        Assert.StartsWith($"AkkaChat:Cluster:Tls:{key} ", failure, StringComparison.Ordinal);
        Assert.Contains(what, failure, StringComparison.Ordinal);
    }

    private ClusterTlsOptions Files(string name, TimeSpan validFor)
    {
        var settings = _files.SettingsOf(name, _files.Authority, validFor);
        return new ClusterTlsOptions
        {
            Certificate = settings["AkkaChat__Cluster__Tls__Certificate"],
            Key = settings["AkkaChat__Cluster__Tls__Key"],
            Authority = settings["AkkaChat__Cluster__Tls__Authority"],
        };
    }
}
