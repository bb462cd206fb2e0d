using Akka.Actor;
using AkkaChat.Cluster.Hosting;
using AkkaChat.Messages.Rooms;
using Microsoft.Extensions.Options;

namespace AkkaChat.Edge.Rooms;

/// <summary>How long the edge waits for a room. Read from <c>AkkaChat:Gateway</c>.</summary>
public sealed class GatewayOptions
{
    public const string SectionName = "AkkaChat:Gateway";

    /// <summary>How long one attempt waits for the room. Default 3 s.</summary>
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>How long a command is tried again before it answers <c>unavailable</c>. Default 12 s.</summary>
    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(12);
}

internal sealed class GatewayOptionsValidator : IValidateOptions<GatewayOptions>
{
    public ValidateOptionsResult Validate(string? name, GatewayOptions options) => new SettingRules(GatewayOptions.SectionName)
        .Require(options.AttemptTimeout >= TimeSpan.FromMilliseconds(100), nameof(options.AttemptTimeout), "at least 100 milliseconds")
        .Require(options.Patience >= options.AttemptTimeout, nameof(options.Patience), $"at least {nameof(options.AttemptTimeout)}")
        .ToResult();
}

/// <summary>
/// The edge's way to a room's entity. Hand-off and fail-over lose messages without a trace, so a command that is not answered is sent
/// again: each one is idempotent, a message by its client id, the others by their meaning.
/// </summary>
internal sealed class RoomGateway(IActorRef rooms, GatewayOptions options, TimeProvider time)
{
    private static readonly TimeSpan MinPause = TimeSpan.FromMilliseconds(100);

    private static readonly RoomProtocol.Nack NoAnswer =
        new(NackCode.Unavailable, "The room did not answer: the outcome is not known.", TimeSpan.FromSeconds(1));

    /// <summary>Never throws for a room that does not answer: that is an <c>Unavailable</c> nack.</summary>
    public async Task<RoomProtocol.IReply> AskAsync(RoomProtocol.ICommand command)
    {
        var started = time.GetTimestamp();
        for (var isFirst = true; ; isFirst = false)
        {
            var reply = await AttemptAsync(command);
            if (!isFirst && reply is RoomProtocol.Nack { Code: NackCode.Busy } busy)
            {
                // Busy says that nothing was stored, which is not known of the attempts before.
                return busy with { Code = NackCode.Unavailable };
            }

            if (reply is not RoomProtocol.Nack { Code: NackCode.Unavailable } nack || time.GetElapsedTime(started) > options.Patience)
            {
                return reply;
            }

            var pause = ReferenceEquals(nack, NoAnswer) || nack.RetryAfter < MinPause ? MinPause : nack.RetryAfter;
            await Task.Delay(pause, time);
        }
    }

    private async Task<RoomProtocol.IReply> AttemptAsync(RoomProtocol.ICommand command)
    {
        try
        {
            return await rooms.Ask<RoomProtocol.IReply>(command, options.AttemptTimeout);
        }
        catch (AskTimeoutException)
        {
            return NoAnswer;
        }
        catch (TaskCanceledException)
        {
            return NoAnswer;
        }
    }
}
