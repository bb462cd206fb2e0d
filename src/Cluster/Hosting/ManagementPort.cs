using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace AkkaChat.Cluster.Hosting;

/// <summary>Where a node answers its operators. Read from <c>AkkaChat:Management</c>. Never the public listener.</summary>
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
    public ValidateOptionsResult Validate(string? name, ManagementOptions options) =>
        options.Port is < 0 or > ushort.MaxValue
            ? ValidateOptionsResult.Fail($"{ManagementOptions.SectionName}:{nameof(options.Port)} must be from 0 to 65535.")
            : ValidateOptionsResult.Success;
}

public static class ManagementHosting
{
    /// <summary>Lets the host listen on the management port alone.</summary>
    public static WebApplicationBuilder AddManagementPort(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<ManagementOptions>, ManagementOptionsValidator>();
        builder.Services.AddOptions<ManagementOptions>().BindConfiguration(ManagementOptions.SectionName).ValidateOnStart();
        var section = builder.Configuration.GetSection(ManagementOptions.SectionName);
        var options = section.Get<ManagementOptions>() ?? new ManagementOptions();
        builder.WebHost.UseUrls($"http://{options.Hostname}:{options.Port}");
        return builder;
    }
}
