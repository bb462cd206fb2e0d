using System.Net;
using System.Net.Sockets;

namespace AkkaChat.Edge.Http;

/// <summary>What limits per address count by.</summary>
internal static class ClientAddress
{
    /// <summary>The address of an IPv4 client, the /64 of an IPv6 one: a household has a whole /64, so a limit per address would be none.</summary>
    public static string Of(HttpContext context)
    {
        var address = context.Connection.RemoteIpAddress ?? IPAddress.None;
        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return address.AddressFamily == AddressFamily.InterNetworkV6
            ? Convert.ToHexString(address.GetAddressBytes().AsSpan(0, 8))
            : address.ToString();
    }
}
