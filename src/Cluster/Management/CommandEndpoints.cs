using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using AkkaChat.Cluster.Hosting;
using AkkaChat.Messages.Rooms;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace AkkaChat.Cluster.Management;

/// <summary>
/// The protocol of pbm (docs/pbm.md): a catalogue of commands, and responses in lines of JSON that end with an exit code.
/// </summary>
internal sealed partial class CommandEndpoints(
    CommandCatalogue catalogue,
    CommandGuard guard,
    RunningSystem running,
    ILogger<CommandEndpoints> logger) : IManagementEndpoints
{
    private const int Failed = 1;
    private const int WrongUsage = 2;
    private const int Unauthorised = 4;
    private const int MaxBodyBytes = 64 * 1024;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new UtcMillisecondsConverter(), new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly byte[] LineEnd = "\n"u8.ToArray();

    public void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/pbm", ListAsync);
        endpoints.MapPost("/pbm/{palette}/{command}", RunAsync);
    }

    private static Task RefuseAsync(HttpContext context, int status, int exitCode, string message)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(new End(exitCode, message), Json);
    }

    private async Task ListAsync(HttpContext context)
    {
        if (guard.Refusal(context) is { } refusal)
        {
            await RefuseAsync(context, StatusCodes.Status401Unauthorized, Unauthorised, refusal);
            return;
        }

        var address = running.System is { } system ? AkkaCluster.Get(system).SelfAddress.ToString() : null;
        var version = typeof(CommandEndpoints).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
        await context.Response.WriteAsJsonAsync(new CatalogueView(address, version, catalogue.Palettes), Json);
    }

    private async Task RunAsync(HttpContext context, string palette, string command)
    {
        if (guard.Refusal(context) is { } refusal)
        {
            LogRefused(logger, palette, command, context.Connection.RemoteIpAddress);
            await RefuseAsync(context, StatusCodes.Status401Unauthorized, Unauthorised, refusal);
            return;
        }

        if (!context.Request.HasJsonContentType())
        {
            await RefuseAsync(context, StatusCodes.Status415UnsupportedMediaType, WrongUsage, "The body must be application/json.");
            return;
        }

        if (context.Request.ContentLength is not <= MaxBodyBytes)
        {
            await RefuseAsync(context, StatusCodes.Status413PayloadTooLarge, WrongUsage, "The body must have a length of at most 64 KiB.");
            return;
        }

        try
        {
            var request = await context.Request.ReadFromJsonAsync<Request>(Json, context.RequestAborted);
            var switches = request?.Switches ?? [];
            var found = catalogue.Find(palette, command, switches);
            var words = string.Join(' ', switches.Select(given => $"-{given.Key} {given.Value}"));
            LogRun(logger, palette, command, words);
            context.Response.ContentType = "application/x-ndjson";
            await AnswerAsync(context, found.Run(new CommandCall(switches), context.RequestAborted));
        }
        catch (JsonException e)
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, WrongUsage, $"The body is not valid at {e.Path ?? "$"}.");
        }
        catch (CommandUsageException e) when (!context.Response.HasStarted)
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, WrongUsage, e.Message);
        }
    }

    private async Task AnswerAsync(HttpContext context, IAsyncEnumerable<CommandRow> rows)
    {
        try
        {
            await foreach (var row in rows.WithCancellation(context.RequestAborted))
            {
                await WriteLineAsync(context, new { row = new { text = row.Text, data = row.Data } });
            }

            await WriteLineAsync(context, new { end = new End(0, null) });
        }
        catch (CommandUsageException) when (!context.Response.HasStarted)
        {
            throw;
        }
        catch (CommandException e)
        {
            await WriteLineAsync(context, new { end = new End(Failed, e.Message) });
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client has gone or the node is stopping: nobody waits for the end.
        }
        catch (Exception e)
        {
            LogFailed(logger, e, context.Request.Path);
            await WriteLineAsync(context, new { end = new End(Failed, $"{e.GetType().Name}: {e.Message}") });
        }
    }

    private static async Task WriteLineAsync<T>(HttpContext context, T line)
    {
        await context.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(line, Json), context.RequestAborted);
        await context.Response.Body.WriteAsync(LineEnd, context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "An operator runs {Palette} {Command} {Switches}")]
    private static partial void LogRun(ILogger logger, string palette, string command, string switches);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Palette} {Command} from {Address} was refused: no valid token")]
    private static partial void LogRefused(ILogger logger, string palette, string command, System.Net.IPAddress? address);

    [LoggerMessage(Level = LogLevel.Error, Message = "The command {Path} failed")]
    private static partial void LogFailed(ILogger logger, Exception cause, string path);

    private sealed record Request(Dictionary<string, string>? Switches);

    private sealed record End(int ExitCode, string? Message);
}
