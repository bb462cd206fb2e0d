using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace AkkaChat.Cluster.Management;

/// <summary>
/// Who may run commands: callers with the token, and callers on this machine. Any web page can make a browser on this machine call a
/// loopback address, so a request with the headers of a browser or a proxy, or to another host name, counts as remote.
/// </summary>
internal sealed class CommandGuard(IOptions<ManagementOptions> options)
{
    private const string Scheme = "Bearer ";
    private static readonly string[] ForeignHeaders = ["Origin", "Sec-Fetch-Site", "X-Forwarded-For", "Forwarded", "Via"];

    /// <summary>Why the request is refused; null if it may run commands.</summary>
    public string? Refusal(HttpContext context)
    {
        var token = options.Value.Token;
        if (context.Request.Headers.Authorization.ToString() is { Length: > 0 } given)
        {
            return !string.IsNullOrEmpty(token) && given.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) && IsSame(given[Scheme.Length..], token)
                ? null
                : "The token is not the node's.";
        }

        if (IsLocal(context))
        {
            return null;
        }

        return string.IsNullOrEmpty(token)
            ? $"This node takes commands from its own machine only: {ManagementOptions.SectionName}:{nameof(ManagementOptions.Token)} is not set."
            : "A token is needed.";
    }

    private static bool IsLocal(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address)
        && !ForeignHeaders.Any(context.Request.Headers.ContainsKey)
        && IsLoopbackName(context.Request.Host.Host);

    private static bool IsLoopbackName(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    private static bool IsSame(string given, string token) => CryptographicOperations.FixedTimeEquals(
        SHA256.HashData(Encoding.UTF8.GetBytes(given)), SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
