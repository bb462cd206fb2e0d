using AkkaChat.Persistence.Settings;
using Microsoft.Extensions.Options;

namespace AkkaChat.Persistence.Objects;

/// <summary>Which object store the node uses. Read from <c>AkkaChat:Objects</c>.</summary>
public sealed class ObjectStoreOptions
{
    public const string SectionName = "AkkaChat:Objects";

    /// <summary><c>disk</c> (a folder) or <c>s3</c> (anything with Amazon's S3 API). Default: disk.</summary>
    public string Store { get; set; } = "disk";

    /// <summary>
    /// The folder of the disk store, which all edges of a cluster must share. Default: none, which means <c>objects</c> in the data folder.
    /// </summary>
    public string? Folder { get; set; }

    internal bool IsS3 => string.Equals(Store, "s3", StringComparison.OrdinalIgnoreCase);

    /// <summary>The folder of the disk store; null where files are elsewhere.</summary>
    internal string? FolderBelow(string dataFolder) =>
        IsS3 ? null : Path.GetFullPath(Folder is { Length: > 0 } folder ? folder : Path.Combine(dataFolder, "objects"));
}

internal sealed class ObjectStoreOptionsValidator : IValidateOptions<ObjectStoreOptions>
{
    public ValidateOptionsResult Validate(string? name, ObjectStoreOptions options) => new SettingRules(ObjectStoreOptions.SectionName)
        .Require(
            options.IsS3 || string.Equals(options.Store, "disk", StringComparison.OrdinalIgnoreCase), nameof(options.Store), "'disk' or 's3'")
        .ToResult();
}

/// <summary>An S3-compatible store, such as Amazon S3, Cloudflare R2 or MinIO. Read from <c>AkkaChat:S3</c>.</summary>
public sealed class S3Options
{
    public const string SectionName = "AkkaChat:S3";

    /// <summary>
    /// The service's URL, as in <c>https://ACCOUNT.r2.cloudflarestorage.com</c>. Required with the store <c>s3</c>. Default: none.
    /// </summary>
    public string? Endpoint { get; set; }

    /// <summary>The region that requests are signed for; <c>auto</c> with R2. Default: us-east-1.</summary>
    public string Region { get; set; } = "us-east-1";

    /// <summary>An existing bucket. Required with the store <c>s3</c>. Default: none.</summary>
    public string? Bucket { get; set; }

    /// <summary>
    /// The id of an access key that may read, write, list and delete in the bucket. Required with <c>s3</c>. Default: none.
    /// </summary>
    public string? AccessKey { get; set; }

    /// <summary>The secret of the access key. Required with the store <c>s3</c>. Default: none.</summary>
    public string? SecretKey { get; set; }

    /// <summary>
    /// Whether the bucket is part of the path (<c>https://host/bucket/key</c>) and not of the host. Default: true, which every service
    /// understands.
    /// </summary>
    public bool PathStyle { get; set; } = true;

    /// <summary>
    /// Whether browsers get files from the service itself, at presigned URLs. Default: true. False: the edges serve them, for a service that
    /// browsers cannot reach.
    /// </summary>
    public bool Presign { get; set; } = true;

    /// <summary>How long one request to the service may take. Default: 60 s.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(60);
}

/// <summary>The required settings of the store <c>s3</c>.</summary>
internal sealed class S3OptionsValidator(IOptions<ObjectStoreOptions> store) : IValidateOptions<S3Options>
{
    public ValidateOptionsResult Validate(string? name, S3Options options)
    {
        var isUsed = store.ValueIfValid()?.IsS3 == true;
        return new SettingRules(S3Options.SectionName)
            .Require(!isUsed || IsEndpoint(options.Endpoint), nameof(options.Endpoint), "the http(s) URL of the service, with the store 's3'")
            .Require(!isUsed || IsSet(options.Bucket), nameof(options.Bucket), "set with the store 's3'")
            .Require(!isUsed || IsSet(options.AccessKey), nameof(options.AccessKey), "set with the store 's3'")
            .Require(!isUsed || IsSet(options.SecretKey), nameof(options.SecretKey), "set with the store 's3'")
            .Require(IsSet(options.Region), nameof(options.Region), "the name of a region, or 'auto'")
            .RequireRange(options.Timeout, nameof(options.Timeout), TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10))
            .ToResult();
    }

    private static bool IsSet(string? value) => !string.IsNullOrWhiteSpace(value);

    private static bool IsEndpoint(string? value) =>
        Uri.TryCreate(value, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps);
}
