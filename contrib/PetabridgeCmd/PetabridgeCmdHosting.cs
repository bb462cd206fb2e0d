using Akka.Hosting;
using Petabridge.Cmd.Cluster;
using Petabridge.Cmd.Cluster.Sharding;
using Petabridge.Cmd.Host;

namespace AkkaChat.PetabridgeCmd;

/// <summary>Untested: see README.md.</summary>
public static class PetabridgeCmdHosting
{
    /// <param name="host">A private address.</param>
    /// <param name="port">Not the management port.</param>
    public static AkkaConfigurationBuilder WithPetabridgeCmd(this AkkaConfigurationBuilder builder, string host, int port) => builder
        .AddHocon($"petabridge.cmd {{ host = \"{host}\", port = {port} }}", HoconAddMode.Prepend)
        .AddStartup((system, _) =>
        {
            var cmd = global::Petabridge.Cmd.Host.PetabridgeCmd.Get(system);
            cmd.RegisterCommandPalette(ClusterCommands.Instance);
            cmd.RegisterCommandPalette(ClusterShardingCommands.Instance);
            cmd.Start();
        });
}
