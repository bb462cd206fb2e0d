using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace AkkaChat.Cluster.Management;

/// <summary>
/// Who may give commands: whoever presents the token, and whoever is on this machine. A browser on this machine can be told by any page to
/// call a loopback address, so what bears the marks of a browser or a proxy, or was sent to another name, counts as from elsewhere.
/// </summary>
internal sealed class CommandGuard(IOptions<ManagementOptions> options)
{
    private const string Scheme = "Bearer ";
    private static readonly string[] ForeignHeaders = ["Origin", "Sec-Fetch-Site", "X-Forwarded-For", "Forwarded", "Via"];

    /// <summary>Why the request is refused; null when it may give commands.</summary>
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
