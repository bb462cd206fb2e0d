using System.Net;
using System.Net.Sockets;

namespace AkkaChat.LocalCluster.Processes;

public static class Ports
{
    /// <summary>The first port from <paramref name="first"/> upward that nothing listens on, on either loopback.</summary>
    public static async Task<int> FreeFromAsync(int first)
    {
        var port = first;
        while (await IsBusyAsync(IPAddress.Loopback, port) || await IsBusyAsync(IPAddress.IPv6Loopback, port))
        {
            port++;
        }

        return port;
    }

    private static async Task<bool> IsBusyAsync(IPAddress address, int port)
    {
        using var client = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await client.ConnectAsync(address, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
