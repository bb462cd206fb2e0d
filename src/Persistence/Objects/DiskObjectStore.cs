using System.Text.Json;

namespace AkkaChat.Persistence.Objects;

/// <summary>
/// Objects as files in one folder, which only the server's user can enter: <c>objects/KEY</c>, and in progress <c>partial/KEY.…</c> with
/// <c>~</c> for the slashes of the key. An object becomes visible by a rename, so a crash leaves all of it or nothing.
/// </summary>
internal sealed class DiskObjectStore(string folder) : IObjectStore
{
    /// <summary>The suffix of a file that one call writes and renames; segments of uploads do not have it.</summary>
    private const string DraftMark = "draft-";

    /// <summary>No call takes this long: an older draft belongs to a process that was killed.</summary>
    private static readonly TimeSpan DraftAge = TimeSpan.FromDays(1);

    public int PieceBytes => 1024 * 1024;

    public string? Origin => null;

    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        // A key of its own, since the nodes of a cluster start together.
        var probe = $"check/{Guid.NewGuid():N}";
        try
        {
            await PutAsync(probe, new byte[1], "", cancellationToken).ConfigureAwait(false);
            await DeleteAsync(probe, cancellationToken).ConfigureAwait(false);
            RemoveOldDrafts();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ObjectStoreException(
                $"{ObjectStoreOptions.SectionName}:{nameof(ObjectStoreOptions.Folder)}: files cannot be written in {folder}: {e.Message}", e);
        }
    }

    public async Task PutAsync(string key, ReadOnlyMemory<byte> content, string type, CancellationToken cancellationToken)
    {
        var draft = NewDraft(key);
        try
        {
            await WriteAsync(draft, 0, content, cancellationToken).ConfigureAwait(false);
            DurableFiles.Move(draft, PathOf("objects", key));
        }
        finally
        {
            File.Delete(draft);
        }
    }

    public Task<ObjectContent?> OpenAsync(string key, long offset, long? length, CancellationToken cancellationToken)
    {
        FileStream file;
        try
        {
            file = new FileStream(PathOf("objects", key), new FileStreamOptions
            {
                Access = FileAccess.Read,
                Share = FileShare.ReadWrite | FileShare.Delete,
                BufferSize = 0,
                Options = FileOptions.Asynchronous,
            });
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return Task.FromResult<ObjectContent?>(null);
        }

        var total = file.Length;
        file.Position = Math.Min(offset, total);
        Stream content = length is { } most && most < total - file.Position ? new LengthLimitedStream(file, most) : file;
        return Task.FromResult<ObjectContent?>(new ObjectContent(content, total));
    }

    public Task DeleteAsync(string key, CancellationToken cancellationToken)
    {
        Remove(PathOf("objects", key));
        return Task.CompletedTask;
    }

    public async Task<string> AppendAsync(
        string key, ObjectProgress progress, ReadOnlyMemory<byte> piece, bool isLast, CancellationToken cancellationToken)
    {
        var segments = Segments(progress.Text);
        if (segments.Count == 0 || progress.IsTakenOver)
        {
            segments.Add(new Segment($"{Guid.NewGuid():N}", 0));
        }

        var last = segments[^1];
        var path = PartialOf(key, last.Name);
        await WriteAsync(path, last.Length, piece, cancellationToken).ConfigureAwait(false);
        segments[^1] = last with { Length = last.Length + piece.Length };
        return JsonSerializer.Serialize(segments);
    }

    public async Task CompleteAsync(string key, string progress, long length, string type, CancellationToken cancellationToken)
    {
        var done = PathOf("objects", key);
        if (!File.Exists(done))
        {
            try
            {
                var segments = Segments(progress);
                var whole = segments.Count == 1
                    ? PartialOf(key, segments[0].Name)
                    : await JoinAsync(key, segments, cancellationToken).ConfigureAwait(false);
                if (new FileInfo(whole).Length is var written && written != length)
                {
                    throw new InvalidDataException($"{key} has {written} bytes on disk where {length} were recorded.");
                }

                DurableFiles.Move(whole, done);
            }
            catch (FileNotFoundException e) when (!File.Exists(done))
            {
                throw new InvalidDataException($"{key} has less on disk than was recorded.", e);
            }
            catch (FileNotFoundException)
            {
                // Another caller has completed it meanwhile.
            }
        }

        RemovePartial(key);
    }

    public Task DiscardAsync(string key, string? before, string after, CancellationToken cancellationToken)
    {
        // Of an object in progress, the bytes lie behind those that count, or in a segment of their own: its completion removes them.
        if (File.Exists(PathOf("objects", key)))
        {
            RemovePartial(key);
        }

        return Task.CompletedTask;
    }

    public Task AbandonAsync(string key, string? progress, CancellationToken cancellationToken)
    {
        RemovePartial(key);
        Remove(PathOf("objects", key));
        return Task.CompletedTask;
    }

    public Uri? Sign(string key, TimeSpan lifetime, string type, string disposition) => null;

    private string PathOf(string area, string key) => Path.Combine(folder, area, ObjectKeys.Check(key));

    private string PartialOf(string key, string name)
    {
        var partial = Path.Combine(folder, "partial");
        DurableFiles.CreateFolder(partial);
        return Path.Combine(partial, $"{ObjectKeys.Check(key).Replace('/', '~')}.{name}");
    }

    /// <summary>A unique name, so that two writers of one key do not collide.</summary>
    private string NewDraft(string key) => PartialOf(key, $"{DraftMark}{Guid.NewGuid():N}");

    /// <summary>Includes those of writers that lost their lease, which no recorded progress names.</summary>
    private void RemovePartial(string key)
    {
        var pattern = PartialOf(key, "*");
        foreach (var file in Directory.GetFiles(Path.GetDirectoryName(pattern)!, Path.GetFileName(pattern)))
        {
            File.Delete(file);
        }
    }

    private void RemoveOldDrafts()
    {
        var oldest = TimeProvider.System.GetUtcNow() - DraftAge;
        foreach (var file in new DirectoryInfo(Path.Combine(folder, "partial")).GetFiles($"*.{DraftMark}*").Where(file => file.LastWriteTimeUtc < oldest))
        {
            file.Delete();
        }
    }

    private static List<Segment> Segments(string? progress) =>
        string.IsNullOrEmpty(progress) ? [] : JsonSerializer.Deserialize<List<Segment>>(progress)!;

    private async Task<string> JoinAsync(string key, List<Segment> segments, CancellationToken cancellationToken)
    {
        var whole = NewDraft(key);
        await using var target = new FileStream(whole, FileMode.CreateNew, FileAccess.Write);
        foreach (var segment in segments)
        {
            await using var source = new LengthLimitedStream(File.OpenRead(PartialOf(key, segment.Name)), segment.Length);
            await source.CopyToAsync(target, cancellationToken).ConfigureAwait(false);
        }

        target.Flush(flushToDisk: true);
        return whole;
    }

    private static async Task WriteAsync(string path, long offset, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(path, new FileStreamOptions
        {
            // A file with recorded bytes exists, or was deleted with its upload: then it must not be created again.
            Mode = offset == 0 ? FileMode.OpenOrCreate : FileMode.Open,
            Access = FileAccess.Write,
            BufferSize = 0,
            Options = FileOptions.Asynchronous,
        });
        if (file.Length < offset)
        {
            throw new InvalidDataException($"{path} has {file.Length} bytes where {offset} were recorded: is the folder shared by all edges?");
        }

        // Bytes beyond the offset were never recorded.
        file.SetLength(offset);
        file.Position = offset;
        await file.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
        file.Flush(flushToDisk: true);
    }

    /// <summary>Deletes the file, and the folders above it that become empty.</summary>
    private void Remove(string path)
    {
        try
        {
            File.Delete(path);
            var parent = Path.GetDirectoryName(path)!;
            while (Path.GetRelativePath(folder, parent).Contains(Path.DirectorySeparatorChar) && DurableFiles.RemoveIfEmpty(parent))
            {
                parent = Path.GetDirectoryName(parent)!;
            }
        }
        catch (DirectoryNotFoundException)
        {
            // deleted by another caller
        }
    }

    /// <summary>The file of one writer: a writer that lost its lease cannot touch another's bytes.</summary>
    private sealed record Segment(string Name, long Length);
}
