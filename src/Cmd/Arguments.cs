using System.Diagnostics.CodeAnalysis;

namespace AkkaChat.Cmd;

/// <summary>The process's command line, parsed before the node's catalogue is known.</summary>
internal sealed record Arguments(Uri Node, string? Token, bool Json, bool Help, string[] Command)
{
    public const string Usage = """
        usage: pbm [HOST:PORT] [--json] [--token-file FILE] [PALETTE COMMAND [-SWITCH VALUE]...]

        HOST:PORT          the node's management port; default: PBM_HOST, or 127.0.0.1:9110
        --json             one JSON object a line instead of text
        --token-file FILE  a file with the node's token; default: the variable PBM_TOKEN

        Without a command there is a prompt; when input is redirected, each line of it is a command, up to the first that fails.
        'pbm help' lists the palettes of the node, 'pbm help PALETTE' its commands.

        exit codes: 0 done, 1 failed or found defects, 2 not understood, 3 node unreachable, 4 token missing or wrong, 130 interrupted
        """;

    private const string DefaultNode = "127.0.0.1:9110";

    public static bool TryParse(
        string[] args,
        Func<string, string?> environment,
        [NotNullWhen(true)] out Arguments? arguments,
        [NotNullWhen(false)] out string? problem)
    {
        arguments = null;
        var node = environment("PBM_HOST") is { Length: > 0 } host ? host : DefaultNode;
        var token = environment("PBM_TOKEN") is { Length: > 0 } given ? given : null;
        var (json, help) = (false, false);
        var command = new List<string>();
        for (var i = 0; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--json":
                    json = true;
                    break;
                case "--help" or "-h" when command.Count == 0:
                    help = true;
                    break;
                case "--token-file" when i + 1 < args.Length:
                    if (!TryReadToken(args[++i], out token, out problem))
                    {
                        return false;
                    }

                    break;
                case "--token-file":
                    problem = "--token-file needs the name of a file.";
                    return false;
                case var argument when argument.StartsWith("--", StringComparison.Ordinal):
                    problem = $"'{argument}' is not an option. See 'pbm --help'.";
                    return false;
                case var argument when command.Count == 0 && argument.Contains(':', StringComparison.Ordinal):
                    node = argument;
                    break;
                case var argument:
                    command.Add(argument);
                    break;
            }
        }

        if (!TryParseNode(node, out var uri))
        {
            problem = $"'{node}' is not of the form HOST:PORT.";
            return false;
        }

        problem = null;
        arguments = new Arguments(uri, token, json, help, [.. command]);
        return true;
    }

    /// <summary>Host and port, or a whole URL if a proxy adds TLS.</summary>
    private static bool TryParseNode(string text, [NotNullWhen(true)] out Uri? node)
    {
        var isUrl = text.StartsWith("http://", StringComparison.Ordinal) || text.StartsWith("https://", StringComparison.Ordinal);
        node = null;
        return (isUrl || text.LastIndexOf(':') is > 0 and var colon && int.TryParse(text.AsSpan(colon + 1), out _))
               && Uri.TryCreate(isUrl ? text : $"http://{text}", UriKind.Absolute, out node);
    }

    private static bool TryReadToken(string file, out string? token, [NotNullWhen(false)] out string? problem)
    {
        try
        {
            (token, problem) = (File.ReadAllText(file).Trim(), null);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            (token, problem) = (null, $"The token cannot be read: {e.Message}");
            return false;
        }
    }
}
