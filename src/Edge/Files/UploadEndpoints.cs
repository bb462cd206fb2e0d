using System.Globalization;
using AkkaChat.Edge.Accounts;
using AkkaChat.Edge.Http;
using AkkaChat.Edge.Rooms;
using AkkaChat.Messages.Client;
using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.Files;
using Microsoft.Extensions.Options;

namespace AkkaChat.Edge.Files;

/// <summary>Uploads over tus 1.0.0. Only its owner can see an upload; for anyone else it does not exist.</summary>
internal static class UploadEndpoints
{
    private const string Path = "/api/uploads";

    public static void MapUploads(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapMethods(Path, [HttpMethods.Options], Describe).AllowAnonymous().ExcludeFromDescription();
        var uploads = endpoints.MapGroup(Path).RequireAuthorization().WithTags("Files").AddEndpointFilter(CheckVersionAsync);
        uploads.MapPost("/", CreateAsync).WithName("CreateUpload").WithSummary("Begin an upload (tus 1.0.0)")
            .Produces(StatusCodes.Status201Created).ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status412PreconditionFailed).ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType);
        uploads.MapMethods("/{id}", [HttpMethods.Head], StatusAsync).WithName("GetUpload").WithSummary("How many bytes are durable")
            .Produces(StatusCodes.Status200OK).ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType).ProducesProblem(StatusCodes.Status423Locked);
        uploads.MapPatch("/{id}", AppendAsync).WithName("AppendToUpload").WithSummary("Add bytes at the offset")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status415UnsupportedMediaType)
            .ProducesProblem(StatusCodes.Status423Locked).ProducesProblem(TusProtocol.ChecksumMismatch);
        uploads.MapDelete("/{id}", RemoveAsync).WithName("DeleteUpload").WithSummary("Delete an upload, or a file that is attached to no message")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict);
    }

    private static IResult Describe(HttpContext context, IOptions<FilesOptions> options)
    {
        var headers = context.Response.Headers;
        headers["Tus-Resumable"] = TusProtocol.Version;
        headers["Tus-Version"] = TusProtocol.Version;
        headers["Tus-Extension"] = TusProtocol.Extensions;
        headers["Tus-Checksum-Algorithm"] = TusProtocol.ChecksumAlgorithms;
        headers["Tus-Max-Size"] = Text(options.Value.MaxBytes);
        return Results.NoContent();
    }

    private static ValueTask<object?> CheckVersionAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        var context = invocation.HttpContext;
        context.Response.Headers["Tus-Resumable"] = TusProtocol.Version;
        context.Response.Headers.CacheControl = "no-store";
        if (context.Request.Headers["Tus-Resumable"] == TusProtocol.Version)
        {
            return next(invocation);
        }

        context.Response.Headers["Tus-Version"] = TusProtocol.Version;
        return ValueTask.FromResult<object?>(Problems.Of(
            StatusCodes.Status412PreconditionFailed, ProblemCodes.UnsupportedVersion, $"Tus-Resumable must be {TusProtocol.Version}."));
    }

    private static async Task<IResult> CreateAsync(
        HttpContext context, RoomAccess access, UploadStore uploads, UploadSteps steps, IOptions<FilesOptions> options, TimeProvider time,
        CancellationToken cancellationToken)
    {
        if (UploadRequest.Read(context.Request.Headers, options.Value, out var refusal) is not { } request)
        {
            return refusal!;
        }

        var hasBody = context.Request.ContentLength is > 0 || context.Request.ContentType is not null;
        if (hasBody && context.Request.ContentType != TusProtocol.ContentType)
        {
            return WrongContentType();
        }

        var user = context.GetUser().Id;
        if (await CheckAsync(request.Purpose, request.Room, user, access, cancellationToken) is { } refused)
        {
            return refused.Code == ErrorCode.NotFound ? Problems.NotFound(refused.Message) : Problems.Forbidden(refused.Message);
        }

        var id = FileId.New(time);
        var admission = await uploads.CreateAsync(
            new NewUpload(id, request.Purpose, request.Room, user, request.Name, request.Type, request.Length),
            new UploadLimits(options.Value.QuotaBytes, options.Value.MaxUnattached),
            options.Value.Lifetime,
            cancellationToken);
        if (Refuse(admission, options.Value) is { } full)
        {
            return full;
        }

        context.Response.Headers.Location = $"{Path}/{id.Value}";
        if (hasBody || request.Length == 0)
        {
            return await steps.AppendAsync(context, id, offset: 0, StatusCodes.Status201Created);
        }

        SetExpiry(context, time.GetUtcNow() + options.Value.Lifetime);
        return Results.StatusCode(StatusCodes.Status201Created);
    }

    private static async Task<IResult> StatusAsync(
        HttpContext context, string id, UploadStore uploads, UploadSteps steps, CancellationToken cancellationToken)
    {
        if (await FindAsync(context, id, uploads, cancellationToken) is not { } file)
        {
            return NoSuchUpload();
        }

        // The last request broke off after all bytes were written. The client sends no other: for it, the upload is complete.
        if (file.State == FileState.Uploading && file.Received == file.Size && await steps.CompleteAsync(file.Id, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        var headers = context.Response.Headers;
        headers["Upload-Offset"] = Text(file.Received);
        headers["Upload-Length"] = Text(file.Size);
        headers["Upload-Metadata"] = file.Purpose == FilePurpose.Message
            ? TusProtocol.Metadata(("filename", file.Name), ("filetype", file.DeclaredType), ("room", file.Room.Value))
            : TusProtocol.Metadata(
                ("filename", file.Name), ("filetype", file.DeclaredType), ("room", file.Room.Value), ("purpose", UploadRequest.WireName(file.Purpose)));
        if (file.Received < file.Size)
        {
            SetExpiry(context, file.ExpiresAt);
        }

        return Results.Ok();
    }

    private static async Task<IResult> AppendAsync(
        HttpContext context, string id, RoomAccess access, UploadStore uploads, UploadSteps steps, CancellationToken cancellationToken)
    {
        if (context.Request.ContentType != TusProtocol.ContentType)
        {
            return WrongContentType();
        }

        if (TusProtocol.Number(context.Request.Headers["Upload-Offset"]) is not { } offset)
        {
            return Problems.Invalid(new Dictionary<string, string[]> { ["Upload-Offset"] = ["Upload-Offset must be a whole number of bytes."] });
        }

        // The user may have left the room since.
        return await FindAsync(context, id, uploads, cancellationToken) is { } file
               && await CheckAsync(file.Purpose, file.Room, file.Owner, access, cancellationToken) is null
            ? await steps.AppendAsync(context, file.Id, offset, StatusCodes.Status204NoContent)
            : NoSuchUpload();
    }

    private static async Task<IResult> RemoveAsync(
        HttpContext context, string id, UploadStore uploads, FileCollector collector, CancellationToken cancellationToken)
    {
        if (await FindAsync(context, id, uploads, cancellationToken) is not { } file)
        {
            return NoSuchUpload();
        }

        if (await uploads.RemoveAsync(file.Id, cancellationToken))
        {
            await collector.RemoveAsync(file, cancellationToken);
            return Results.NoContent();
        }

        return Problems.Of(StatusCodes.Status409Conflict, ProblemCodes.Attached, "A message carries this file.");
    }

    private static async Task<StoredFile?> FindAsync(HttpContext context, string id, UploadStore uploads, CancellationToken cancellationToken) =>
        FileId.TryParse(id, out var file) && await uploads.FindAsync(file, cancellationToken) is { } found && found.Owner == context.GetUser().Id
            ? found
            : null;

    /// <summary>Whether the user may upload a file for this. Null: they may.</summary>
    private static async Task<AccessRefusal?> CheckAsync(
        FilePurpose purpose, RoomId room, UserId user, RoomAccess access, CancellationToken cancellationToken) => purpose switch
    {
        FilePurpose.Avatar => null,
        FilePurpose.RoomPicture => await access.CheckAdminAsync(room, user, cancellationToken),
        _ => await access.CheckAsync(room, user, cancellationToken),
    };

    private static IResult? Refuse(UploadAdmission admission, FilesOptions options) => admission switch
    {
        UploadAdmission.OverQuota => Problems.Of(
            StatusCodes.Status413PayloadTooLarge, ProblemCodes.QuotaExceeded, $"Your files may take {options.QuotaBytes} bytes in all."),
        UploadAdmission.TooMany => Problems.Of(
            StatusCodes.Status429TooManyRequests,
            ProblemCodes.TooManyUploads,
            $"You may have {options.MaxUnattached} files that were not sent with a message; send or delete some."),
        _ => null,
    };

    internal static void SetExpiry(HttpContext context, DateTimeOffset expires) =>
        context.Response.Headers["Upload-Expires"] = expires.ToString("R", CultureInfo.InvariantCulture);

    internal static IResult NoSuchUpload() => Problems.NotFound("There is no such upload.");

    private static IResult WrongContentType() => Problems.Of(
        StatusCodes.Status415UnsupportedMediaType, ProblemCodes.Invalid, $"The content type must be {TusProtocol.ContentType}.");

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
