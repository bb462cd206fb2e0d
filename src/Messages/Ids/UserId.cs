namespace AkkaChat.Messages.Ids;

/// <summary>A user, as in <c>u_0190f2…</c>.</summary>
public readonly record struct UserId(string Value)
{
    public const string Prefix = "u_";

    public static UserId New(TimeProvider time) => new(OpaqueId.New(Prefix, time));

    /// <summary>Reads an id given by a client; false when it is malformed.</summary>
    public static bool TryParse(string? value, out UserId id)
    {
        id = OpaqueId.IsWellFormed(Prefix, value) ? new UserId(value!) : default;
        return id.Value is not null;
    }

    public override string ToString() => Value;
}
