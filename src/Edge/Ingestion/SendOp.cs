using System.Data.Common;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using AkkaChat.Cluster.Rooms;
using AkkaChat.Edge.Files;
using AkkaChat.Edge.Limits;
using AkkaChat.Edge.Ops;
using AkkaChat.Edge.Rooms;
using AkkaChat.Messages.Client;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Messages.Telemetry;
using AkkaChat.Persistence.ReadModel;

namespace AkkaChat.Edge.Ingestion;

/// <summary>Sends a message to its room, whose reply answers the request. The next request is read without waiting for it.</summary>
internal sealed class SendOp(
    IngestionFlows ingestion, FileAttachments attachments, IRoomLog log, RoomAccess access, HereMentions here, RequestLimits limits) : IClientOp
{
    public string Name => "message.send";

    public OpScope Scope => OpScope.Room;

    public OpRate Rate => OpRate.Send;

    public async ValueTask CarryOutAsync(OpCall call)
    {
        if (ReadCommand(call) is { } read && await MayNameAsync(call) && await MayWriteAsync(call, read.Command) && await MayReplyAsync(call, read.Command)
            && await WithHereAsync(call, read.Command) is { } named && await WithFilesAsync(call, named, read.Files) is { } command)
        {
            call.Session.State.GetOrAdd(static () => new TypingPace()).MessageSent(call.Room);
            var connection = call.Session.State.GetOrAdd(ingestion.Open);
            await ingestion.WriteAsync(new Send(call, connection, attachments, limits, command), call.Session.Ended);
        }
    }

    /// <summary>Checks what can be checked without the room. Null: the request has been refused.</summary>
    private static (RoomProtocol.PostMessage Command, IReadOnlyList<FileId> Files)? ReadCommand(OpCall call)
    {
        var data = call.Read(ClientJson.Default.SendData);
        if (data is null || !Guid.TryParseExact(data.Cid, "D", out var cid))
        {
            call.Refuse(ErrorCode.Invalid, "d.cid must be a UUIDv7.");
        }
        else if (!TryFiles(data.Files, out var files))
        {
            call.Refuse(ErrorCode.Invalid, $"d.files must be at most {RoomState.MaxFiles} ids of files, each once.");
        }
        else if (data.Text is null && files.Count == 0)
        {
            call.Refuse(ErrorCode.Invalid, "d.text is missing.");
        }
        else if (Encoding.UTF8.GetByteCount(data.Text ?? "") > RoomState.MaxTextBytes)
        {
            call.Refuse(ErrorCode.TooLarge, $"d.text is over {RoomState.MaxTextBytes} bytes of UTF-8.");
        }
        else if (!TryReplyTo(data.ReplyTo, call.Room, out var replyTo))
        {
            call.Refuse(ErrorCode.Invalid, "d.replyTo is not a message of this room.");
        }
        else if (!TryReplyTo(data.Thread, call.Room, out var thread))
        {
            call.Refuse(ErrorCode.Invalid, "d.thread is not a message of this room.");
        }
        else
        {
            return (new RoomProtocol.PostMessage(call.Room, call.Session.User, cid, data.Text ?? "", replyTo) { ThreadSeq = thread }, files);
        }

        return null;
    }

    /// <summary>Whoever has named many rooms that are not there waits before the next, but not with their own. False: the request has been refused.</summary>
    private async ValueTask<bool> MayNameAsync(OpCall call)
    {
        if (limits.WaitForUnknownRooms(call.User) is not { } wait || await access.CheckAsync(call.Room, call.User, call.Session.Ended) is null)
        {
            return true;
        }

        call.Refuse(ErrorCode.RateLimited, "You have named too many rooms that are not there.", wait);
        return false;
    }

    /// <summary>Whether nobody minds hearing from the user; the retry of a stored message is never refused. False: the request has been refused.</summary>
    private async ValueTask<bool> MayWriteAsync(OpCall call, RoomProtocol.PostMessage command)
    {
        if (!command.Room.IsDirect)
        {
            return true;
        }

        try
        {
            if (!await access.IsBlockedAsync(command.Room, call.User, call.Session.Ended)
                || await log.FindByClientIdAsync(command.Room, call.User, command.ClientId, call.Session.Ended) is not null)
            {
                return true;
            }

            call.Refuse(RoomAccess.Blocked.Code, RoomAccess.Blocked.Message);
        }
        catch (Exception e) when (e is DbException or TimeoutException)
        {
            call.Refuse(ErrorCode.Unavailable, "It could not be looked up whether you may write here; try again.", TimeSpan.FromSeconds(1));
        }

        return false;
    }

    /// <summary>Whether what the message replies to is a message, which never changes. False: the request has been refused.</summary>
    private async ValueTask<bool> MayReplyAsync(OpCall call, RoomProtocol.PostMessage command)
    {
        if (command.ReplyToSeq == 0)
        {
            return true;
        }

        try
        {
            // Whoever is not a member learns nothing of the room's messages: the room refuses the send.
            if (await log.FindMessageAsync(command.Room, command.ReplyToSeq, cancellationToken: call.Session.Ended) is not null
                || await access.CheckAsync(command.Room, call.User, call.Session.Ended) is not null)
            {
                return true;
            }

            call.Refuse(ErrorCode.Invalid, "d.replyTo is not a message of this room.");
        }
        catch (Exception e) when (e is DbException or TimeoutException)
        {
            call.Refuse(ErrorCode.Unavailable, "The message that this replies to could not be looked up; try again.", TimeSpan.FromSeconds(1));
        }

        return false;
    }

    private static bool TryReplyTo(string? value, RoomId room, out long seq)
    {
        seq = 0;
        if (value is null)
        {
            return true;
        }

        if (!MessageId.TryParse(value, out var message) || message.Room != room)
        {
            return false;
        }

        seq = message.Seq;
        return true;
    }

    private static bool TryFiles(JsonElement? element, out IReadOnlyList<FileId> files)
    {
        var ids = new List<FileId>();
        files = ids;
        if (element is not { } array || array.ValueKind == JsonValueKind.Null)
        {
            return true;
        }

        if (array.ValueKind != JsonValueKind.Array || array.GetArrayLength() > RoomState.MaxFiles)
        {
            return false;
        }

        foreach (var item in array.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.String || !FileId.TryParse(item.GetString(), out var id) || ids.Contains(id))
            {
                return false;
            }

            ids.Add(id);
        }

        return true;
    }

    /// <summary>Looks up whom <c>@here</c> means. Null: the request has been refused.</summary>
    private async ValueTask<RoomProtocol.PostMessage?> WithHereAsync(OpCall call, RoomProtocol.PostMessage command)
    {
        try
        {
            var named = await here.OfAsync(command.Room, command.Text, call.Session.Ended);
            return named.Count == 0 ? command : command with { Here = named };
        }
        catch (Exception e) when (e is DbException or TimeoutException)
        {
            call.Refuse(ErrorCode.Unavailable, "It could not be looked up who is here; try again.", TimeSpan.FromSeconds(1));
            return null;
        }
    }

    /// <summary>Reserves the files for the message. Null: the request has been refused.</summary>
    private async ValueTask<RoomProtocol.PostMessage?> WithFilesAsync(OpCall call, RoomProtocol.PostMessage command, IReadOnlyList<FileId> ids)
    {
        if (ids.Count == 0)
        {
            return command;
        }

        try
        {
            if (await attachments.ReserveAsync(command.Room, command.Author.Id, command.ClientId, ids, call.Session.Ended) is { } files)
            {
                return command with { Files = files };
            }

            call.Refuse(ErrorCode.Invalid, "A file in d.files is not a complete upload of yours to this room, or belongs to another message.");
        }
        catch (Exception e) when (e is DbException or TimeoutException)
        {
            call.Refuse(ErrorCode.Unavailable, "The files could not be looked up; try again.", TimeSpan.FromSeconds(1));
        }

        return null;
    }

    private static string Outcome(RoomProtocol.IReply reply) => reply switch
    {
        RoomProtocol.PostAck { Duplicate: true } => "duplicate",
        RoomProtocol.PostAck => "stored",
        RoomProtocol.Nack nack => nack.Code.ToErrorCode().WireName(),
        _ => "other",
    };

    private sealed class Send : ISend
    {
        private readonly long _started = ChatMetrics.SendDuration.Start();
        private readonly OpCall _call;
        private readonly FileAttachments _attachments;
        private readonly RequestLimits _limits;
        private readonly Activity? _trace;

        public Send(OpCall call, ConnectionSends connection, FileAttachments attachments, RequestLimits limits, RoomProtocol.PostMessage command)
        {
            (_call, Connection, _attachments, _limits) = (call, connection, attachments, limits);
            _trace = ChatTracing.StartSend(command.Room.Value);
            Command = _trace.Context() is { } context ? command with { Trace = context } : command;
        }

        public ConnectionSends Connection { get; }

        public RoomProtocol.PostMessage Command { get; }

        public void Complete(RoomProtocol.IReply reply)
        {
            var outcome = Outcome(reply);
            ChatMetrics.SendDuration.RecordSince(_started, "outcome", outcome);
            _trace?.SetTag("akkachat.outcome", outcome).Dispose();
            if (Command.Files.Count > 0 && reply is RoomProtocol.Nack
                {
                    Code: NackCode.NotFound or NackCode.Forbidden or NackCode.Invalid or NackCode.TooLarge or NackCode.Archived or NackCode.IdempotencyConflict,
                } refusal)
            {
                _ = _attachments.ReleaseAsync(Command, isConflict: refusal.Code == NackCode.IdempotencyConflict);
            }

            if (reply is RoomProtocol.Nack { Code: NackCode.NotFound })
            {
                _limits.CountUnknownRoom(_call.User);
            }

            switch (reply)
            {
                case RoomProtocol.PostAck ack:
                    var message = new MessageId(Command.Room, ack.Seq);
                    var view = new SentView(ack.Seq, ack.N, message.ToString(), ack.Time, ack.Duplicate);
                    _call.Reply(id => ClientFrames.Reply(id, view));
                    break;
                case RoomProtocol.Nack nack when _call.Id is not null:
                    _call.Refuse(nack.Code.ToErrorCode(), nack.Message, nack.RetryAfter);
                    break;
                case RoomProtocol.Nack:
                    break;
                default:
                    throw new InvalidOperationException($"{reply.GetType().Name} does not answer a send.");
            }
        }
    }
}
