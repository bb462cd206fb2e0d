using System.Text.Json.Serialization;

namespace AkkaChat.Chaos.Histories;

/// <summary>What one line of a client's history says.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Op>))]
public enum Op
{
    /// <summary>One attempt to send a message has begun.</summary>
    Invoke,

    /// <summary>The attempt was acknowledged.</summary>
    Ok,

    /// <summary>The attempt was refused: by it nothing was stored.</summary>
    Fail,

    /// <summary>The attempt's outcome is not known.</summary>
    Info,

    /// <summary>The user is not connected and begins to try; the attempts after it, until <see cref="Connect"/>, write nothing.</summary>
    Dial,

    /// <summary>A connection is synced: from here on it counts as online.</summary>
    Connect,

    /// <summary>A connection has ended; <see cref="Entry.Code"/> is <c>bye</c> where the client ended it.</summary>
    Close,

    /// <summary>A log begins (again) above <see cref="Entry.Seq"/>, by the room's digest, a reset, or a membership.</summary>
    Open,

    /// <summary>From the event after <see cref="Entry.Seq"/> on, the server delivers live on this connection.</summary>
    Attach,

    /// <summary>An event as it came live.</summary>
    Live,

    /// <summary>An event of the resumption.</summary>
    Resume,

    /// <summary>An event that the client pulled.</summary>
    Sync,

    /// <summary>The server said that live events up to <see cref="Entry.Seq"/> were withheld.</summary>
    Lagged,

    /// <summary>The server said that the user is not in the room any more.</summary>
    Removed,

    /// <summary>The user asks to leave, or has the owner remove it; <see cref="Entry.Code"/> says which. Nothing after <see cref="LeaveOk"/> may reach it.</summary>
    LeaveInvoke,

    LeaveOk,

    JoinInvoke,

    JoinOk,

    /// <summary>A join or leave whose outcome is not known.</summary>
    ChangeInfo,

    /// <summary>The answer to a question who is online in a room, asked at <see cref="Entry.Since"/>.</summary>
    Presence,

    /// <summary>The client stopped reading its socket.</summary>
    StallBegin,

    StallEnd,

    /// <summary>Where a connected member's log stood when everything had come to rest.</summary>
    Final,

    /// <summary>What the server did against the protocol, seen by the client itself.</summary>
    Breach,

    /// <summary>An upload of the file has begun: <see cref="Entry.Hash"/> is what its readers must get.</summary>
    UploadBegin,

    /// <summary>
    /// The server said that <see cref="Entry.Seq"/> bytes of the file are durable; -1: that there is no such upload, or can be none. <see cref="Entry.Since"/> is
    /// when it was asked.
    /// </summary>
    Offset,

    /// <summary>The upload is complete.</summary>
    Uploaded,

    /// <summary>The removal of a file that no message carries was asked for.</summary>
    DropInvoke,

    DropOk,

    /// <summary>
    /// The answer to a request for a file, made at <see cref="Entry.Since"/>: <see cref="Entry.Code"/> is <c>ok</c>, <c>not_found</c>,
    /// <c>processing</c>, <c>forbidden</c>, or what kept it from being answered.
    /// </summary>
    Fetch,

    /// <summary>
    /// The answer to a request for a room's newest messages, or for its events where <see cref="Entry.Form"/> names a way to them, made at
    /// <see cref="Entry.Since"/>; codes as with <see cref="Fetch"/>.
    /// </summary>
    Read,

    /// <summary>The link cards of the message at <see cref="Entry.Seq"/> were removed by its author.</summary>
    CardsRemoved,

    /// <summary>
    /// The message at <see cref="Entry.Seq"/> is to be changed: <see cref="Entry.Code"/> is <c>edit</c>, <c>delete</c> or <c>react</c>,
    /// <see cref="Entry.Hash"/> what it is to be.
    /// </summary>
    AlterInvoke,

    /// <summary>The change was acknowledged.</summary>
    AlterOk,

    /// <summary>The user asked to have <see cref="Entry.File"/> as the avatar, or none. Without <see cref="AvatarOk"/> the outcome is not known.</summary>
    AvatarInvoke,

    AvatarOk,

    /// <summary>
    /// What an edge (<see cref="Entry.Code"/>) says in the end: <see cref="Entry.Since"/> messages are unread above the number <see cref="Entry.Seq"/>, of the room
    /// or, where <see cref="Entry.Attempt"/> is the <c>seq</c> of a root, of its thread.
    /// </summary>
    Unread,
}

/// <summary>One line of a history. Times are microseconds of the machine's monotonic clock, the same for all its processes.</summary>
public sealed record Entry
{
    [JsonPropertyName("t")]
    public long Time { get; init; }

    [JsonPropertyName("op")]
    public Op Op { get; init; }

    /// <summary>The id of the client's user.</summary>
    [JsonPropertyName("u")]
    public string User { get; init; } = "";

    [JsonPropertyName("r")]
    public string? Room { get; init; }

    /// <summary>The client's connection, counted from 1.</summary>
    [JsonPropertyName("c")]
    public int Connection { get; init; }

    /// <summary>Ties an attempt to its outcome; unique per user.</summary>
    [JsonPropertyName("a")]
    public long Attempt { get; init; }

    [JsonPropertyName("cid")]
    public string? Cid { get; init; }

    /// <summary>Of the message's body.</summary>
    [JsonPropertyName("h")]
    public string? Hash { get; init; }

    [JsonPropertyName("seq")]
    public long Seq { get; init; }

    [JsonPropertyName("dup")]
    public bool Dup { get; init; }

    /// <summary>An error code, an edge, a presence state, a reason.</summary>
    [JsonPropertyName("x")]
    public string? Code { get; init; }

    /// <summary>Kind of the event: <see cref="EventKind"/>.</summary>
    [JsonPropertyName("ev")]
    public string? Event { get; init; }

    /// <summary>The author of a message, or whom a membership event is about.</summary>
    [JsonPropertyName("by")]
    public string? By { get; init; }

    /// <summary>Whether the client applied the event to its log.</summary>
    [JsonPropertyName("ap")]
    public bool Applied { get; init; }

    /// <summary>Size of a message in bytes.</summary>
    [JsonPropertyName("b")]
    public int Bytes { get; init; }

    [JsonPropertyName("since")]
    public long Since { get; init; }

    [JsonPropertyName("on")]
    public IReadOnlyList<string>? Online { get; init; }

    /// <summary>The id of a file.</summary>
    [JsonPropertyName("f")]
    public string? File { get; init; }

    /// <summary>
    /// In which form a file was asked for: <c>original</c>, <c>small</c>, <c>large</c>, or <c>kept</c>, at a URL from before; of an upload
    /// <c>avatar</c>, where it is to be one; of a look at a room's events <c>events</c> (REST) or <c>sync</c> (the socket).
    /// </summary>
    [JsonPropertyName("v")]
    public string? Form { get; init; }

    /// <summary>The files that a message is sent with, in their order, with blanks between.</summary>
    [JsonPropertyName("fs")]
    public string? Files { get; init; }

    /// <summary>The links in a message that is sent.</summary>
    [JsonPropertyName("ls")]
    public IReadOnlyList<string>? Links { get; init; }

    /// <summary>Of a page of messages, the <c>seq</c> of those that show link cards.</summary>
    [JsonPropertyName("sh")]
    public IReadOnlyList<long>? Shown { get; init; }
}
