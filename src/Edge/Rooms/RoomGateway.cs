using Akka.Actor;
using AkkaChat.Cluster.Hosting;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using Microsoft.Extensions.Options;

namespace AkkaChat.Edge.Rooms;

/// <summary>How long the edge waits for a room. Read from <c>AkkaChat:Gateway</c>.</summary>
public sealed class GatewayOptions
{
    public const string SectionName = "AkkaChat:Gateway";

    /// <summary>How long one attempt waits for the room. Default 3 s.</summary>
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>How long a command is retried before the answer is <c>unavailable</c>. Default 12 s.</summary>
    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(12);
}

internal sealed class GatewayOptionsValidator : IValidateOptions<GatewayOptions>
{
    public ValidateOptionsResult Validate(string? name, GatewayOptions options) => new SettingRules(GatewayOptions.SectionName)
        .Require(options.AttemptTimeout >= TimeSpan.FromMilliseconds(100), nameof(options.AttemptTimeout), "at least 100 milliseconds")
        .Require(options.Patience >= options.AttemptTimeout, nameof(options.Patience), $"at least {nameof(options.AttemptTimeout)}")
        .ToResult();
}

/// <summary>What a <c>SendPipeline</c> uses of the gateway.</summary>
internal interface IRoomGateway
{
    /// <summary>This edge, so that a room's reply can travel with its broadcasts. Null: rooms reply directly.</summary>
    EdgeId? Edge => null;

    /// <summary>Called before the first attempt at a command.</summary>
    Attempts Begin();

    /// <summary>
    /// One attempt. The command has been sent when this returns, so a caller's commands stay in order. If the room does not answer, the
    /// reply is <see cref="Attempts.NoAnswer"/>.
    /// </summary>
    Task<RoomProtocol.IReply> AttemptAsync(RoomProtocol.ICommand command);
}

/// <summary>
/// Sends commands to rooms. Hand-off and fail-over silently drop messages, so an unanswered command is sent again: every command is
/// idempotent, a message by its client id, the others by their meaning.
/// </summary>
internal sealed class RoomGateway(IActorRef rooms, GatewayOptions options, TimeProvider time, EdgeId? edge = null) : IRoomGateway
{
    public EdgeId? Edge => edge;

    /// <summary>
    /// Asks until there is an answer or the time is over. If the room does not answer, the reply is an <c>Unavailable</c> nack.
    /// </summary>
    public async Task<RoomProtocol.IReply> AskAsync(RoomProtocol.ICommand command)
    {
        var attempts = Begin();
        while (true)
        {
            if (attempts.Settle(await AttemptAsync(command)) is { } reply)
            {
                return reply;
            }

            await Task.Delay(attempts.Pause, time);
        }
    }

    public Attempts Begin() => new(options, time);

    public async Task<RoomProtocol.IReply> AttemptAsync(RoomProtocol.ICommand command)
    {
        try
        {
            return await rooms.Ask<RoomProtocol.IReply>(command, options.AttemptTimeout);
        }
        catch (AskTimeoutException)
        {
            return Attempts.NoAnswer;
        }
        catch (TaskCanceledException)
        {
            return Attempts.NoAnswer;
        }
    }
}
