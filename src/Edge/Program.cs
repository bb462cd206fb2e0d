using AkkaChat.Cluster.Nodes;
using AkkaChat.Edge.Hosting;

if (await HealthProbe.TryRunAsync(args) is { } exitCode)
{
    return exitCode;
}

// An edge node; with the default roles it hosts the rooms too and is the whole system in one process.
var builder = WebApplication.CreateBuilder(args);
builder.Configuration.AddSecretFiles();
builder.AddChatEdge();

var app = builder.Build();
app.UseChatEdge();
return await app.RunNodeAsync(args);
