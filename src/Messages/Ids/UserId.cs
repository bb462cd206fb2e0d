namespace AkkaChat.Messages.Ids;

/// <summary>A user, as in <c>u_0190f2…</c>.</summary>
public readonly record struct UserId(string Value)
{
    public const string Prefix = "u_";

    public static UserId New(TimeProvider time) => new(OpaqueId.New(Prefix, time));

    public override string ToString() => Value;
}
