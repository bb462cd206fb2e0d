namespace AkkaChat.Persistence.Presence;

/// <summary>Where presence is shared between edges. Read from <c>AkkaChat:Presence</c>.</summary>
public sealed class PresenceOptions
{
    public const string SectionName = "AkkaChat:Presence";

    /// <summary>
    /// A StackExchange.Redis connection string, as in <c>127.0.0.1:6379</c>. Null, the default: presence is kept in memory, which is right
    /// for one process; several edges without it say <c>unknown</c>.
    /// </summary>
    public string? Redis { get; set; }
}
