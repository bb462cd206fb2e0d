using System.Data.Common;
using System.Globalization;
using AkkaChat.Edge.Http;
using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.Files;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace AkkaChat.Edge.Files;

/// <summary>What a request does to an upload while it holds the lease.</summary>
internal sealed class UploadSteps(
    UploadStore uploads, UploadWriter writer, UploadCompletion completion, IOptions<FilesOptions> options, TimeProvider time)
    : IDisposable
{
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LeasePoll = TimeSpan.FromMilliseconds(250);

    /// <summary>A little longer than a lease that nobody renews.</summary>
    private static readonly TimeSpan LeaseWait = UploadWriter.Lease + (2 * LeasePoll);

    private readonly SemaphoreSlim _slots = new(options.Value.MaxConcurrentUploads);

    /// <summary>
    /// Takes the request's body at <paramref name="offset"/>, and makes a file of the upload where it is all there. Not stopped by the end of
    /// the connection: what has come by then is kept.
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

    /// <summary>Makes a file of an upload whose bytes are all there.</summary>
    /// <returns>Why there is none yet, or never will be; null where there is.</returns>
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
    /// The right to write. Waits for the lease of a request that has ended without giving it back, as on a node that was killed: a refusal would
    /// make the client send a body that nobody reads, once for each try.
    /// </summary>
    /// <returns>Null where another request writes, or there is nothing to write.</returns>
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

        // The writer counts: the server's own limit is for ordinary bodies, and takes the framing of chunks for a part of them.
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

    /// <returns>Why it did not become a file; null where it did.</returns>
    private async Task<IResult?> CompleteAsync(UploadLease lease, CancellationToken cancellationToken)
    {
        // As the writer has recorded it.
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

    /// <summary>Renews the lease while a step takes its time, as joining many parts does.</summary>
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
                // If it runs out, the step's own record says so.
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
                return Problems.Of(TusProtocol.ChecksumMismatch, ProblemCodes.ChecksumMismatch, "The bytes are not those of the checksum; none was kept.");
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
            // Whatever became of the request: the next one need not wait.
            await uploads.ReleaseAsync(lease.File.Id, lease.Name, CancellationToken.None);
        }
    }

    private static IResult TooLong(long left) =>
        Problems.Of(StatusCodes.Status413PayloadTooLarge, ProblemCodes.TooLarge, $"The upload lacks {left} bytes and no more.");
}
