using AkkaChat.Messages.Rooms;
using static AkkaChat.Messages.Rooms.RoomProtocol;

namespace AkkaChat.Cluster.Rooms;

/// <summary>
/// Replies that are not in the room's own list but in a thread under one of its messages, the root. The room knows no threads: it only checks that
/// the root can have replies. Whoever reads the room counts them.
/// </summary>
public sealed partial record RoomState
{
    /// <summary>
    /// Whether a message for a thread can be decided only once <see cref="Recall"/> has been given what the log knows of the thread's root. A retry
    /// of a stored message can be answered without.
    /// </summary>
    public bool NeedsRoot(PostMessage command) =>
        command.ThreadSeq != 0 && Exists && Members.ContainsKey(command.Author.Id) && IsPast(command.ThreadSeq)
        && Messages.Find(command.ThreadSeq) is null && Seen.Find(command.Author.Id, command.ClientId) is null;

    private Decision? RefuseThread(PostMessage command) => command.ThreadSeq == 0 ? null : Messages.Find(command.ThreadSeq) switch
    {
        null => Decision.Refuse(NackCode.Invalid, "d.thread is not a message of this room."),
        { ThreadSeq: not 0 } => Decision.Refuse(NackCode.Invalid, "d.thread is itself a reply in a thread."),
        { IsDeleted: true } => Decision.Refuse(NackCode.NotFound, "The message that d.thread names is deleted."),
        _ => null,
    };
}
