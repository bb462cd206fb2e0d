namespace AkkaChat.Messages.Ids;

/// <summary>
/// One login on one device: <c>s_</c> and 32 hex digits of a UUIDv7. It is the family of that login's refresh tokens and the
/// <c>sid</c> claim of its access tokens, so ending it ends them all. It is an identifier, never a credential.
/// </summary>
public readonly record struct SessionId(string Value)
{
    public const string Prefix = "s_";

    public static SessionId New(TimeProvider time) => new(Prefix + Guid.CreateVersion7(time.GetUtcNow()).ToString("N"));

    public override string ToString() => Value ?? string.Empty;
}
