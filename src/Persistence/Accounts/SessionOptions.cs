using AkkaChat.Persistence.Settings;
using Microsoft.Extensions.Options;

namespace AkkaChat.Persistence.Accounts;

/// <summary>How long logins last. The edge's token and limit options are read from the same section.</summary>
public sealed class SessionOptions
{
    public const string SectionName = "AkkaChat:Auth";

    /// <summary>How long an unused session lives; each refresh restarts the period. Default: 30 days.</summary>
    public TimeSpan RefreshTokenLifetime { get; set; } = TimeSpan.FromDays(30);

    /// <summary>Maximum lifetime of a session, even when it is used. Default: 180 days.</summary>
    public TimeSpan SessionLifetime { get; set; } = TimeSpan.FromDays(180);

    /// <summary>How long a rotated refresh token is still accepted, for parallel tabs and lost responses. Default: 10 s.</summary>
    public TimeSpan RotationGrace { get; set; } = TimeSpan.FromSeconds(10);
}

public sealed class SessionOptionsValidator : IValidateOptions<SessionOptions>
{
    public ValidateOptionsResult Validate(string? name, SessionOptions options) => new SettingRules(SessionOptions.SectionName)
        .RequireRange(options.RefreshTokenLifetime, nameof(options.RefreshTokenLifetime), TimeSpan.FromMinutes(1), TimeSpan.FromDays(365))
        .RequireRange(options.SessionLifetime, nameof(options.SessionLifetime), options.RefreshTokenLifetime, TimeSpan.FromDays(3650))
        .RequireRange(options.RotationGrace, nameof(options.RotationGrace), TimeSpan.Zero, TimeSpan.FromMinutes(1))
        .ToResult();
}
