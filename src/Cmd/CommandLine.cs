using System.Text;

namespace AkkaChat.Cmd;

/// <summary>A line of words and switches: <c>palette command -switch value</c>.</summary>
internal static class CommandLine
{
    /// <summary>Splits a line into words at blanks. Quotes keep blanks in a word, and a backslash escapes the next character.</summary>
    /// <exception cref="CommandFailedException">A quote is not closed.</exception>
    public static string[] Split(string line)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var (quote, started) = ('\0', false);
        for (var i = 0; i < line.Length; i++)
        {
            var c = line[i];
            if (c == '\\' && i + 1 < line.Length && quote != '\'')
            {
                (started, _) = (true, word.Append(line[++i]));
            }
            else if (quote != '\0' ? c == quote : c is '"' or '\'')
            {
                (quote, started) = (quote == '\0' ? c : '\0', true);
            }
            else if (quote == '\0' && char.IsWhiteSpace(c))
            {
                Take();
            }
            else
            {
                (started, _) = (true, word.Append(c));
            }
        }

        if (quote != '\0')
        {
            throw new CommandFailedException(ExitCodes.WrongUsage, $"The quote {quote} is not closed.");
        }

        Take();
        return [.. words];

        void Take()
        {
            if (started)
            {
                words.Add(word.ToString());
            }

            word.Clear();
            started = false;
        }
    }

    /// <summary>
    /// The switches after palette and command. A switch without a value gets an empty one; the node decides whether that is valid.
    /// </summary>
    /// <exception cref="CommandFailedException">A word belongs to no switch, or a switch is repeated.</exception>
    public static IReadOnlyDictionary<string, string> ReadSwitches(IEnumerable<string> words)
    {
        var switches = new Dictionary<string, string>(StringComparer.Ordinal);
        string? open = null;
        foreach (var word in words)
        {
            if (word.Length > 1 && word[0] == '-')
            {
                open = word[1..];
                if (!switches.TryAdd(open, ""))
                {
                    throw new CommandFailedException(ExitCodes.WrongUsage, $"-{open} is repeated.");
                }
            }
            else if (open is not null)
            {
                switches[open] = word;
                open = null;
            }
            else
            {
                throw new CommandFailedException(ExitCodes.WrongUsage, $"'{word}' belongs to no switch.");
            }
        }

        return switches;
    }
}
