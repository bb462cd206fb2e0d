using Microsoft.Extensions.Options;

namespace AkkaChat.Edge.Images;

/// <summary>What images are decoded, and with how much of the machine. Read from <c>AkkaChat:Images</c>.</summary>
public sealed class ImageOptions
{
    public const string SectionName = "AkkaChat:Images";

    /// <summary>The largest image, in pixels; each takes four bytes while it is decoded, eight where the image has to be turned. Default: 50000000.</summary>
    public int MaxPixels { get; set; } = 50_000_000;

    /// <summary>The largest file of an image, in bytes. Default: 33554432 (32 MiB).</summary>
    public int MaxBytes { get; set; } = 32 * 1024 * 1024;

    /// <summary>Threads that decode, and so images at once. Default: 1.</summary>
    public int Threads { get; set; } = 1;
}

internal sealed class ImageOptionsValidator : IValidateOptions<ImageOptions>
{
    public ValidateOptionsResult Validate(string? name, ImageOptions options) => new SettingRules(ImageOptions.SectionName)
        .RequireRange(options.MaxPixels, nameof(options.MaxPixels), 10_000, 500_000_000)
        .RequireRange(options.MaxBytes, nameof(options.MaxBytes), 10_000, 512 * 1024 * 1024)
        .RequireRange(options.Threads, nameof(options.Threads), 1, 64)
        .ToResult();
}
