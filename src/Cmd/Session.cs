using System.Text.Json;

namespace AkkaChat.Cmd;

/// <summary>Runs commands and prints their responses: rows to the output, failures to the errors.</summary>
internal sealed class Session(NodeClient node, bool json, TextWriter output, TextWriter errors)
{
    private const string HelpCommand = "help";

    private Catalogue? _catalogue;

    /// <returns>An exit code.</returns>
    public async Task<int> RunAsync(string[] words, CancellationToken interrupted)
    {
        try
        {
            return words switch
            {
                [HelpCommand, .. var of] => await HelpAsync(of, interrupted),
                [var palette, HelpCommand] => await HelpAsync([palette], interrupted),
                [var palette] => await HelpAsync([palette], interrupted),
                [var palette, var command, .. var rest] => await RunAsync(palette, command, CommandLine.ReadSwitches(rest), interrupted),
                _ => ExitCodes.Done,
            };
        }
        catch (CommandFailedException e)
        {
            await errors.WriteLineAsync(e.Message);
            return e.ExitCode;
        }
    }

    public async Task<int> RunLineAsync(string line, CancellationToken interrupted)
    {
        try
        {
            return await RunAsync(CommandLine.Split(line), interrupted);
        }
        catch (CommandFailedException e)
        {
            await errors.WriteLineAsync(e.Message);
            return e.ExitCode;
        }
    }

    /// <summary>
    /// Runs a script of one command per line, up to the first that fails, and returns its exit code. Skips empty lines and comments (#).
    /// </summary>
    public async Task<int> RunScriptAsync(TextReader script, CancellationToken interrupted)
    {
        while (await script.ReadLineAsync(interrupted) is { } line)
        {
            line = line.Trim();
            if (line is "exit" or "quit")
            {
                break;
            }

            if (line.Length > 0 && line[0] != '#' && await RunLineAsync(line, interrupted) is not ExitCodes.Done and var exitCode)
            {
                return exitCode;
            }
        }

        return ExitCodes.Done;
    }

    public async Task<Catalogue> CatalogueAsync(CancellationToken interrupted) => _catalogue ??= await node.GetCatalogueAsync(interrupted);

    private async Task<int> RunAsync(
        string palette, string command, IReadOnlyDictionary<string, string> switches, CancellationToken interrupted)
    {
        await foreach (var row in node.RunAsync(palette, command, switches, interrupted))
        {
            if (!json)
            {
                await output.WriteLineAsync(row.Text);
            }
            else if (row.Data is { ValueKind: not JsonValueKind.Null } data)
            {
                await output.WriteLineAsync(data.GetRawText());
            }

            await output.FlushAsync(interrupted);
        }

        return ExitCodes.Done;
    }

    private async Task<int> HelpAsync(string[] of, CancellationToken interrupted)
    {
        var catalogue = await CatalogueAsync(interrupted);
        var lines = of switch
        {
            [] => Help.Of(catalogue),
            [var palette] => Help.Of(Find(catalogue, palette)),
            [var palette, var command, ..] => Help.Of(palette, Find(Find(catalogue, palette), command)),
        };
        foreach (var line in lines)
        {
            await output.WriteLineAsync(line);
        }

        return ExitCodes.Done;
    }

    private static Palette Find(Catalogue catalogue, string name) =>
        catalogue.Palettes.FirstOrDefault(palette => palette.Name == name)
        ?? throw new CommandFailedException(
            ExitCodes.WrongUsage, $"There is no palette '{name}' on this node. There are {string.Join(", ", catalogue.Palettes.Select(palette => palette.Name))}.");

    private static Command Find(Palette palette, string name) =>
        palette.Commands.FirstOrDefault(command => command.Name == name)
        ?? throw new CommandFailedException(
            ExitCodes.WrongUsage, $"{palette.Name} has no command '{name}'. It has {string.Join(", ", palette.Commands.Select(command => command.Name))}.");
}

/// <summary>Formats the node's help.</summary>
internal static class Help
{
    public static IEnumerable<string> Of(Catalogue catalogue) =>
    [
        $"{catalogue.Node ?? "a node that is starting"}, version {catalogue.Version}",
        .. Table(catalogue.Palettes.Select(palette => (palette.Name, palette.Summary))),
        "'help PALETTE' lists its commands.",
    ];

    public static IEnumerable<string> Of(Palette palette) =>
    [
        palette.Summary,
        .. Table(palette.Commands.Select(command => (Usage(command), command.Summary))),
        $"'help {palette.Name} COMMAND' describes its switches.",
    ];

    public static IEnumerable<string> Of(string palette, Command command) =>
    [
        $"{palette} {Usage(command)}",
        $"{command.Summary}.",
        .. Table(command.Switches.Select(given => ($"-{given.Name} {given.Value}", given.Summary))),
    ];

    private static string Usage(Command command) => string.Join(
        ' ',
        command.Switches.Select(given => given.Required ? $"-{given.Name} {given.Value}" : $"[-{given.Name} {given.Value}]").Prepend(command.Name));

    private static IEnumerable<string> Table(IEnumerable<(string Name, string Summary)> rows)
    {
        var all = rows.ToList();
        var width = all.Count == 0 ? 0 : all.Max(row => row.Name.Length);
        return all.Select(row => $"  {row.Name.PadRight(width)}  {row.Summary}");
    }
}
