using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace AkkaChat.Cluster.Hosting;

/// <summary>The listener for operators. Read from <c>AkkaChat:Management</c>. Never the public listener.</summary>
public sealed class ManagementOptions
{
    public const string SectionName = "AkkaChat:Management";

    /// <summary>The address to listen on. Default 127.0.0.1.</summary>
    public string Hostname { get; set; } = "127.0.0.1";

    /// <summary>The port; 0 takes a free one. Default 9110.</summary>
    public int Port { get; set; } = 9110;
}

internal sealed class ManagementOptionsValidator : IValidateOptions<ManagementOptions>
{
    public ValidateOptionsResult Validate(string? name, ManagementOptions options) => new SettingRules(ManagementOptions.SectionName)
        .Require(!string.IsNullOrWhiteSpace(options.Hostname), nameof(options.Hostname), "a name or an address")
        .RequireRange(options.Port, nameof(options.Port), 0, ushort.MaxValue)
        .ToResult();
}

public static class ManagementHosting
{
    /// <summary>Lets the host listen on the management port alone.</summary>
    public static WebApplicationBuilder AddManagementPort(this WebApplicationBuilder builder)
    {
        builder.Services.AddSettings<ManagementOptions, ManagementOptionsValidator>(ManagementOptions.SectionName);
        // The raw text: an invalid port fails validation, before anything listens.
        var section = builder.Configuration.GetSection(ManagementOptions.SectionName);
        var defaults = new ManagementOptions();
        var hostname = section[nameof(ManagementOptions.Hostname)] ?? defaults.Hostname;
        var port = section[nameof(ManagementOptions.Port)] ?? defaults.Port.ToString(CultureInfo.InvariantCulture);
        builder.WebHost.UseUrls($"http://{hostname}:{port}");
        return builder;
    }
}
