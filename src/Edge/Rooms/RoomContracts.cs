using AkkaChat.Messages.Client;

namespace AkkaChat.Edge.Rooms;

/// <param name="Visibility"><c>public</c> or <c>private</c>.</param>
public sealed record CreateRoomRequest(string? Name, string? Topic, string? Visibility);

public sealed record ListView<T>(IReadOnlyList<T> Items, string? NextCursor);

/// <param name="Online">Null where presence is unknown.</param>
public sealed record MemberView(UserView User, string Role, bool? Online, DateTimeOffset JoinedAt);

public sealed record MessagePageView(IReadOnlyList<MessageView> Items, HeadView Head);
