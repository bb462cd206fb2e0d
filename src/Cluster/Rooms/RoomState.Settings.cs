using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using static AkkaChat.Messages.Rooms.RoomProtocol;

namespace AkkaChat.Cluster.Rooms;

/// <summary>What the room is, and whether it is still there.</summary>
public sealed partial record RoomState
{
    /// <summary>Nobody writes in it any more; it is read as before.</summary>
    public bool Archived { get; private init; }

    /// <summary>Null unless the room is deleted: then it does not exist for anybody, and never will again.</summary>
    public UserId? DeletedBy { get; private init; }

    private Decision Process(ChangeTopic command, DateTimeOffset now) =>
        RefuseOther(command.By, MemberRole.Admin, "Only owners and admins may change the topic.")
        ?? (Topic == command.Topic ? Unchanged : Change(new RoomTopicChanged(Seq + 1, now, command.Topic, command.By)));

    private Decision Process(ChangeLinkCards command, DateTimeOffset now) =>
        RefuseOther(command.By, MemberRole.Admin, "Only owners and admins may turn link cards on or off.")
        ?? (LinkCards == command.LinkCards ? Unchanged : Change(new RoomLinkCardsChanged(Seq + 1, now, command.LinkCards, command.By)));

    private Decision Process(ChangePicture command, DateTimeOffset now) =>
        RefuseOther(command.By, MemberRole.Admin, "Only owners and admins may change the picture.")
        ?? (Picture == command.Picture ? Unchanged : Change(new RoomPictureChanged(Seq + 1, now, command.Picture, Picture, command.By)));

    private Decision Process(RenameRoom command, DateTimeOffset now) =>
        RefuseOther(command.By, MemberRole.Admin, "Only owners and admins may rename the room.")
        ?? (Name == command.Name ? Unchanged : Change(new RoomRenamed(Seq + 1, now, command.Name, command.By)));

    private Decision Process(ChangeVisibility command, DateTimeOffset now) =>
        RefuseOther(command.By, MemberRole.Owner, "Only owners may say who can find the room.")
        ?? (Visibility == command.Visibility ? Unchanged : Change(new RoomVisibilityChanged(Seq + 1, now, command.Visibility, command.By)));

    private Decision Process(ArchiveRoom command, DateTimeOffset now) =>
        RefuseOther(command.By, MemberRole.Owner, "Only owners may archive the room.")
        ?? (Archived == command.Archived ? Unchanged : Change(new RoomArchived(Seq + 1, now, command.Archived, command.By)));

    /// <summary>Whoever deleted it may ask again: the answer may have been lost.</summary>
    private Decision Process(DeleteRoom command, DateTimeOffset now) => DeletedBy is { } by && by == command.By.Id
        ? Unchanged
        : RefuseOther(command.By, MemberRole.Owner, "Only owners may delete the room.") ?? Change(new RoomDeleted(Seq + 1, now, command.By));

    private static Decision IsArchived => Decision.Refuse(NackCode.Archived, "The room is archived: nobody writes here any more.");

    private RoomState Apply(RoomDeleted e) => this with
    {
        Seq = e.Seq,
        DeletedBy = e.By.Id,
        Members = Members.Clear(),
        Usernames = Usernames.Clear(),
        Banned = Banned.Clear(),
        Pins = Pins.Clear(),
    };
}
