using AkkaChat.Cluster.Hosting;
using AkkaChat.Cluster.Nodes;
using Microsoft.AspNetCore.Builder;

if (await HealthProbe.TryRunAsync(args) is { } exitCode)
{
    return exitCode;
}

// A node that hosts rooms only. Besides the cluster's port it listens on the management port.
var builder = WebApplication.CreateSlimBuilder(args);
builder.AddManagementPort();
builder.Services.AddChatNode(builder.Configuration, [ChatRoles.Room]);

var app = builder.Build();
app.MapHealth();
return await app.RunNodeAsync(args);
