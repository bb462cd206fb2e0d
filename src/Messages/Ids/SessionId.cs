namespace AkkaChat.Messages.Ids;

/// <summary>A signed-in session: the family of refresh tokens that began with one login, as in <c>s_0190f2…</c>.</summary>
public readonly record struct SessionId(string Value)
{
    public const string Prefix = "s_";

    public static SessionId New(TimeProvider time) => new(OpaqueId.New(Prefix, time));

    public override string ToString() => Value;
}
