using System.Net;
using System.Text.Json;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace AkkaChat.Persistence.Objects;

/// <summary>
/// Objects in a bucket of an S3-compatible service. An object that comes in pieces is a multipart upload, whose parts but the last must have
/// 5 MiB: what is left over is kept in an object of its own, the tail, and goes in front of the next piece. A tail is never overwritten, so
/// that progress which was not recorded takes nothing from the progress that was.
/// </summary>
internal sealed class S3ObjectStore : IObjectStore, IDisposable
{
    /// <summary>The least size of a part that is not the last, by S3's rules.</summary>
    private const int PartBytes = 5 * 1024 * 1024;

    private readonly AmazonS3Client _client;
    private readonly S3Options _options;

    public S3ObjectStore(S3Options options)
    {
        _options = options;
        _client = new AmazonS3Client(new BasicAWSCredentials(options.AccessKey, options.SecretKey), new AmazonS3Config
        {
            ServiceURL = options.Endpoint,
            AuthenticationRegion = options.Region,
            ForcePathStyle = options.PathStyle,
            Timeout = options.Timeout,
            MaxErrorRetry = 3,
            // R2 and others refuse checksums that they do not know.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        });
    }

    public int PieceBytes => PartBytes;

    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        const string Probe = "check/probe";
        try
        {
            await PutAsync(Probe, new byte[1], "application/octet-stream", cancellationToken).ConfigureAwait(false);
            await using var content = await OpenAsync(Probe, 0, null, cancellationToken).ConfigureAwait(false);
            await DeleteAsync(Probe, cancellationToken).ConfigureAwait(false);
        }
        catch (AmazonS3Exception e)
        {
            throw new ObjectStoreException(Explain(e), e);
        }
        catch (Exception e) when (e is HttpRequestException or AmazonClientException or TaskCanceledException
                                  && !cancellationToken.IsCancellationRequested)
        {
            throw new ObjectStoreException(
                $"{S3Options.SectionName}:{nameof(S3Options.Endpoint)}: {_options.Endpoint} cannot be reached: {e.Message}", e);
        }
    }

    public async Task PutAsync(string key, ReadOnlyMemory<byte> content, string type, CancellationToken cancellationToken)
    {
        using var stream = new MemoryStream(content.ToArray(), writable: false);
        await PutAsync(key, stream, type, cancellationToken).ConfigureAwait(false);
    }

    public async Task<ObjectContent?> OpenAsync(string key, long offset, long? length, CancellationToken cancellationToken)
    {
        var request = new GetObjectRequest { BucketName = _options.Bucket, Key = ObjectKeys.Check(key) };
        if (offset > 0 || length is not null)
        {
            request.ByteRange = length is { } most ? new ByteRange(offset, offset + Math.Max(most, 1) - 1) : new ByteRange($"bytes={offset}-");
        }

        try
        {
            var response = await _client.GetObjectAsync(request, cancellationToken).ConfigureAwait(false);
            return new ObjectContent(new ResponseContent(response), TotalLength(response));
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            var found = await FindLengthAsync(key, cancellationToken).ConfigureAwait(false);
            return found is { } total ? new ObjectContent(Stream.Null, total) : null;
        }
    }

    public Task DeleteAsync(string key, CancellationToken cancellationToken) =>
        _client.DeleteObjectAsync(_options.Bucket, ObjectKeys.Check(key), cancellationToken);

    /// <remarks>
    /// A writer that was taken over can still write a part in the place of one that counts. Its tag tells: then the object cannot be completed.
    /// </remarks>
    public async Task<string> AppendAsync(
        string key, ObjectProgress progress, ReadOnlyMemory<byte> piece, bool isLast, CancellationToken cancellationToken)
    {
        var state = await DropOldTailsAsync(S3Progress.Read(progress.Text), cancellationToken).ConfigureAwait(false);
        using var bytes = new MemoryStream(state.TailLength + piece.Length);
        await CopyTailAsync(state, bytes, cancellationToken).ConfigureAwait(false);
        bytes.Write(piece.Span);
        bytes.Position = 0;
        if (isLast && state.Parts.Count == 0)
        {
            await PutAsync(key, bytes, "application/octet-stream", cancellationToken).ConfigureAwait(false);
            return (state with { IsWhole = true }).ToString();
        }

        return (isLast || bytes.Length >= PartBytes
            ? await AddPartAsync(key, state, bytes, isLast, cancellationToken).ConfigureAwait(false)
            : await KeepTailAsync(key, state, bytes, cancellationToken).ConfigureAwait(false)).ToString();
    }

    public async Task CompleteAsync(string key, string progress, long length, string type, CancellationToken cancellationToken)
    {
        var state = S3Progress.Read(progress);
        if (!state.IsWhole && await FindLengthAsync(key, cancellationToken).ConfigureAwait(false) is null)
        {
            await _client.CompleteMultipartUploadAsync(
                new CompleteMultipartUploadRequest
                {
                    BucketName = _options.Bucket,
                    Key = ObjectKeys.Check(key),
                    UploadId = state.UploadId,
                    PartETags = [.. state.Parts.Select((tag, i) => new PartETag(i + 1, tag))],
                },
                cancellationToken).ConfigureAwait(false);
        }

        var found = await FindLengthAsync(key, cancellationToken).ConfigureAwait(false);
        if (found != length)
        {
            throw new InvalidDataException($"{key} has {found ?? 0} bytes in the bucket where {length} were recorded.");
        }

        foreach (var tail in state.Tails)
        {
            await DeleteAsync(tail, cancellationToken).ConfigureAwait(false);
        }
    }

    public async Task AbandonAsync(string key, string? progress, CancellationToken cancellationToken)
    {
        var state = S3Progress.Read(progress);
        if (state.UploadId is not null)
        {
            try
            {
                await _client.AbortMultipartUploadAsync(_options.Bucket, ObjectKeys.Check(key), state.UploadId, cancellationToken).ConfigureAwait(false);
            }
            catch (AmazonS3Exception e) when (e.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed)
            {
                // Completed or abandoned before; or a service that cannot abort, whose own rules remove old parts.
            }
        }

        foreach (var tail in state.Tails.Append(key))
        {
            await DeleteAsync(tail, cancellationToken).ConfigureAwait(false);
        }
    }

    public Uri? Sign(string key, TimeSpan lifetime, string type, string disposition) => new(_client.GetPreSignedURL(new GetPreSignedUrlRequest
    {
        BucketName = _options.Bucket,
        Key = ObjectKeys.Check(key),
        Verb = HttpVerb.GET,
        Protocol = _options.Endpoint!.StartsWith("http:", StringComparison.OrdinalIgnoreCase) ? Protocol.HTTP : Protocol.HTTPS,
        Expires = DateTimeOffset.FromUnixTimeMilliseconds(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds()).Add(lifetime).UtcDateTime,
        ResponseHeaderOverrides = new ResponseHeaderOverrides
        {
            ContentType = type,
            ContentDisposition = disposition,
            CacheControl = "private, no-store",
        },
    }));

    public void Dispose() => _client.Dispose();

    private async Task PutAsync(string key, Stream content, string type, CancellationToken cancellationToken) =>
        await _client.PutObjectAsync(
            new PutObjectRequest
            {
                BucketName = _options.Bucket,
                Key = ObjectKeys.Check(key),
                InputStream = content,
                ContentType = type,
                AutoCloseStream = false,
                // R2 does not take signed chunks; without them the whole body is signed.
                UseChunkEncoding = false,
            },
            cancellationToken).ConfigureAwait(false);

    private async Task<S3Progress> AddPartAsync(
        string key, S3Progress state, Stream bytes, bool isLast, CancellationToken cancellationToken)
    {
        var upload = state.UploadId ?? (await _client.InitiateMultipartUploadAsync(
            new InitiateMultipartUploadRequest { BucketName = _options.Bucket, Key = ObjectKeys.Check(key), ContentType = "application/octet-stream" },
            cancellationToken).ConfigureAwait(false)).UploadId;
        var part = await _client.UploadPartAsync(
            new UploadPartRequest
            {
                BucketName = _options.Bucket,
                Key = key,
                UploadId = upload,
                PartNumber = state.Parts.Count + 1,
                InputStream = bytes,
                PartSize = bytes.Length,
                IsLastPart = isLast,
                UseChunkEncoding = false,
            },
            cancellationToken).ConfigureAwait(false);
        return state with { UploadId = upload, Parts = [.. state.Parts, part.ETag], Tail = null, TailLength = 0 };
    }

    /// <summary>What the last step has left behind: now that it is recorded, nobody goes back behind it.</summary>
    private async Task<S3Progress> DropOldTailsAsync(S3Progress state, CancellationToken cancellationToken)
    {
        foreach (var tail in state.Tails.Where(tail => tail != state.Tail))
        {
            await DeleteAsync(tail, cancellationToken).ConfigureAwait(false);
        }

        return state with { Tails = state.Tail is null ? [] : [state.Tail] };
    }

    private async Task<S3Progress> KeepTailAsync(string key, S3Progress state, Stream bytes, CancellationToken cancellationToken)
    {
        var tail = $"{key}.tail-{Guid.NewGuid():N}";
        await PutAsync(tail, bytes, "application/octet-stream", cancellationToken).ConfigureAwait(false);
        return state with { Tail = tail, TailLength = (int)bytes.Length, Tails = [.. state.Tails, tail] };
    }

    private async Task CopyTailAsync(S3Progress state, Stream target, CancellationToken cancellationToken)
    {
        if (state.Tail is null)
        {
            return;
        }

        await using var tail = await OpenAsync(state.Tail, 0, null, cancellationToken).ConfigureAwait(false)
            ?? throw new InvalidDataException($"{state.Tail} is not in the bucket.");
        await tail.Content.CopyToAsync(target, cancellationToken).ConfigureAwait(false);
    }

    private async Task<long?> FindLengthAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            return (await _client.GetObjectMetadataAsync(_options.Bucket, ObjectKeys.Check(key), cancellationToken).ConfigureAwait(false)).ContentLength;
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    private static long TotalLength(GetObjectResponse response)
    {
        // bytes 0-9/100
        var range = response.ContentRange;
        return range is not null && long.TryParse(range.AsSpan(range.IndexOf('/') + 1), out var total) ? total : response.ContentLength;
    }

    private string Explain(AmazonS3Exception exception) => exception.ErrorCode switch
    {
        "NoSuchBucket" => $"{S3Options.SectionName}:{nameof(S3Options.Bucket)}: there is no bucket {_options.Bucket} at {_options.Endpoint}.",
        "InvalidAccessKeyId" => $"{S3Options.SectionName}:{nameof(S3Options.AccessKey)}: {_options.Endpoint} does not know this access key.",
        "SignatureDoesNotMatch" =>
            $"{S3Options.SectionName}:{nameof(S3Options.SecretKey)} or {nameof(S3Options.Region)}: {_options.Endpoint} refuses the signature.",
        "AccessDenied" =>
            $"{S3Options.SectionName}:{nameof(S3Options.AccessKey)}: the access key may not read, write and delete in {_options.Bucket}.",
        _ => $"{S3Options.SectionName}: {_options.Endpoint} answered {(int)exception.StatusCode} {exception.ErrorCode}: {exception.Message}",
    };

    /// <summary>How far an object in pieces has come; a text in the upload's row.</summary>
    /// <param name="Parts">The entity tags of the parts, in order.</param>
    /// <param name="Tail">The object that holds what is in no part yet.</param>
    /// <param name="Tails">The tails that are there: this one and the one before it.</param>
    /// <param name="IsWhole">The object was small and written in one go.</param>
    private sealed record S3Progress(
        string? UploadId, IReadOnlyList<string> Parts, string? Tail, int TailLength, IReadOnlyList<string> Tails, bool IsWhole)
    {
        public static S3Progress Read(string? text) =>
            string.IsNullOrEmpty(text) ? new S3Progress(null, [], null, 0, [], false) : JsonSerializer.Deserialize<S3Progress>(text)!;

        public override string ToString() => JsonSerializer.Serialize(this);
    }

    /// <summary>Disposes the response with its stream.</summary>
    private sealed class ResponseContent(GetObjectResponse response) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => response.ContentLength;

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => response.ResponseStream.Read(buffer, offset, count);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            response.ResponseStream.ReadAsync(buffer, cancellationToken);

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                response.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
