namespace AkkaChat.Cluster.Management;

/// <summary>All commands of the node.</summary>
internal sealed class CommandCatalogue
{
    private readonly Dictionary<(string Palette, string Command), PaletteCommand> _commands;

    public CommandCatalogue(IEnumerable<ICommandPalette> palettes)
    {
        var all = palettes.GroupBy(palette => palette.Name).OrderBy(group => group.Key, StringComparer.Ordinal).ToList();
        Palettes =
        [
            .. all.Select(group => new PaletteView(
                group.Key,
                group.First().Summary,
                [.. group.SelectMany(palette => palette.Commands).OrderBy(command => command.Name, StringComparer.Ordinal).Select(View)])),
        ];
        _commands = all
            .SelectMany(group => group.SelectMany(palette => palette.Commands).Select(command => (Key: (group.Key, command.Name), command)))
            .ToDictionary(entry => entry.Key, entry => entry.command);
    }

    public IReadOnlyList<PaletteView> Palettes { get; }

    /// <exception cref="CommandUsageException">There is no such command, or it does not take these switches.</exception>
    public PaletteCommand Find(string palette, string name, IReadOnlyDictionary<string, string> switches)
    {
        if (!_commands.TryGetValue((palette, name), out var command))
        {
            throw new CommandUsageException(
                Palettes.FirstOrDefault(known => known.Name == palette) is { } found
                    ? $"{palette} has no command '{name}'. It has {string.Join(", ", found.Commands.Select(known => known.Name))}."
                    : $"There is no palette '{palette}' on this node. There are {string.Join(", ", Palettes.Select(known => known.Name))}.");
        }

        foreach (var given in switches)
        {
            var known = command.Switches.FirstOrDefault(known => known.Name == given.Key)
                        ?? throw new CommandUsageException($"{palette} {name} has no switch -{given.Key}; see 'help {palette} {name}'.");
            if (given.Value.Length == 0)
            {
                throw new CommandUsageException($"-{given.Key} needs a value: {known.Value}.");
            }
        }

        return command.Switches.FirstOrDefault(known => known.IsRequired && !switches.ContainsKey(known.Name)) is { } missing
            ? throw new CommandUsageException($"{palette} {name} needs -{missing.Name} {missing.Value}: {missing.Summary}.")
            : command;
    }

    private static CommandView View(PaletteCommand command) => new(
        command.Name,
        command.Summary,
        [.. command.Switches.Select(given => new SwitchView(given.Name, given.Value, given.Summary, given.IsRequired))]);
}

/// <summary>The catalogue as a client gets it.</summary>
internal sealed record CatalogueView(string? Node, string Version, IReadOnlyList<PaletteView> Palettes);

internal sealed record PaletteView(string Name, string Summary, IReadOnlyList<CommandView> Commands);

internal sealed record CommandView(string Name, string Summary, IReadOnlyList<SwitchView> Switches);

internal sealed record SwitchView(string Name, string Value, string Summary, bool Required);
