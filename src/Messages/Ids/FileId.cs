namespace AkkaChat.Messages.Ids;

/// <summary>An uploaded file, as in <c>f_0190f2…</c>.</summary>
public readonly record struct FileId(string Value)
{
    public const string Prefix = "f_";

    public static FileId New(TimeProvider time) => new(OpaqueId.New(Prefix, time));

    /// <summary>Reads an id given by a client; false when it is malformed.</summary>
    public static bool TryParse(string? value, out FileId id)
    {
        id = OpaqueId.IsWellFormed(Prefix, value) ? new FileId(value!) : default;
        return id.Value is not null;
    }

    public override string ToString() => Value;
}
