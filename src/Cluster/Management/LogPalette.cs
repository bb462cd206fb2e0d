using System.Runtime.CompilerServices;
using AkkaChat.Cluster.Hosting;
using Microsoft.Extensions.Logging;

namespace AkkaChat.Cluster.Management;

/// <summary>The log of this node while it runs.</summary>
internal sealed class LogPalette(LogTail tail, LogLevels levels, RunningSystem running) : ICommandPalette
{
    public string Name => "log";

    public string Summary => "The log of this node";

    public IReadOnlyList<PaletteCommand> Commands =>
    [
        new("tail", "Follows the log", TailAsync)
        {
            Switches =
            [
                new("l", "LEVEL", "the least level to show: trace, debug, information, warning, error, critical"),
                new("c", "CATEGORY", "the category, or what it begins with"),
            ],
        },
        new("level", "Shows the levels that were changed, or changes one until the node restarts", (call, _) => Level(call))
        {
            Switches =
            [
                new("c", "CATEGORY", "the category, or what it begins with; without it all"),
                new("l", "LEVEL", "trace, debug, information, warning, error, critical, none, or default to undo the change"),
            ],
        },
    ];

    private async IAsyncEnumerable<CommandRow> TailAsync(CommandCall call, [EnumeratorCancellation] CancellationToken stopped)
    {
        var least = call.Choice<LogLevel>("l") ?? LogLevel.Trace;
        var category = call.Find("c") ?? "";
        await foreach (var line in tail.FollowAsync(stopped))
        {
            if (line.Level >= least && line.Category.StartsWith(category, StringComparison.Ordinal))
            {
                yield return new CommandRow(line.ToString(), line);
            }
        }
    }

    private async IAsyncEnumerable<CommandRow> Level(CommandCall call)
    {
        await Task.CompletedTask;
        var category = call.Find("c") ?? "";
        if (call.Find("l") is { } given)
        {
            LogLevel? level = given.Equals("default", StringComparison.OrdinalIgnoreCase) ? null : call.Choice<LogLevel>("l");
            levels.Set(category, level, running.System);
        }
        else if (category.Length > 0)
        {
            throw new CommandUsageException("-c needs -l: the level that the category gets.");
        }

        foreach (var (changed, level) in levels.Changed)
        {
            yield return new CommandRow(
                $"{(changed.Length == 0 ? "everything" : changed)} | {level.ToString().ToLowerInvariant()}", new { category = changed, level = level.ToString() });
        }

        yield return new CommandRow($"Count: {levels.Changed.Count} changed");
    }
}
