using AkkaChat.Persistence.Backup;
using AkkaChat.Persistence.Database;
using AkkaChat.Persistence.Journal;
using Microsoft.Extensions.DependencyInjection;

namespace AkkaChat.Cluster.Nodes;

/// <summary>
/// What the executables do instead of running as a node, with the same settings: <c>migrate</c>, <c>new-epoch</c> and <c>backup FOLDER</c>.
/// </summary>
internal static class NodeCommands
{
    /// <returns>False where the arguments are none of these commands.</returns>
    public static async Task<bool> TryRunAsync(IServiceProvider services, string[] args)
    {
        switch (args)
        {
            case ["migrate"]:
                await MigrateAsync(services);
                return true;
            case ["new-epoch"]:
                await MigrateAsync(services);
                Console.WriteLine($"epoch {await services.GetRequiredService<Installation>().RenewAsync(CancellationToken.None)}");
                return true;
            case ["backup", var folder]:
                await services.GetRequiredService<DataBackup>().CreateAsync(folder, CancellationToken.None);
                Console.WriteLine($"backed up to {Path.GetFullPath(folder)}");
                return true;
            case [var word, ..] when !word.StartsWith('-') && !word.Contains('='):
                throw new IOException($"'{word}' is not a command; there are migrate, new-epoch, backup FOLDER and health URL.");
            default:
                return false;
        }
    }

    private static async Task MigrateAsync(IServiceProvider services)
    {
        await services.GetRequiredService<DatabaseMigrator>().MigrateAsync(CancellationToken.None);
        await JournalFence.AssertAsync(services.GetRequiredService<IDatabase>(), CancellationToken.None);
    }
}
