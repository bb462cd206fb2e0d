using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AkkaChat.Messages.Client;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;

namespace AkkaChat.Edge.Ops;

/// <summary>The connection on which an op is called.</summary>
internal interface IOpSession
{
    /// <summary>The user that hello authenticated.</summary>
    UserRef User { get; }

    /// <summary>Per-connection state of the features.</summary>
    OpState State { get; }

    /// <summary>Signalled when the connection is closing.</summary>
    CancellationToken Ended { get; }

    void Send(ReadOnlyMemory<byte> frame);

    /// <summary>Waits until the reader has room for it: for long answers.</summary>
    ValueTask SendWhenRoomAsync(ReadOnlyMemory<byte> frame);
}

/// <summary>Per-connection state of the features, by type. Used only by the connection's read loop.</summary>
internal sealed class OpState
{
    // A few parts at most, and every idle socket holds it.
    private object[] _parts = [];

    public void Add<T>(T part)
        where T : class => _parts = [.. _parts, part];

    public T Get<T>()
        where T : class => Find<T>() ?? throw new InvalidOperationException($"The connection has no {typeof(T).Name}.");

    public T GetOrAdd<T>(Func<T> make)
        where T : class
    {
        if (Find<T>() is { } existing)
        {
            return existing;
        }

        var part = make();
        Add(part);
        return part;
    }

    private T? Find<T>()
        where T : class
    {
        foreach (var part in _parts)
        {
            if (part is T found)
            {
                return found;
            }
        }

        return null;
    }
}

/// <summary>One request being carried out. Its <c>d</c> can be read until the op's task ends; the answer may come later.</summary>
/// <param name="Room">The room that the request names, if its op needs one.</param>
internal readonly record struct OpCall(IOpSession Session, ClientRequest Request, RoomId Room)
{
    public string? Id => Request.Id;

    public UserId User => Session.User.Id;

    /// <summary>The request's <c>d</c>; null if there is none.</summary>
    /// <exception cref="JsonException">It is not of this type; the session answers that.</exception>
    public T? Read<T>(JsonTypeInfo<T> type)
        where T : class =>
        Request.Data.IsEmpty ? null : JsonSerializer.Deserialize(Request.Data.Span, type);

    /// <summary>Answers, if the client wants an answer.</summary>
    public void Reply(Func<string, byte[]> frame)
    {
        if (Request.Id is { } id)
        {
            Session.Send(frame(id));
        }
    }

    public void Done() => Reply(ClientFrames.Done);

    public void Refuse(ErrorCode code, string message, TimeSpan retryAfter = default) =>
        Session.Send(ClientFrames.Error(Request.Id, code, message, retryAfter));
}
