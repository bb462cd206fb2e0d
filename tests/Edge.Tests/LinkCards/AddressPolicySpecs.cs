using System.Net;
using AkkaChat.Edge.LinkCards;
using AkkaChat.Persistence.LinkCards;
using Microsoft.Extensions.Options;

namespace AkkaChat.Edge.Tests.LinkCards;

public sealed class AddressPolicySpecs
{
    private readonly AddressPolicy _policy = With(new LinkCardOptions());

    [Theory]
    [InlineData("93.184.216.34")]
    [InlineData("8.8.8.8")]
    [InlineData("2606:4700:4700::1111")]
    [InlineData("::ffff:8.8.8.8")]
    public void PublicAddress_ShouldBeAllowed(string address) => Assert.True(_policy.Allows(IPAddress.Parse(address)));

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("0.1.2.3")]
    [InlineData("10.0.0.1")]
    [InlineData("100.64.0.1")]
    [InlineData("100.127.255.255")]
    [InlineData("127.0.0.1")]
    [InlineData("127.255.255.254")]
    [InlineData("169.254.169.254")]
    [InlineData("172.16.0.1")]
    [InlineData("172.31.255.255")]
    [InlineData("192.0.0.1")]
    [InlineData("192.0.2.1")]
    [InlineData("192.168.1.1")]
    [InlineData("198.18.0.1")]
    [InlineData("224.0.0.1")]
    [InlineData("239.255.255.250")]
    [InlineData("240.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("::127.0.0.1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("::ffff:0:127.0.0.1")]
    [InlineData("64:ff9b::7f00:1")]
    [InlineData("64:ff9b::808:808")]
    [InlineData("64:ff9b:1::1")]
    [InlineData("2002:7f00:1::")]
    [InlineData("2002:a9fe:a9fe::1")]
    [InlineData("2001:0:53aa:64c:0:fbff:f5ff:fffe")]
    [InlineData("2001:db8::1")]
    [InlineData("fc00::1")]
    [InlineData("fd00:ec2::254")]
    [InlineData("fe80::1")]
    [InlineData("fe80::1%2")]
    [InlineData("fec0::1")]
    [InlineData("ff02::1")]
    [InlineData("100::1")]
    [InlineData("4000::1")]
    public void OtherAddress_ShouldBeRefused(string address) => Assert.False(_policy.Allows(IPAddress.Parse(address)));

    [Theory]
    [InlineData("http://example.org/", true)]
    [InlineData("https://example.org/", true)]
    [InlineData("http://example.org:443/", true)]
    [InlineData("http://example.org:8080/", false)]
    [InlineData("http://example.org:22/", false)]
    [InlineData("ftp://example.org/", false)]
    [InlineData("file:///etc/passwd", false)]
    [InlineData("gopher://example.org:80/", false)]
    [InlineData("http://user:secret@example.org/", false)]
    [InlineData("http://127.0.0.1/", false)]
    [InlineData("http://2130706433/", false)] // 127.0.0.1 as one number
    [InlineData("http://0x7f000001/", false)]
    [InlineData("http://0177.0.0.1/", false)]
    [InlineData("http://127.1/", false)]
    [InlineData("http://[::1]/", false)]
    [InlineData("http://[::ffff:7f00:1]/", false)]
    public void Link_ShouldBeJudgedByItsText(string url, bool allowed) => Assert.Equal(allowed, _policy.Allows(new Uri(url)));

    [Fact]
    public void Setting_ShouldAllowANetworkAndAPort_AndNothingElse()
    {
        var policy = With(new LinkCardOptions { AllowedNetworks = ["10.1.0.0/16", "fd00:1::/32"], AllowedPorts = [8080] });

        Assert.True(policy.Allows(IPAddress.Parse("10.1.2.3")));
        Assert.True(policy.Allows(IPAddress.Parse("::ffff:10.1.2.3")));
        Assert.True(policy.Allows(IPAddress.Parse("fd00:1::5")));
        Assert.False(policy.Allows(IPAddress.Parse("10.2.0.1")));
        Assert.False(policy.Allows(IPAddress.Parse("127.0.0.1")));
        Assert.True(policy.Allows(new Uri("http://example.org:8080/")));
        Assert.False(policy.Allows(new Uri("http://example.org:8081/")));
    }

    [Fact]
    public void Setting_ShouldBeRefused_WhenItIsNoNetworkOrPort()
    {
        var result = new LinkCardOptionsValidator().Validate(null, new LinkCardOptions { AllowedNetworks = ["10.1.0.0"], AllowedPorts = [0] });

        Assert.Equal(2, result.Failures!.Count());
    }

    internal static AddressPolicy With(LinkCardOptions options) => new(Options.Create(options));
}
