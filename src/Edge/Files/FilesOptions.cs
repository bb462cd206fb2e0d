using AkkaChat.Persistence.Files;
using Microsoft.Extensions.Options;

namespace AkkaChat.Edge.Files;

/// <summary>What may be uploaded, and how files are served. Read from <c>AkkaChat:Files</c>.</summary>
public sealed class FilesOptions
{
    public const string SectionName = "AkkaChat:Files";

    /// <summary>The largest file, in bytes. Default: 104857600 (100 MiB).</summary>
    public long MaxBytes { get; set; } = 100 * 1024 * 1024;

    /// <summary>The largest file of an avatar or a room's picture, in bytes. Default: 10485760 (10 MiB).</summary>
    public long MaxPictureBytes { get; set; } = 10 * 1024 * 1024;

    /// <summary>The space for all files of one user, in bytes. Default: 5368709120 (5 GiB).</summary>
    public long QuotaBytes { get; set; } = 5L * 1024 * 1024 * 1024;

    /// <summary>The most unattached files of a user, finished or not. Default: 50.</summary>
    public int MaxUnattached { get; set; } = 50;

    /// <summary>The types that may be uploaded, as in <c>image/*</c> or <c>application/pdf</c>. Default: none, which means any.</summary>
    public IList<string> AllowedTypes { get; } = [];

    /// <summary>How long an idle upload or an unattached file is kept. Default: 1 day.</summary>
    public TimeSpan Lifetime { get; set; } = TimeSpan.FromDays(1);

    /// <summary>
    /// The most uploads that a node receives at once; more get <c>busy</c>. Each takes up to 5 MiB of memory. Default: 32.
    /// </summary>
    public int MaxConcurrentUploads { get; set; } = 32;

    /// <summary>How long the URL of a file's content is valid. Default: 5 minutes.</summary>
    public TimeSpan UrlLifetime { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How often expired uploads and files are removed. Default: 10 minutes.</summary>
    public TimeSpan SweepInterval { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Whether a file of the type may be uploaded for this: one that goes with a message is of the <see cref="AllowedTypes"/>.</summary>
    public bool Allows(FilePurpose purpose, string type) => purpose == FilePurpose.Message ? Allows(type) : ContentTypes.IsImage(type);

    public long MaxBytesOf(FilePurpose purpose) => purpose == FilePurpose.Message ? MaxBytes : Math.Min(MaxPictureBytes, MaxBytes);

    private bool Allows(string type) => AllowedTypes.Count == 0 || AllowedTypes.Any(allowed => allowed.EndsWith("/*", StringComparison.Ordinal)
        ? type.StartsWith(allowed[..^1], StringComparison.OrdinalIgnoreCase)
        : type.Equals(allowed, StringComparison.OrdinalIgnoreCase));
}

internal sealed class FilesOptionsValidator : IValidateOptions<FilesOptions>
{
    /// <summary>The most that fits the 10,000 parts of a multipart upload.</summary>
    private const long MostBytes = 40L * 1024 * 1024 * 1024;

    public ValidateOptionsResult Validate(string? name, FilesOptions options)
    {
        var rules = new SettingRules(FilesOptions.SectionName)
            .RequireRange(options.MaxBytes, nameof(options.MaxBytes), 1, MostBytes)
            .RequireRange(options.MaxPictureBytes, nameof(options.MaxPictureBytes), 10_000, 32 * 1024 * 1024)
            .Require(options.QuotaBytes >= options.MaxBytes, nameof(options.QuotaBytes), $"at least {nameof(options.MaxBytes)}")
            .RequireRange(options.MaxUnattached, nameof(options.MaxUnattached), 10, 10_000)
            .RequireRange(options.Lifetime, nameof(options.Lifetime), TimeSpan.FromMinutes(1), TimeSpan.FromDays(30))
            .RequireRange(options.MaxConcurrentUploads, nameof(options.MaxConcurrentUploads), 1, 1_000)
            .RequireRange(options.UrlLifetime, nameof(options.UrlLifetime), TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5))
            .RequireRange(options.SweepInterval, nameof(options.SweepInterval), TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
        foreach (var (type, i) in options.AllowedTypes.Select((type, i) => (type, i)))
        {
            var isType = type.Split('/') is [{ Length: > 0 } kind, { Length: > 0 } sub] && kind != "*" && (sub == "*" || !sub.Contains('*', StringComparison.Ordinal));
            rules.Require(isType, $"{nameof(options.AllowedTypes)}:{i}", "a media type, as in image/* or application/pdf");
        }

        return rules.ToResult();
    }
}
