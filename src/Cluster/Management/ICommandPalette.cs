using System.Globalization;

namespace AkkaChat.Cluster.Management;

/// <summary>
/// A named group of commands for operators. pbm learns them from the node, so a new palette needs no change of the client. Palettes with
/// the same name are shown as one. Register with <c>AddPalette</c>.
/// </summary>
public interface ICommandPalette
{
    string Name { get; }

    string Summary { get; }

    IReadOnlyList<PaletteCommand> Commands { get; }
}

/// <param name="Summary">One sentence without a full stop.</param>
/// <param name="Run">
/// Yields rows as they are produced. Throws <see cref="CommandException"/> with a sentence for the operator if it fails.
/// </param>
public sealed record PaletteCommand(string Name, string Summary, Func<CommandCall, CancellationToken, IAsyncEnumerable<CommandRow>> Run)
{
    public IReadOnlyList<CommandSwitch> Switches { get; init; } = [];
}

/// <param name="Name">Without the dash.</param>
/// <param name="Value">The placeholder of its value in the help.</param>
public sealed record CommandSwitch(string Name, string Value, string Summary, bool IsRequired = false);

/// <summary>One line of a response.</summary>
/// <param name="Text">For people.</param>
/// <param name="Data">The same for programs; null for remarks for people, such as a count.</param>
public sealed record CommandRow(string Text, object? Data = null);

/// <summary>The command was understood but failed.</summary>
public class CommandException(string message) : Exception(message);

/// <summary>The command was not understood.</summary>
public sealed class CommandUsageException(string message) : CommandException(message);

/// <summary>The switches that the operator gave. All are known to the command, and none that it requires is missing.</summary>
public sealed class CommandCall(IReadOnlyDictionary<string, string> switches)
{
    public string? Find(string name) => switches.GetValueOrDefault(name);

    public string Get(string name) => switches[name];

    public int Number(string name, int otherwise, int max)
    {
        if (Find(name) is not { } text)
        {
            return otherwise;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= max
            ? number
            : throw new CommandUsageException($"-{name} must be a number from 1 to {max}, not '{text}'.");
    }

    public T? Choice<T>(string name)
        where T : struct, Enum
    {
        if (Find(name) is not { } text)
        {
            return null;
        }

        var names = Enum.GetNames<T>();
        return names.Contains(text, StringComparer.OrdinalIgnoreCase)
            ? Enum.Parse<T>(text, ignoreCase: true)
            : throw new CommandUsageException($"-{name} must be one of {string.Join(", ", names.Select(value => value.ToLowerInvariant()))}, not '{text}'.");
    }
}
