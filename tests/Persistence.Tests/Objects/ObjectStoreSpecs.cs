using System.Net;
using System.Text;
using AkkaChat.Persistence.Objects;
using AkkaChat.Support;

namespace AkkaChat.Persistence.Tests.Objects;

/// <summary>The contract of every object store.</summary>
public abstract class ObjectStoreSpecs
{
    protected const string Type = "text/plain";
    private static int _keys;

    private protected abstract IObjectStore Store { get; }

    /// <summary>All that is stored under the key, or for an object of this key that is not complete.</summary>
    private protected abstract Task<int> CountAsync(string key);

    [Fact]
    public async Task Check_ShouldPass_WhenTheStoreCanBeUsed() => await Store.CheckAsync(CancellationToken.None);

    [Fact]
    public async Task Open_ShouldGiveWhatWasPut_WhenItIsThere()
    {
        var key = NewKey();
        await Store.PutAsync(key, "first"u8.ToArray(), Type, CancellationToken.None);
        await Store.PutAsync(key, "second one"u8.ToArray(), Type, CancellationToken.None);

        Assert.Equal(("second one", 10), await ReadAsync(key, 0, null));
    }

    [Theory]
    [InlineData(0, 3L, "012")]
    [InlineData(4, 3L, "456")]
    [InlineData(4, null, "456789")]
    [InlineData(7, 100L, "789")]
    [InlineData(10, null, "")]
    public async Task Open_ShouldGiveTheRange_WhenOneIsAskedFor(long offset, long? length, string expected)
    {
        var key = NewKey();
        await Store.PutAsync(key, "0123456789"u8.ToArray(), Type, CancellationToken.None);

        Assert.Equal((expected, 10), await ReadAsync(key, offset, length));
    }

    [Fact]
    public async Task Open_ShouldGiveNothing_WhenThereIsNoSuchObject() =>
        Assert.Null(await Store.OpenAsync(NewKey(), 0, null, CancellationToken.None));

    [Fact]
    public async Task Delete_ShouldRemove_AndDoNothingTheSecondTime()
    {
        var key = NewKey();
        await Store.PutAsync(key, "x"u8.ToArray(), Type, CancellationToken.None);

        await Store.DeleteAsync(key, CancellationToken.None);
        await Store.DeleteAsync(key, CancellationToken.None);

        Assert.Null(await Store.OpenAsync(key, 0, null, CancellationToken.None));
    }

    /// <summary>Pieces of every kind: full, over a part's size together, small, smallest and empty at the end.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("1,1,1")]
    [InlineData("F")]
    [InlineData("F,F,7")]
    [InlineData("F,100000,F,1,0")]
    [InlineData("100000,F,100000,F,3")]
    public async Task Complete_ShouldMakeOneObject_WhenItCameInPieces(string sizes)
    {
        var pieces = (sizes.Length == 0 ? ["0"] : sizes.Split(',')).Select((size, i) => Bytes(Size(size), i)).ToList();
        var whole = pieces.SelectMany(piece => piece).ToArray();
        var key = NewKey();
        string? progress = null;
        long offset = 0;
        foreach (var (piece, i) in pieces.Select((piece, i) => (piece, i)))
        {
            Assert.Null(await Store.OpenAsync(key, 0, null, CancellationToken.None));
            progress = await Store.AppendAsync(key, new(progress, offset), piece, i == pieces.Count - 1, CancellationToken.None);
            offset += piece.Length;
        }

        await Store.CompleteAsync(key, progress!, offset, Type, CancellationToken.None);
        await Store.CompleteAsync(key, progress!, offset, Type, CancellationToken.None);

        await AssertHoldsAsync(key, whole);
    }

    [Fact]
    public async Task Append_ShouldTakeThePlaceOfAPiece_WhenItWasNotRecorded()
    {
        var key = NewKey();
        var (kept, lost, next) = (Bytes(1000, 1), Bytes(Store.PieceBytes, 2), Bytes(500, 3));
        var recorded = await Store.AppendAsync(key, new(null, 0), kept, isLast: false, CancellationToken.None);
        var unrecorded = await Store.AppendAsync(key, new(recorded, 1000), lost, isLast: false, CancellationToken.None);
        Assert.NotNull(unrecorded);

        var progress = await Store.AppendAsync(key, new(recorded, 1000), next, isLast: true, CancellationToken.None);
        await Store.CompleteAsync(key, progress, 1500, Type, CancellationToken.None);

        await AssertHoldsAsync(key, [.. kept, .. next]);
    }

    [Theory]
    [InlineData("1000", "70000", "900")]
    [InlineData("1000", "F", "900")]
    [InlineData("F", "F", "900")]
    [InlineData("F", "70000", "F")]
    [InlineData("F", "F", "F")]
    public async Task Append_ShouldNotBeReachedByTheWriterBefore_WhenItWasTakenOver(string firstSize, string lateSize, string nextSize)
    {
        var key = NewKey();
        var (first, late, next, last) = (Bytes(Size(firstSize), 1), Bytes(Size(lateSize), 2), Bytes(Size(nextSize), 3), Bytes(10, 4));
        var (from, to) = (first.Length, first.Length + next.Length);
        var recorded = await Store.AppendAsync(key, new(null, 0), first, isLast: false, CancellationToken.None);

        var taken = await Store.AppendAsync(key, new(recorded, from, IsTakenOver: true), next, isLast: false, CancellationToken.None);
        await Store.AppendAsync(key, new(recorded, from), late, isLast: false, CancellationToken.None);
        var progress = await Store.AppendAsync(key, new(taken, to), last, isLast: true, CancellationToken.None);
        await Store.CompleteAsync(key, progress, to + 10, Type, CancellationToken.None);

        await AssertHoldsAsync(key, [.. first, .. next, .. last]);
    }

    /// <summary>Found by a fault run (C14, seed 1414): an edge that stood still wrote when another had finished the upload.</summary>
    [Theory]
    [InlineData("1000", "500")]
    [InlineData("1000", "70000")]
    [InlineData("F", "500")]
    [InlineData("0", "500")]
    public async Task Discard_ShouldLeaveTheObjectAlone_WhenItsWriterWasOvertaken(string firstSize, string lateSize)
    {
        var key = NewKey();
        var (first, late, last) = (Bytes(Size(firstSize), 1), Bytes(Size(lateSize), 2), Bytes(10, 3));
        var recorded = first.Length == 0 ? null : await Store.AppendAsync(key, new(null, 0), first, isLast: false, CancellationToken.None);
        var progress = await Store.AppendAsync(
            key, new(recorded, first.Length, IsTakenOver: recorded is not null), last, isLast: true, CancellationToken.None);
        await Store.CompleteAsync(key, progress, first.Length + 10, Type, CancellationToken.None);
        string? written = null;
        try
        {
            written = await Store.AppendAsync(key, new(recorded, first.Length), late, isLast: false, CancellationToken.None);
        }
        catch (Exception e) when (e is Amazon.S3.AmazonS3Exception or FileNotFoundException or InvalidDataException)
        {
            // What it would add to is no longer there.
        }

        if (written is not null)
        {
            await Store.DiscardAsync(key, recorded, written, CancellationToken.None);
        }

        Assert.Equal(1, await CountAsync(key));
        await AssertHoldsAsync(key, [.. first, .. last]);
    }

    [Fact]
    public async Task Complete_ShouldFailForGood_WhenTheStoreHasLessThanWasRecorded()
    {
        var key = NewKey();
        var progress = await Store.AppendAsync(key, new(null, 0), Bytes(5, 1), isLast: true, CancellationToken.None);

        await Assert.ThrowsAsync<InvalidDataException>(() => Store.CompleteAsync(key, progress, 6, Type, CancellationToken.None));
    }

    [Fact]
    public async Task Abandon_ShouldLeaveNothing_WhateverHadCome()
    {
        var (begun, completed, neverBegun) = (NewKey(), NewKey(), NewKey());
        var some = await Store.AppendAsync(begun, new(null, 0), Bytes(Store.PieceBytes, 1), isLast: false, CancellationToken.None);
        some = await Store.AppendAsync(begun, new(some, Store.PieceBytes), Bytes(5, 1), isLast: false, CancellationToken.None);
        var all = await Store.AppendAsync(completed, new(null, 0), Bytes(5, 1), isLast: true, CancellationToken.None);
        await Store.CompleteAsync(completed, all, 5, Type, CancellationToken.None);

        await Store.AbandonAsync(begun, some, CancellationToken.None);
        await Store.AbandonAsync(begun, some, CancellationToken.None);
        await Store.AbandonAsync(completed, all, CancellationToken.None);
        await Store.AbandonAsync(neverBegun, null, CancellationToken.None);

        Assert.Null(await Store.OpenAsync(begun, 0, null, CancellationToken.None));
        Assert.Null(await Store.OpenAsync(completed, 0, null, CancellationToken.None));
    }

    [Theory]
    [InlineData("../outside")]
    [InlineData("a/../../outside")]
    [InlineData("/etc/passwd")]
    [InlineData("a//b")]
    [InlineData("a/./b")]
    [InlineData("A")]
    [InlineData("a\0b")]
    [InlineData("")]
    public async Task Key_ShouldBeRefused_WhenTheServerCannotHaveMadeIt(string key)
    {
        await Assert.ThrowsAsync<ArgumentException>(() => Store.PutAsync(key, new byte[1], Type, CancellationToken.None));
        await Assert.ThrowsAsync<ArgumentException>(() => Store.OpenAsync(key, 0, null, CancellationToken.None));
    }

    protected static string NewKey() => $"specs/{Guid.NewGuid():N}/k{Interlocked.Increment(ref _keys)}";

    private protected async Task<(string Text, long Total)> ReadAsync(string key, long offset, long? length)
    {
        await using var content = await Store.OpenAsync(key, offset, length, CancellationToken.None);
        Assert.NotNull(content);
        using var reader = new StreamReader(content.Content, Encoding.UTF8);
        return (await reader.ReadToEndAsync(), content.TotalLength);
    }

    private async Task AssertHoldsAsync(string key, byte[] expected)
    {
        await using var content = await Store.OpenAsync(key, 0, null, CancellationToken.None);
        Assert.NotNull(content);
        using var read = new MemoryStream();
        await content.Content.CopyToAsync(read);
        Assert.Equal(expected.Length, content.TotalLength);
        Assert.True(read.ToArray().AsSpan().SequenceEqual(expected), "the object's bytes are others");
    }

    /// <summary>F: a full piece.</summary>
    private int Size(string size) => size == "F" ? Store.PieceBytes : int.Parse(size, System.Globalization.CultureInfo.InvariantCulture);

    private static byte[] Bytes(int count, int seed)
    {
        var bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}

public sealed class DiskObjectStoreSpecs : ObjectStoreSpecs, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("akkachat-objects-").FullName;

    private protected override IObjectStore Store => new DiskObjectStore(_folder);

    private protected override Task<int> CountAsync(string key) => Task.FromResult(Directory
        .GetFiles(_folder, "*", SearchOption.AllDirectories)
        .Count(file => file.Replace('~', '/').Contains(key, StringComparison.Ordinal)));

    [Fact]
    public async Task Folder_ShouldBeClosedToOthers_AndHaveNoLeftovers()
    {
        var key = NewKey();
        await Store.PutAsync(key, "x"u8.ToArray(), "", CancellationToken.None);

        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute,
            new DirectoryInfo(Path.Combine(_folder, "objects")).UnixFileMode);
        Assert.Empty(Directory.GetFiles(Path.Combine(_folder, "partial"), "*", SearchOption.AllDirectories));
        await Store.DeleteAsync(key, CancellationToken.None);
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(_folder, "objects")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Complete_ShouldFailForGood_WhenASegmentIsGone(bool wasTakenOver)
    {
        var key = NewKey();
        var progress = await Store.AppendAsync(key, new(null, 0), "begun"u8.ToArray(), isLast: false, CancellationToken.None);
        progress = await Store.AppendAsync(key, new(progress, 5, wasTakenOver), " and ended"u8.ToArray(), isLast: true, CancellationToken.None);
        await Store.AbandonAsync(key, progress, CancellationToken.None);

        await Assert.ThrowsAsync<InvalidDataException>(() => Store.CompleteAsync(key, progress, 15, "", CancellationToken.None));
        Assert.Null(await Store.OpenAsync(key, 0, null, CancellationToken.None));
    }

    [Fact]
    public async Task Check_ShouldRemoveWhatAKilledProcessLeft_AndNothingThatCounts()
    {
        var key = NewKey();
        var progress = await Store.AppendAsync(key, new(null, 0), "begun"u8.ToArray(), isLast: false, CancellationToken.None);
        var (old, young) = (Path.Combine(_folder, "partial", "a~b.draft-1"), Path.Combine(_folder, "partial", "a~b.draft-2"));
        await File.WriteAllTextAsync(old, "");
        await File.WriteAllTextAsync(young, "");
        foreach (var file in Directory.GetFiles(Path.Combine(_folder, "partial")).Where(file => file != young))
        {
            File.SetLastWriteTimeUtc(file, new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        }

        await Store.CheckAsync(CancellationToken.None);

        Assert.Equal((false, true), (File.Exists(old), File.Exists(young)));
        progress = await Store.AppendAsync(key, new(progress, 5), " and ended"u8.ToArray(), isLast: true, CancellationToken.None);
        await Store.CompleteAsync(key, progress, 15, "", CancellationToken.None);
        Assert.Equal(("begun and ended", 15), await ReadAsync(key, 0, null));
    }

    [Fact]
    public async Task Object_ShouldBePut_WhileAnotherRemovesItsEmptyFolder()
    {
        // Nodes that start together each put and delete a key of the same folder, which is removed when it is empty.
        var folder = Path.Combine(_folder, "objects", "check");
        using var done = new CancellationTokenSource();
        var remover = Task.Run(() =>
        {
            while (!done.IsCancellationRequested)
            {
                try
                {
                    DurableFiles.RemoveIfEmpty(folder);
                }
                catch (DirectoryNotFoundException)
                {
                    // not there yet
                }
            }
        });
        for (var i = 0; i < 500; i++)
        {
            await Store.PutAsync($"check/{i}", new byte[1], "", CancellationToken.None);
            await Store.DeleteAsync($"check/{i}", CancellationToken.None);
        }

        await done.CancelAsync();
        await remover;
        Assert.False(Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any());
    }

    [Fact]
    public async Task Check_ShouldNameTheSetting_WhenTheFolderCannotBeWritten()
    {
        var file = Path.Combine(_folder, "a-file");
        await File.WriteAllTextAsync(file, "");

        var error = await Assert.ThrowsAsync<ObjectStoreException>(() => new DiskObjectStore(file).CheckAsync(CancellationToken.None));

        Assert.StartsWith("AkkaChat:Objects:Folder: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Sign_ShouldGiveNothing() => Assert.Null(Store.Sign(NewKey(), TimeSpan.FromMinutes(1), "text/plain", "attachment"));

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}

public sealed class S3ObjectStoreSpecs(S3Fixture s3) : ObjectStoreSpecs, IClassFixture<S3Fixture>, IDisposable
{
    private static readonly HttpClient Http = new();
    private readonly S3ObjectStore _store = new(Options(s3));

    private protected override IObjectStore Store => _store;

    private protected override Task<int> CountAsync(string key) => Task.FromResult(Directory
        .GetFiles(s3.Server.Folder, "*_object", SearchOption.AllDirectories)
        .Count(file => file.Contains(key, StringComparison.Ordinal)));

    public static TheoryData<string, Action<S3Options>> Wrong => new()
    {
        { "AkkaChat:S3:Bucket: there is no bucket nowhere", options => options.Bucket = "nowhere" },
        { "AkkaChat:S3:AccessKey: ", options => options.AccessKey = "somebody" },
        { "AkkaChat:S3:SecretKey or Region: ", options => options.SecretKey = "guessed" },
        { "AkkaChat:S3:Endpoint: ", options => options.Endpoint = $"http://127.0.0.1:{FreePort.Next()}" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task Check_ShouldSayWhatIsWrong_AndNoSecret(string expected, Action<S3Options> change)
    {
        var options = Options(s3);
        change(options);
        using var store = new S3ObjectStore(options);

        var error = await Assert.ThrowsAsync<ObjectStoreException>(() => store.CheckAsync(CancellationToken.None));

        Assert.StartsWith(expected, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("guessed", error.Message, StringComparison.Ordinal);
    }

    /// <summary>What a node wrote and died before it could record.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Tails_ShouldAllBeGone_AtTheEnd(bool isCompleted)
    {
        var key = NewKey();
        var recorded = await Store.AppendAsync(key, new(null, 0), new byte[10], isLast: false, CancellationToken.None);
        await Store.AppendAsync(key, new(recorded, 10), new byte[10], isLast: false, CancellationToken.None);
        recorded = await Store.AppendAsync(key, new(recorded, 10), new byte[10], isLast: true, CancellationToken.None);

        await (isCompleted
            ? Store.CompleteAsync(key, recorded, 20, Type, CancellationToken.None)
            : Store.AbandonAsync(key, recorded, CancellationToken.None));

        Assert.DoesNotContain(Directory.GetFiles(s3.Server.Folder, "*", SearchOption.AllDirectories), file => file.Contains($"{key}.tail-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Sign_ShouldServeTheObjectWithItsHeaders_UntilItIsAltered()
    {
        var key = NewKey();
        await Store.PutAsync(key, "0123456789"u8.ToArray(), "application/octet-stream", CancellationToken.None);
        var url = Store.Sign(key, TimeSpan.FromMinutes(1), "text/plain", "attachment; filename=\"a.txt\"")!;

        using var answer = await Http.GetAsync(url);
        using var altered = await Http.GetAsync(new Uri(url.ToString().Replace("text%2Fplain", "text%2Fhtml", StringComparison.Ordinal)));
        using var other = await Http.GetAsync(new Uri(url.ToString().Replace(key, NewKey(), StringComparison.Ordinal)));
        using var write = await Http.PutAsync(url, new StringContent("mine"));

        Assert.Equal((HttpStatusCode.OK, "0123456789"), (answer.StatusCode, await answer.Content.ReadAsStringAsync()));
        Assert.Equal(("text/plain", "attachment"), (answer.Content.Headers.ContentType!.MediaType, answer.Content.Headers.ContentDisposition!.DispositionType));
        Assert.Equal(HttpStatusCode.Forbidden, altered.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, other.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, write.StatusCode);
    }

    public void Dispose() => _store.Dispose();

    private static S3Options Options(S3Fixture s3) => new()
    {
        Endpoint = s3.Server.Endpoint,
        Bucket = S3Server.Bucket,
        AccessKey = S3Server.AccessKey,
        SecretKey = S3Server.SecretKey,
        Timeout = TimeSpan.FromSeconds(10),
    };
}
