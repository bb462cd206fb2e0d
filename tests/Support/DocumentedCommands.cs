using AkkaChat.Support.Processes;

namespace AkkaChat.Support;

/// <summary>Code blocks of the documents, for specs that run what operators are told to run.</summary>
public static class DocumentedCommands
{
    /// <summary>The blocks of a language below a heading, up to the next heading, without their indentation.</summary>
    /// <param name="document">Such as <c>docs/backup.md</c>.</param>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public static IReadOnlyList<string> Below(string document, string heading, string language)
    {
        var blocks = new List<string>();
        List<string>? block = null;
        var isBelow = false;
        foreach (var line in File.ReadLines(Path.Combine(Product.Root, document)))
        {
            var text = line.TrimStart();
            if (block is not null && text.StartsWith("```", StringComparison.Ordinal))
            {
                blocks.Add(string.Join('\n', block));
                block = null;
            }
            else if (block is not null)
            {
                block.Add(text);
            }
            else if (text.StartsWith('#'))
            {
                isBelow = text.TrimStart('#').Trim() == heading;
            }
            else if (isBelow && text == $"```{language}")
            {
                block = [];
            }
        }

        return blocks.Count > 0 ? blocks : throw new InvalidOperationException($"{document} has no {language} below '{heading}'.");
    }
}
