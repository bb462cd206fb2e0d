using System.Data.Common;
using System.Globalization;
using AkkaChat.Edge.Http;
using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.Files;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace AkkaChat.Edge.Files;

/// <summary>The steps of a request on an upload whose lease it holds.</summary>
internal sealed class UploadSteps(
    UploadStore uploads, UploadWriter writer, UploadCompletion completion, IOptions<FilesOptions> options, TimeProvider time)
    : IDisposable
{
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LeasePoll = TimeSpan.FromMilliseconds(250);

    /// <summary>Slightly longer than a lease that is not renewed.</summary>
    private static readonly TimeSpan LeaseWait = UploadWriter.Lease + (2 * LeasePoll);

    private readonly SemaphoreSlim _slots = new(options.Value.MaxConcurrentUploads);

    /// <summary>
    /// Appends the request's body at <paramref name="offset"/>, and completes the upload if it has all its bytes. Not cancelled when the
    /// connection breaks: the bytes received are kept.
    /// </summary>
    public async Task<IResult> AppendAsync(HttpContext context, FileId id, long offset, int status)
    {
        var cancellationToken = CancellationToken.None;
        TusChecksum? checksum = null;
        if (context.Request.Headers.TryGetValue("Upload-Checksum", out var header) && (checksum = TusChecksum.Parse(header.ToString())) is null)
        {
            return Problems.Invalid(new Dictionary<string, string[]>
            {
                ["Upload-Checksum"] = [$"Upload-Checksum must be an algorithm ({TusProtocol.ChecksumAlgorithms}) and a digest in base64."],
            });
        }

        return await LeaseAsync(id, context.RequestAborted) is { } lease
            ? await WithLeaseAsync(lease, () => AppendAsync(context, lease, offset, checksum, status))
            : await RefuseAsync(id, cancellationToken);
    }

    /// <summary>Completes an upload that has all its bytes.</summary>
    /// <returns>Why it could not be completed, now or ever; null when it is a file.</returns>
    public async Task<IResult?> CompleteAsync(FileId id, CancellationToken cancellationToken) =>
        await uploads.TryLeaseAsync(id, UploadWriter.Lease, cancellationToken) is { } lease
            ? await WithLeaseAsync(lease, () => CompleteAsync(lease, cancellationToken))
            : await uploads.FindAsync(id, cancellationToken) switch
            {
                null => UploadEndpoints.NoSuchUpload(),
                { State: FileState.Uploading } => Problems.Locked(Retry),
                _ => null,
            };

    public void Dispose() => _slots.Dispose();

    /// <summary>
    /// Takes the lease. Waits for the lease of a request that ended without releasing it, as on a killed node: after a refusal the client would
    /// send a body that nobody reads, once for each attempt.
    /// </summary>
    /// <returns>Null if another request is writing, or there is nothing to write.</returns>
    private async Task<UploadLease?> LeaseAsync(FileId id, CancellationToken aborted)
    {
        for (var started = time.GetTimestamp(); ;)
        {
            if (await uploads.TryLeaseAsync(id, UploadWriter.Lease, CancellationToken.None) is { } lease)
            {
                return lease;
            }

            if (aborted.IsCancellationRequested
                || time.GetElapsedTime(started) > LeaseWait
                || await uploads.FindAsync(id, CancellationToken.None) is not { State: FileState.Uploading })
            {
                return null;
            }

            await Task.Delay(LeasePoll, time, aborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<IResult> AppendAsync(HttpContext context, UploadLease lease, long offset, TusChecksum? checksum, int status)
    {
        if (!await _slots.WaitAsync(TimeSpan.Zero))
        {
            return Problems.Busy(Retry);
        }

        try
        {
            return await AppendAsync(context, lease, offset, checksum, status, CancellationToken.None);
        }
        finally
        {
            _slots.Release();
        }
    }

    private async Task<IResult> AppendAsync(
        HttpContext context, UploadLease lease, long offset, TusChecksum? checksum, int status, CancellationToken cancellationToken)
    {
        var file = lease.File;
        if (file.Received != offset)
        {
            context.Response.Headers["Upload-Offset"] = file.Received.ToString(CultureInfo.InvariantCulture);
            return Problems.Of(StatusCodes.Status409Conflict, ProblemCodes.OffsetMismatch, $"The upload has {file.Received} bytes.");
        }

        var left = file.Size - file.Received;
        if (context.Request.ContentLength > left)
        {
            return TooLong(left);
        }

        // The writer limits the bytes. Kestrel's limit is meant for ordinary bodies, and counts the framing of chunks too.
        context.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = null;
        var result = await writer.WriteAsync(lease, context.Request.Body, checksum, cancellationToken);
        var refusal = result.Outcome == WriteOutcome.Written && result.Received == file.Size
            ? await CompleteAsync(lease, cancellationToken)
            : await RefuseAsync(result.Outcome, lease, left, cancellationToken);
        if (refusal is not null)
        {
            return refusal;
        }

        if (result.Received < file.Size)
        {
            UploadEndpoints.SetExpiry(context, time.GetUtcNow() + options.Value.Lifetime);
        }

        context.Response.Headers["Upload-Offset"] = result.Received.ToString(CultureInfo.InvariantCulture);
        return Results.StatusCode(status);
    }

    /// <returns>Why it did not become a file; null if it did.</returns>
    private async Task<IResult?> CompleteAsync(UploadLease lease, CancellationToken cancellationToken)
    {
        // The state that the writer recorded.
        var file = await uploads.FindAsync(lease.File.Id, cancellationToken);
        var outcome = file is null ? CompletionOutcome.LeaseLost : await KeepAsync(lease, completion.CompleteAsync(file, lease.Name, cancellationToken));
        switch (outcome)
        {
            case CompletionOutcome.Completed:
                return null;
            case CompletionOutcome.TypeNotAllowed:
                await uploads.RefuseAsync(lease.File.Id, lease.Name, cancellationToken);
                return UploadRequest.TypeNotAllowed();
            case CompletionOutcome.BadImage:
                await uploads.RefuseAsync(lease.File.Id, lease.Name, cancellationToken);
                return Problems.Of(
                    StatusCodes.Status415UnsupportedMediaType, ProblemCodes.BadImage, "The image is damaged, or has too many pixels.");
            case CompletionOutcome.Broken:
                await uploads.RefuseAsync(lease.File.Id, lease.Name, cancellationToken);
                return UploadEndpoints.NoSuchUpload();
            default:
                return Problems.Locked(Retry);
        }
    }

    /// <summary>Renews the lease during a slow step, such as joining many parts.</summary>
    private async Task<T> KeepAsync<T>(UploadLease lease, Task<T> step)
    {
        while (await Task.WhenAny(step, Task.Delay(UploadWriter.Lease / 3, time)) != step)
        {
            try
            {
                await uploads.RenewAsync(lease.File.Id, lease.Name, UploadWriter.Lease, CancellationToken.None);
            }
            catch (Exception e) when (e is DbException or TimeoutException)
            {
                // If it expires, recording the step fails.
            }
        }

        return await step;
    }

    private async Task<IResult?> RefuseAsync(WriteOutcome outcome, UploadLease lease, long left, CancellationToken cancellationToken)
    {
        switch (outcome)
        {
            case WriteOutcome.Written:
                return null;
            case WriteOutcome.TooLong:
                return TooLong(left);
            case WriteOutcome.TooLongForChecksum:
                return Problems.Of(
                    StatusCodes.Status413PayloadTooLarge,
                    ProblemCodes.TooLarge,
                    $"A request with a checksum may have at most {TusProtocol.MaxChecksummedBytes} bytes.");
            case WriteOutcome.WrongChecksum:
                return Problems.Of(TusProtocol.ChecksumMismatch, ProblemCodes.ChecksumMismatch, "The bytes do not match the checksum; none was kept.");
            case WriteOutcome.TypeNotAllowed:
                await uploads.RefuseAsync(lease.File.Id, lease.Name, cancellationToken);
                return UploadRequest.TypeNotAllowed();
            default:
                return Problems.Locked(Retry);
        }
    }

    private async Task<IResult> RefuseAsync(FileId id, CancellationToken cancellationToken) =>
        await uploads.FindAsync(id, cancellationToken) switch
        {
            null => UploadEndpoints.NoSuchUpload(),
            { State: FileState.Uploading } => Problems.Locked(Retry),
            var complete => Problems.Of(
                StatusCodes.Status409Conflict, ProblemCodes.OffsetMismatch, $"The upload is complete: it has all of its {complete.Size} bytes."),
        };

    private async Task<T> WithLeaseAsync<T>(UploadLease lease, Func<Task<T>> act)
    {
        try
        {
            return await act();
        }
        finally
        {
            // In any case, so that the next request need not wait.
            await uploads.ReleaseAsync(lease.File.Id, lease.Name, CancellationToken.None);
        }
    }

    private static IResult TooLong(long left) =>
        Problems.Of(StatusCodes.Status413PayloadTooLarge, ProblemCodes.TooLarge, $"Only {left} bytes of the upload are missing.");
}
