using AkkaChat.Cluster.Hosting;
using AkkaChat.Cluster.Management;
using AkkaChat.Cluster.Nodes;
using AkkaChat.Cluster.Telemetry;
using Microsoft.Extensions.Hosting;

if (await HealthProbe.TryRunAsync(args) is { } exitCode)
{
    return exitCode;
}

// A node that hosts rooms only. Besides the cluster's port it listens on the management port.
var builder = Host.CreateApplicationBuilder(args);
builder.Configuration.AddSecretFiles();
builder.Services.AddManagement().AddTelemetry(builder.Configuration);
builder.Services.AddChatNode(builder.Configuration, [ChatRoles.Room]);

using var host = builder.Build();
return await host.RunNodeAsync(args);
