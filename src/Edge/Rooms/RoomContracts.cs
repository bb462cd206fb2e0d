using System.Text.Json;
using System.Text.Json.Serialization;
using AkkaChat.Messages.Client;
using AkkaChat.Messages.Rooms;

namespace AkkaChat.Edge.Rooms;

/// <param name="Visibility"><c>public</c> or <c>private</c>.</param>
public sealed record CreateRoomRequest(string? Name, string? Topic, string? Visibility);

/// <summary>At least one of them.</summary>
/// <param name="Picture">A file; null: the room is to have none; absent: it stays.</param>
/// <param name="Visibility"><c>public</c> or <c>private</c>.</param>
public sealed record UpdateRoomRequest(string? Name, string? Topic, string? Visibility, bool? Archived, bool? LinkCards, JsonElement Picture)
{
    /// <summary>Fields that cannot be changed; named here so that they are refused instead of ignored.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Others { get; init; }
}

public sealed record ListView<T>(IReadOnlyList<T> Items, string? NextCursor);

/// <param name="Online">Null when presence is unknown.</param>
public sealed record MemberView(UserView User, string Role, bool? Online, DateTimeOffset JoinedAt);

/// <param name="Items">Frames of the WebSocket.</param>
public sealed record EventPageView(IReadOnlyList<JsonElement> Items, HeadView Head);

public sealed record MessagePageView(IReadOnlyList<MessageView> Items, HeadView Head);
