namespace AkkaChat.Messages.Ids;

/// <summary>A room, as in <c>r_0190f2…</c>.</summary>
public readonly record struct RoomId(string Value)
{
    public const string Prefix = "r_";

    public static RoomId New(TimeProvider time) => new(OpaqueId.New(Prefix, time));

    /// <summary>Parses an id given by a client; false when it is malformed.</summary>
    public static bool TryParse(string? value, out RoomId id)
    {
        id = OpaqueId.IsWellFormed(Prefix, value) ? new RoomId(value!) : default;
        return id.Value is not null;
    }

    public override string ToString() => Value;
}
