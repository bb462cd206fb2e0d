namespace AkkaChat.Cmd;

/// <summary>The interactive prompt.</summary>
internal static class Prompt
{
    public static async Task<int> RunAsync(Session session, NodeClient node, CancellationToken interrupted)
    {
        Catalogue catalogue;
        try
        {
            catalogue = await session.CatalogueAsync(interrupted);
        }
        catch (CommandFailedException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return e.ExitCode;
        }

        await Console.Out.WriteLineAsync($"Connected to {catalogue.Node ?? node.Node.Authority}. 'help' lists the palettes, Tab completes, 'exit' leaves.");
        var editor = new LineEditor(new ConsoleTerminal(), new Completion(catalogue));
        var last = ExitCodes.Done;
        while (editor.ReadLine($"[{node.Node.Authority}] pbm> ") is { } line && line.Trim() is not ("exit" or "quit"))
        {
            if (!string.IsNullOrWhiteSpace(line))
            {
                last = await RunAsync(session, line);
            }
        }

        return last;
    }

    /// <summary>Ctrl-C ends the command, not the prompt.</summary>
    private static async Task<int> RunAsync(Session session, string line)
    {
        using var interrupted = new CancellationTokenSource();
        void Interrupt(object? sender, ConsoleCancelEventArgs pressed)
        {
            pressed.Cancel = true;
            interrupted.Cancel();
        }

        Console.CancelKeyPress += Interrupt;
        try
        {
            return await session.RunLineAsync(line, interrupted.Token);
        }
        catch (OperationCanceledException)
        {
            return ExitCodes.Interrupted;
        }
        finally
        {
            Console.CancelKeyPress -= Interrupt;
        }
    }
}

/// <summary>Completes the end of a line by the node's catalogue.</summary>
internal sealed class Completion(Catalogue catalogue)
{
    /// <summary>The candidates for the last word of the line, which is empty after a blank.</summary>
    public IReadOnlyList<string> Of(string line)
    {
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries).ToList();
        var last = line.Length == 0 || line[^1] == ' ' ? "" : words[^1];
        if (last.Length > 0)
        {
            words.RemoveAt(words.Count - 1);
        }

        return [.. Candidates(words).Where(candidate => candidate.StartsWith(last, StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
    }

    private IEnumerable<string> Candidates(List<string> before)
    {
        if (before.Count > 0 && before[0] == "help")
        {
            before = before[1..];
            return before.Count switch
            {
                0 => catalogue.Palettes.Select(palette => palette.Name),
                1 => CommandsOf(before[0]),
                _ => [],
            };
        }

        return before switch
        {
            [] => catalogue.Palettes.Select(palette => palette.Name).Append("help").Append("exit"),
            [var palette] => CommandsOf(palette).Append("help"),
            [var palette, var command, .. var rest] => SwitchesOf(palette, command, rest),
        };
    }

    private IEnumerable<string> CommandsOf(string palette) =>
        catalogue.Palettes.Where(known => known.Name == palette).SelectMany(known => known.Commands).Select(command => command.Name);

    /// <summary>The switches not used yet; none if a value is expected.</summary>
    private IEnumerable<string> SwitchesOf(string palette, string command, List<string> rest) =>
        rest.Count > 0 && rest[^1].StartsWith('-')
            ? []
            : catalogue.Palettes.Where(known => known.Name == palette)
                .SelectMany(known => known.Commands)
                .Where(known => known.Name == command)
                .SelectMany(known => known.Switches)
                .Select(known => $"-{known.Name}")
                .Except(rest);
}
