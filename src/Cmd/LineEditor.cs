using System.Text;

namespace AkkaChat.Cmd;

/// <summary>The terminal on which a line is edited.</summary>
internal interface ITerminal
{
    ConsoleKeyInfo ReadKey();

    void Write(string text);
}

internal sealed class ConsoleTerminal : ITerminal
{
    public ConsoleKeyInfo ReadKey()
    {
        // At the prompt Ctrl-C clears the line; while a command runs, it interrupts.
        Console.TreatControlCAsInput = true;
        try
        {
            return Console.ReadKey(intercept: true);
        }
        finally
        {
            Console.TreatControlCAsInput = false;
        }
    }

    public void Write(string text) => Console.Write(text);
}

/// <summary>
/// Reads lines with the keys of a shell: arrows, history, Tab completes, Ctrl-A E U K W, Ctrl-C clears the line, Ctrl-D ends.
/// </summary>
internal sealed class LineEditor(ITerminal terminal, Completion completion)
{
    private readonly List<string> _history = [];
    private readonly StringBuilder _line = new();
    private string _prompt = "";
    private int _cursor;
    private int _shown;

    /// <summary>Null at the end of the input.</summary>
    public string? ReadLine(string prompt)
    {
        (_prompt, _cursor, _shown) = (prompt, 0, _history.Count);
        _line.Clear();
        Draw();
        while (true)
        {
            var key = terminal.ReadKey();
            var control = key.Modifiers.HasFlag(ConsoleModifiers.Control);
            switch (key.Key)
            {
                case ConsoleKey.Enter:
                    terminal.Write("\r\n");
                    return Accept();
                case ConsoleKey.D when control && _line.Length == 0:
                    terminal.Write("\r\n");
                    return null;
                case ConsoleKey.C when control:
                    terminal.Write("^C\r\n");
                    Set("");
                    break;
                case ConsoleKey.Tab:
                    Complete();
                    break;
                default:
                    Edit(key, control);
                    break;
            }

            Draw();
        }
    }

    private string Accept()
    {
        var line = _line.ToString();
        if (line.Trim().Length > 0 && (_history.Count == 0 || _history[^1] != line))
        {
            _history.Add(line);
        }

        return line;
    }

    private void Edit(ConsoleKeyInfo key, bool control)
    {
        switch (key.Key)
        {
            case ConsoleKey.Backspace when _cursor > 0:
                _line.Remove(--_cursor, 1);
                break;
            case ConsoleKey.Delete when _cursor < _line.Length:
                _line.Remove(_cursor, 1);
                break;
            case ConsoleKey.LeftArrow:
                _cursor = Math.Max(0, _cursor - 1);
                break;
            case ConsoleKey.RightArrow:
                _cursor = Math.Min(_line.Length, _cursor + 1);
                break;
            case ConsoleKey.Home:
            case ConsoleKey.A when control:
                _cursor = 0;
                break;
            case ConsoleKey.End:
            case ConsoleKey.E when control:
                _cursor = _line.Length;
                break;
            case ConsoleKey.U when control:
                _line.Remove(0, _cursor);
                _cursor = 0;
                break;
            case ConsoleKey.K when control:
                _line.Remove(_cursor, _line.Length - _cursor);
                break;
            case ConsoleKey.W when control:
                var start = StartOfWord();
                _line.Remove(start, _cursor - start);
                _cursor = start;
                break;
            case ConsoleKey.UpArrow:
                Show(_shown - 1);
                break;
            case ConsoleKey.DownArrow:
                Show(_shown + 1);
                break;
            default:
                if (!control && !char.IsControl(key.KeyChar))
                {
                    _line.Insert(_cursor++, key.KeyChar);
                }

                break;
        }
    }

    private int StartOfWord()
    {
        var start = _cursor;
        while (start > 0 && _line[start - 1] == ' ')
        {
            start--;
        }

        while (start > 0 && _line[start - 1] != ' ')
        {
            start--;
        }

        return start;
    }

    /// <summary>A line of the history, or an empty one after its end.</summary>
    private void Show(int index)
    {
        if (index >= 0 && index <= _history.Count)
        {
            _shown = index;
            Set(index == _history.Count ? "" : _history[index]);
        }
    }

    /// <summary>Inserts what all candidates have in common; if that adds nothing, lists them.</summary>
    private void Complete()
    {
        var before = _line.ToString(0, _cursor);
        var candidates = completion.Of(before);
        if (candidates.Count == 0)
        {
            return;
        }

        var typed = before[(before.LastIndexOf(' ') + 1)..];
        var common = candidates.Aggregate(CommonStart);
        var fill = candidates.Count == 1 ? $"{common} " : common;
        if (fill.Length > typed.Length)
        {
            _line.Insert(_cursor, fill[typed.Length..]);
            _cursor += fill.Length - typed.Length;
        }
        else
        {
            terminal.Write($"\r\n{string.Join("  ", candidates)}\r\n");
        }
    }

    private static string CommonStart(string one, string other)
    {
        var length = 0;
        while (length < Math.Min(one.Length, other.Length) && one[length] == other[length])
        {
            length++;
        }

        return one[..length];
    }

    private void Set(string text)
    {
        _line.Clear().Append(text);
        _cursor = text.Length;
    }

    /// <summary>Redraws the line, erases the rest, and places the cursor.</summary>
    private void Draw()
    {
        var back = _line.Length - _cursor;
        terminal.Write($"\r{_prompt}{_line}\x1b[K{(back > 0 ? $"\x1b[{back}D" : "")}");
    }
}
