namespace AkkaChat.Cmd;

/// <summary>The exit codes of the process.</summary>
internal static class ExitCodes
{
    public const int Done = 0;

    /// <summary>The node understood the command but failed, or found defects.</summary>
    public const int Failed = 1;

    /// <summary>The command line, or the command, was not understood.</summary>
    public const int WrongUsage = 2;

    /// <summary>The node cannot be reached, or the connection broke before the command ended.</summary>
    public const int Unreachable = 3;

    /// <summary>The token is missing or wrong.</summary>
    public const int Unauthorised = 4;

    /// <summary>Ctrl-C.</summary>
    public const int Interrupted = 130;
}

/// <summary>
/// <c>pbm [HOST:PORT] [--json] [--token-file FILE] [palette command [-switch value …]]</c>: one command, or a prompt, or with redirected
/// input a command a line.
/// </summary>
internal static class PbmProgram
{
    public static async Task<int> RunAsync(
        string[] args, TextReader input, TextWriter output, TextWriter errors, CancellationToken interrupted)
    {
        if (!Arguments.TryParse(args, Environment.GetEnvironmentVariable, out var arguments, out var problem))
        {
            await errors.WriteLineAsync(problem);
            return ExitCodes.WrongUsage;
        }

        if (arguments.Help)
        {
            await output.WriteLineAsync(Arguments.Usage);
            return ExitCodes.Done;
        }

        using var node = new NodeClient(arguments.Node, arguments.Token);
        var session = new Session(node, arguments.Json, output, errors);
        try
        {
            if (arguments.Command.Length > 0)
            {
                return await session.RunAsync(arguments.Command, interrupted);
            }

            return Console.IsInputRedirected
                ? await session.RunScriptAsync(input, interrupted)
                : await Prompt.RunAsync(session, node, interrupted);
        }
        catch (OperationCanceledException) when (interrupted.IsCancellationRequested)
        {
            return ExitCodes.Interrupted;
        }
        catch (IOException) when (Console.IsOutputRedirected)
        {
            // The reader of the output, such as head, has closed it.
            return ExitCodes.Done;
        }
    }
}
