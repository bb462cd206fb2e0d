namespace AkkaChat.Messages.Ids;

/// <summary>An account's id: <c>u_</c> and 32 hex digits of a UUIDv7. Opaque to everyone but its maker.</summary>
public readonly record struct UserId(string Value)
{
    public const string Prefix = "u_";

    public static UserId New(TimeProvider time) => new(Prefix + Guid.CreateVersion7(time.GetUtcNow()).ToString("N"));

    public override string ToString() => Value ?? string.Empty;
}
