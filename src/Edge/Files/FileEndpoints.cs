using AkkaChat.Edge.Accounts;
using AkkaChat.Edge.Http;
using AkkaChat.Edge.Images;
using AkkaChat.Edge.Limits;
using AkkaChat.Edge.Rooms;
using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.Consumers;
using AkkaChat.Persistence.Files;
using AkkaChat.Persistence.Objects;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace AkkaChat.Edge.Files;

/// <summary>
/// Serves files. Each request is authorised and gets a URL of its own, which is valid for minutes and not stored: with S3 a presigned URL
/// of the service, else one of this server.
/// </summary>
internal static class FileEndpoints
{
    /// <summary>No scripts, plug-ins or requests, and an origin of its own: a file that is opened by itself can do nothing.</summary>
    private const string SandboxPolicy =
        "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox";

    /// <summary>Browsers do not show PDF in a sandbox; their viewers are sandboxes themselves.</summary>
    private const string PdfPolicy = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'";

    /// <summary>The store serves whoever has a URL of its own, also one who has left the room since: for no longer than this.</summary>
    private static readonly TimeSpan MostUnchecked = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan ProcessingTime = TimeSpan.FromSeconds(1);

    public static void MapFiles(this IEndpointRouteBuilder endpoints)
    {
        var files = endpoints.MapGroup("/api/files").WithTags("Files");
        files.MapGet("/{id}", FindAsync).RequireAuthorization().WithName("GetFile")
            .WithSummary("Where the file can be read for the next minutes; thumb=small or large: an image's thumbnail; download=1: to be saved")
            .Produces(StatusCodes.Status302Found).ProducesProblem(StatusCodes.Status404NotFound);
        files.MapGet("/{id}/content", ReadAsync).AllowAnonymous().WithName("ReadFile").WithSummary("The content, at a URL that GetFile gave")
            .Produces(StatusCodes.Status200OK).Produces(StatusCodes.Status206PartialContent).ProducesProblem(StatusCodes.Status403Forbidden);
    }

    private static async Task<IResult> FindAsync(
        HttpContext context,
        string id,
        [FromQuery] string? thumb,
        [FromQuery] int? download,
        FileAccess access,
        FileUrls urls,
        IObjectStore objects,
        IOptions<FilesOptions> options,
        ProcessingWatch processing,
        RequestLimits limits,
        CancellationToken cancellationToken)
    {
        context.Response.Headers.CacheControl = "private, no-store";
        var variant = thumb is null ? FileVariant.Original : FileVariants.Parse(thumb);
        if (variant is null || (thumb is not null && variant == FileVariant.Original))
        {
            return Problems.Invalid(new Dictionary<string, string[]> { ["thumb"] = ["thumb must be small or large."] });
        }

        if (!FileId.TryParse(id, out var file) || await access.FindAsync(file, context.GetUser().Id, cancellationToken) is not { } found)
        {
            return NoSuchFile();
        }

        if (thumb is not null && !ContentTypes.IsImage(found.Type))
        {
            return NoSuchFile();
        }

        if (found.Processing == FileProcessing.Waiting)
        {
            // An image element asks only once, and shows a refusal as an error.
            await processing.WaitAsync(file, cancellationToken);
            if (await access.FindAsync(file, context.GetUser().Id, cancellationToken) is not { } now)
            {
                return NoSuchFile();
            }

            found = now;
        }

        if (found.Processing != FileProcessing.Done)
        {
            return found.Processing == FileProcessing.Waiting ? Problems.Processing(ProcessingTime) : NoSuchFile();
        }

        if (found.Caching is { } caching)
        {
            return await limits.TryDownloadAsync(context, context.GetUser().Id)
                ?? await SendAsync(context, found, variant.Value, caching, objects, cancellationToken);
        }

        var lifetime = options.Value.UrlLifetime;
        var atTheStore = lifetime < MostUnchecked ? lifetime : MostUnchecked;
        var signed = objects.Sign(found.KeyOf(variant.Value), atTheStore, found.TypeOf(variant.Value), Disposition(found, download == 1));
        if (signed is not null)
        {
            return Results.Redirect(signed.AbsoluteUri);
        }

        // Not signed: anyone may choose to save a file instead of showing it.
        return Results.Redirect(urls.Sign(file, variant.Value, context.GetUser().Id, lifetime) + (download == 1 ? "&download=1" : ""));
    }

    private static async Task<IResult> ReadAsync(
        HttpContext context,
        string id,
        [FromQuery] string? variant,
        [FromQuery] string? user,
        [FromQuery] long? expires,
        [FromQuery] string? signature,
        [FromQuery] int? download,
        FileUrls urls,
        FileAccess access,
        IObjectStore objects,
        RequestLimits limits,
        CancellationToken cancellationToken)
    {
        context.Response.Headers.CacheControl = "private, no-store";
        if (!FileId.TryParse(id, out var file)
            || FileVariants.Parse(variant) is not { } form
            || !urls.IsValid(file, form, user ?? "", expires ?? 0, signature ?? ""))
        {
            return Problems.Forbidden("This URL is not good, or not any more. Ask for the file again.");
        }

        if (await limits.TryDownloadAsync(context, new UserId(user!)) is { } refusal)
        {
            return refusal;
        }

        // Users who have left the room since the URL was created may not see the file.
        if (await access.FindAsync(file, new UserId(user!), cancellationToken) is not { } found
            || await ObjectStream.OpenAsync(objects, found.KeyOf(form), cancellationToken) is not { } content)
        {
            return NoSuchFile();
        }

        var headers = context.Response.Headers;
        headers.ContentDisposition = Disposition(found, download == 1);
        headers.ContentSecurityPolicy = found.Type == "application/pdf" ? PdfPolicy : SandboxPolicy;
        return Results.Stream(content, found.TypeOf(form), enableRangeProcessing: true);
    }

    /// <summary>Pictures of people and rooms are small and many on a page: they are sent at once, and browsers keep them.</summary>
    private static async Task<IResult> SendAsync(
        HttpContext context, ServedFile picture, FileVariant variant, string caching, IObjectStore objects, CancellationToken cancellationToken)
    {
        var headers = context.Response.Headers;
        var tag = new EntityTagHeaderValue($"\"{picture.Id.Value}-{variant.WireName()}\"");
        headers.ContentSecurityPolicy = SandboxPolicy;
        if (context.Request.GetTypedHeaders().IfNoneMatch.Any(known => known.Compare(tag, useStrongComparison: false)))
        {
            headers.CacheControl = caching;
            headers.ETag = tag.ToString();
            return Results.StatusCode(StatusCodes.Status304NotModified);
        }

        if (await objects.OpenAsync(picture.KeyOf(variant), 0, null, cancellationToken) is not { } content)
        {
            return NoSuchFile();
        }

        headers.CacheControl = caching;
        return Results.Stream(content.Content, picture.TypeOf(variant), entityTag: tag);
    }

    /// <summary>By RFC 6266: the name in ASCII, and in UTF-8 for clients that support it.</summary>
    private static string Disposition(ServedFile file, bool isDownload)
    {
        var header = new ContentDispositionHeaderValue(ContentTypes.IsInline(file.Type) && !isDownload ? "inline" : "attachment");
        header.SetHttpFileName(file.Name);
        return header.ToString();
    }

    private static IResult NoSuchFile() => Problems.NotFound("There is no such file.");
}
