using System.Net;
using System.Net.Sockets;
using AkkaChat.Persistence.LinkCards;
using Microsoft.Extensions.Options;
using Microsoft.Security.AntiSSRF;

namespace AkkaChat.Edge.LinkCards;

/// <summary>
/// The addresses that a link, or anything else that users name, may lead the server to: public unicast ones. The denied ranges are those of Microsoft.Security.AntiSSRF:
/// IANA's special-purpose registries and what clouds add to them. An IPv4 address inside an IPv6 one is checked as the IPv4 address.
/// </summary>
internal sealed class AddressPolicy
{
    private static readonly IPNetwork[] Denied = [.. IPAddressRanges.recommendedLatest.Select(IPNetwork.Parse)];
    private static readonly IPNetwork GlobalUnicast = IPNetwork.Parse("2000::/3");
    private static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96");

    private readonly IPNetwork[] _allowedNetworks;
    private readonly HashSet<int> _allowedPorts;

    public AddressPolicy(IOptions<LinkCardOptions> options)
        : this(options.Value.AllowedNetworks, options.Value.AllowedPorts)
    {
    }

    private AddressPolicy(IEnumerable<string> networks, IEnumerable<int> ports)
    {
        _allowedNetworks = [.. networks.Select(IPNetwork.Parse)];
        _allowedPorts = [80, 443, .. ports];
    }

    /// <summary>With settings of another feature that connects to where users say.</summary>
    public static AddressPolicy Of(IEnumerable<string> networks, IEnumerable<int> ports) => new(networks, ports);

    /// <summary>Whether the URL of a link or redirect may be followed. If it has a host name, the addresses are checked later.</summary>
    public bool Allows(Uri uri) =>
        uri.IsAbsoluteUri && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)
        && _allowedPorts.Contains(uri.Port) && uri.UserInfo.Length == 0
        && (!IPAddress.TryParse(uri.IdnHost, out var address) || Allows(address));

    /// <summary>Whether a connection may be made to the address.</summary>
    public bool Allows(IPAddress address)
    {
        var bare = Unwrap(address);
        if (_allowedNetworks.Any(network => network.Contains(bare)))
        {
            return true;
        }

        return bare.AddressFamily == AddressFamily.InterNetworkV6
            ? bare.ScopeId == 0 && GlobalUnicast.Contains(bare) && !IsDenied(bare)
            : !IsDenied(bare);
    }

    /// <summary>Connects to an allowed address of the host: to the very address that was checked, not to its name.</summary>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var addresses = await Dns.GetHostAddressesAsync(context.DnsEndPoint.Host, cancellationToken);
        var allowed = Array.FindAll(addresses, Allows);
        if (allowed.Length == 0)
        {
            throw new ForbiddenAddressException();
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, context.DnsEndPoint.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static bool IsDenied(IPAddress address) => Array.Exists(Denied, network => network.Contains(address));

    private static IPAddress Unwrap(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        // A NAT64 address leads through a translator of this network, to wherever it chooses: never allowed.
        return address.AddressFamily == AddressFamily.InterNetworkV6 && Nat64.Contains(address) ? IPAddress.IPv6Any : address;
    }
}

/// <summary>A name has no address that may be connected to.</summary>
internal sealed class ForbiddenAddressException() : Exception("The name leads to no allowed address.");
