using System.Text.Json;

namespace AkkaChat.Persistence.Objects;

/// <summary>
/// Objects as files of one folder, which only the server's user can enter: <c>objects/KEY</c>, and <c>partial/KEY.…</c> while one is being
/// made. An object appears by a rename, so that a crash leaves either all of it or nothing.
/// </summary>
internal sealed class DiskObjectStore(string folder) : IObjectStore
{
    public int PieceBytes => 1024 * 1024;

    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        const string Probe = "check/probe";
        try
        {
            await PutAsync(Probe, new byte[1], "", cancellationToken).ConfigureAwait(false);
            await DeleteAsync(Probe, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ObjectStoreException(
                $"{ObjectStoreOptions.SectionName}:{nameof(ObjectStoreOptions.Folder)}: files cannot be written in {folder}: {e.Message}", e);
        }
    }

    public async Task PutAsync(string key, ReadOnlyMemory<byte> content, string type, CancellationToken cancellationToken)
    {
        // A name of its own: two writers of one key do not meet.
        var draft = PathOf("partial", $"{key}.{Guid.NewGuid():N}");
        DurableFiles.CreateFolder(Path.GetDirectoryName(draft)!);
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
        var path = PathOf("partial", $"{key}.{last.Name}");
        DurableFiles.CreateFolder(Path.GetDirectoryName(path)!);
        await WriteAsync(path, last.Length, piece, cancellationToken).ConfigureAwait(false);
        segments[^1] = last with { Length = last.Length + piece.Length };
        return JsonSerializer.Serialize(segments);
    }

    public async Task CompleteAsync(string key, string progress, long length, string type, CancellationToken cancellationToken)
    {
        var done = PathOf("objects", key);
        if (File.Exists(done))
        {
            return;
        }

        var segments = Segments(progress);
        var whole = PathOf("partial", $"{key}.{segments[0].Name}");
        if (segments.Count > 1)
        {
            whole = await JoinAsync(key, segments, cancellationToken).ConfigureAwait(false);
        }

        var written = new FileInfo(whole).Length;
        if (written != length)
        {
            throw new InvalidDataException($"{key} has {written} bytes on disk where {length} were recorded.");
        }

        DurableFiles.Move(whole, done);
        RemovePartial(key);
    }

    public Task AbandonAsync(string key, string? progress, CancellationToken cancellationToken)
    {
        RemovePartial(key);
        Remove(PathOf("objects", key));
        return Task.CompletedTask;
    }

    public Uri? Sign(string key, TimeSpan lifetime, string type, string disposition) => null;

    private string PathOf(string area, string key) => Path.Combine(folder, area, ObjectKeys.Check(key));

    /// <summary>Those of writers that were taken over too, which no progress names.</summary>
    private void RemovePartial(string key)
    {
        var path = PathOf("partial", key);
        if (Directory.Exists(Path.GetDirectoryName(path)))
        {
            foreach (var file in Directory.GetFiles(Path.GetDirectoryName(path)!, $"{Path.GetFileName(path)}.*"))
            {
                Remove(file);
            }
        }
    }

    private static List<Segment> Segments(string? progress) =>
        string.IsNullOrEmpty(progress) ? [] : JsonSerializer.Deserialize<List<Segment>>(progress)!;

    private async Task<string> JoinAsync(string key, List<Segment> segments, CancellationToken cancellationToken)
    {
        var whole = PathOf("partial", $"{key}.whole");
        await using var target = new FileStream(whole, FileMode.Create, FileAccess.Write);
        foreach (var segment in segments)
        {
            await using var source = new LengthLimitedStream(File.OpenRead(PathOf("partial", $"{key}.{segment.Name}")), segment.Length);
            await source.CopyToAsync(target, cancellationToken).ConfigureAwait(false);
        }

        target.Flush(flushToDisk: true);
        return whole;
    }

    private static async Task WriteAsync(string path, long offset, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.Write,
            BufferSize = 0,
            Options = FileOptions.Asynchronous,
        });
        if (file.Length < offset)
        {
            throw new InvalidDataException($"{path} has {file.Length} bytes where {offset} were recorded: is the folder shared by all edges?");
        }

        // What lies beyond was never recorded.
        file.SetLength(offset);
        file.Position = offset;
        await file.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
        file.Flush(flushToDisk: true);
    }

    /// <summary>Removes the file and the folders above it that this leaves empty.</summary>
    private void Remove(string path)
    {
        try
        {
            File.Delete(path);
            var parent = Path.GetDirectoryName(path)!;
            while (Path.GetRelativePath(folder, parent).Contains(Path.DirectorySeparatorChar) && !Directory.EnumerateFileSystemEntries(parent).Any())
            {
                Directory.Delete(parent);
                parent = Path.GetDirectoryName(parent)!;
            }
        }
        catch (DirectoryNotFoundException)
        {
            // somebody else was first
        }
    }

    /// <summary>What one writer has written, in a file of its own: one that was taken over reaches no other's bytes.</summary>
    private sealed record Segment(string Name, long Length);
}
