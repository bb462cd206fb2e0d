using System.Buffers;
using AkkaChat.Persistence.Files;
using AkkaChat.Persistence.Objects;
using Microsoft.Extensions.Options;

namespace AkkaChat.Edge.Files;

/// <summary>How the writing of a request's body ended.</summary>
internal enum WriteOutcome
{
    Written,

    /// <summary>There were more bytes than the upload has.</summary>
    TooLong,

    /// <summary>There were more bytes than can be kept in memory until the checksum is verified.</summary>
    TooLongForChecksum,

    /// <summary>The checksum does not match; nothing of the request was kept.</summary>
    WrongChecksum,

    /// <summary>The content is of a type that may not be uploaded.</summary>
    TypeNotAllowed,

    /// <summary>Another request has taken the lease; bytes not recorded before are lost.</summary>
    LeaseLost,
}

/// <param name="Received">The number of durable bytes afterwards.</param>
internal readonly record struct WriteResult(WriteOutcome Outcome, long Received);

/// <summary>
/// Writes a request's body to the object store, piece by piece, and records each piece once it is durable. Holds one piece in memory. If
/// the connection breaks, the bytes received are kept.
/// </summary>
internal sealed class UploadWriter(IObjectStore objects, UploadStore uploads, IOptions<FilesOptions> options, TimeProvider time)
{
    /// <summary>How long after the last byte of a request another may take over: also how long a killed node's upload is locked.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(6);

    /// <summary>The most time to store the last bytes of a broken connection.</summary>
    private static readonly TimeSpan LastWrite = TimeSpan.FromSeconds(30);

    public async Task<WriteResult> WriteAsync(UploadLease lease, Stream body, TusChecksum? checksum, CancellationToken cancellationToken)
    {
        var file = lease.File;
        var size = checksum is null ? objects.PieceBytes : TusProtocol.MaxChecksummedBytes;
        var buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(size, Math.Max(file.Size - file.Received, 1)));
        try
        {
            var write = new Write(objects, uploads, options.Value, time, lease, buffer.AsMemory(0, Math.Min(buffer.Length, size)));
            return checksum is null
                ? await write.StreamAsync(body, cancellationToken)
                : await write.VerifiedAsync(body, checksum, cancellationToken);
        }
        catch (LeaseLostException)
        {
            return new WriteResult(WriteOutcome.LeaseLost, file.Received);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private sealed class Write(
        IObjectStore objects, UploadStore uploads, FilesOptions options, TimeProvider time, UploadLease lease, Memory<byte> buffer)
    {
        private readonly StoredFile _file = lease.File;
        private bool _isTakenOver = lease.IsTakenOver;
        private readonly byte[] _probe = new byte[1];
        private long _received = lease.File.Received;
        private string? _progress = lease.File.Progress;
        private int _filled;
        private long _renewed = time.GetTimestamp();

        private WriteResult Done => new(WriteOutcome.Written, _received);

        public async Task<WriteResult> StreamAsync(Stream body, CancellationToken cancellationToken)
        {
            try
            {
                while (true)
                {
                    var end = await FillAsync(body, Math.Min(buffer.Length, ToBoundary(_received)), cancellationToken);
                    if ((end == WriteOutcome.TooLong ? end : await FlushAsync(cancellationToken)) is { } refusal)
                    {
                        return new WriteResult(refusal, _received);
                    }

                    if (end is null)
                    {
                        return Done;
                    }
                }
            }
            catch (Exception e) when (e is IOException or OperationCanceledException)
            {
                // The connection broke.
                using var timeout = new CancellationTokenSource(LastWrite, time);
                await FlushAsync(timeout.Token);
                throw;
            }
        }

        /// <summary>Stores nothing before it has all bytes and has verified them.</summary>
        public async Task<WriteResult> VerifiedAsync(Stream body, TusChecksum checksum, CancellationToken cancellationToken)
        {
            if (await FillAsync(body, buffer.Length, cancellationToken) is { } outcome)
            {
                // A full buffer may also be the end of the body.
                if (outcome == WriteOutcome.TooLong)
                {
                    return new WriteResult(WriteOutcome.TooLong, _received);
                }

                if (await body.ReadAsync(_probe, cancellationToken) > 0)
                {
                    return new WriteResult(WriteOutcome.TooLongForChecksum, _received);
                }
            }

            if (!checksum.Matches(buffer.Span[.._filled]))
            {
                return new WriteResult(WriteOutcome.WrongChecksum, _received);
            }

            var left = buffer[.._filled];
            do
            {
                var piece = left[..Math.Min(left.Length, ToBoundary(_received))];
                if (await FlushAsync(piece, cancellationToken) is { } refusal)
                {
                    return new WriteResult(refusal, _received);
                }

                left = left[piece.Length..];
            }
            while (left.Length > 0);

            return Done;
        }

        /// <summary>A piece that follows a shorter one ends at the boundary that the shorter one missed.</summary>
        private int ToBoundary(long offset) => objects.PieceBytes - (int)(offset % objects.PieceBytes);

        /// <summary>Reads until a piece is full (<c>Written</c>), the body ends (null), or there is too much of it.</summary>
        private async Task<WriteOutcome?> FillAsync(Stream body, int most, CancellationToken cancellationToken)
        {
            while (_filled < most)
            {
                var room = Math.Min(most - _filled, _file.Size - _received - _filled);
                var read = await body.ReadAsync(room == 0 ? _probe : buffer.Slice(_filled, (int)room), cancellationToken);
                if (read == 0)
                {
                    return null;
                }

                if (room == 0)
                {
                    return WriteOutcome.TooLong;
                }

                _filled += read;
                await RenewAsync(cancellationToken);
            }

            // A full piece is the last only if the body ends with it.
            return _received + _filled < _file.Size ? WriteOutcome.Written
                : await body.ReadAsync(_probe, cancellationToken) == 0 ? null
                : WriteOutcome.TooLong;
        }

        private async Task<WriteOutcome?> FlushAsync(CancellationToken cancellationToken)
        {
            var refusal = await FlushAsync(buffer[.._filled], cancellationToken);
            _filled = 0;
            return refusal;
        }

        private async Task<WriteOutcome?> FlushAsync(ReadOnlyMemory<byte> piece, CancellationToken cancellationToken)
        {
            var isLast = _received + piece.Length == _file.Size;
            if (piece.Length == 0 && !(isLast && _progress is null))
            {
                return null;
            }

            if (_received == 0 && !options.Allows(_file.Purpose, Type(piece.Span)))
            {
                return WriteOutcome.TypeNotAllowed;
            }

            var key = FileKeys.Upload(_file.Id);
            var progress = await objects.AppendAsync(
                key, new ObjectProgress(_progress, _received, _isTakenOver), piece, isLast, cancellationToken);
            var received = _received + piece.Length;
            if (!await uploads.RecordAsync(_file.Id, lease.Name, received, progress, Lease, options.Lifetime, cancellationToken))
            {
                await DiscardAsync(key, progress, cancellationToken);
                return WriteOutcome.LeaseLost;
            }

            (_received, _progress, _isTakenOver) = (received, progress, false);
            return null;
        }

        /// <summary>Another writer has taken over, and may have finished while this one stood still.</summary>
        private async Task DiscardAsync(string key, string written, CancellationToken cancellationToken)
        {
            await objects.DiscardAsync(key, _progress, written, cancellationToken);
            if (await uploads.FindAsync(_file.Id, cancellationToken) is null)
            {
                await objects.AbandonAsync(key, written, cancellationToken);
            }
        }

        private string Type(ReadOnlySpan<byte> head)
        {
            var sniffed = ContentTypes.Sniff(head[..Math.Min(head.Length, ContentTypes.SniffedBytes)], _file.DeclaredType);
            return sniffed == ContentTypes.Unknown ? _file.DeclaredType : sniffed;
        }

        private async Task RenewAsync(CancellationToken cancellationToken)
        {
            if (time.GetElapsedTime(_renewed) < Lease / 3)
            {
                return;
            }

            _renewed = time.GetTimestamp();
            if (!await uploads.RenewAsync(_file.Id, lease.Name, Lease, cancellationToken))
            {
                throw new LeaseLostException();
            }
        }
    }

    /// <summary>The lease is lost: nothing more may be written, not even the buffer.</summary>
    private sealed class LeaseLostException : Exception;
}
