using System.Globalization;
using AkkaChat.Persistence.Accounts;
using Microsoft.Extensions.Options;

namespace AkkaChat.Persistence.Tests.Accounts;

public sealed class PasswordHasherSpecs
{
    [Fact]
    public async Task HashAsync_ShouldUseTheDocumentedParameters_WhenNothingIsConfigured()
    {
        using var hasher = new PasswordHasher(Options.Create(new PasswordOptions()));

        var hash = await hasher.HashAsync("correct horse", CancellationToken.None);

        Assert.StartsWith("$argon2id$v=19$m=19456,t=2,p=1$", hash, StringComparison.Ordinal);
        Assert.Equal(PasswordCheck.Right, await hasher.CheckAsync(hash, "correct horse", CancellationToken.None));
        Assert.Equal(PasswordCheck.Wrong, await hasher.CheckAsync(hash, "Correct horse", CancellationToken.None));
        Assert.NotEqual(hash, await hasher.HashAsync("correct horse", CancellationToken.None));
    }

    [Fact]
    public async Task CheckAsync_ShouldAskForARehash_WhenTheParametersDiffer()
    {
        using var old = new PasswordHasher(Options.Create(new PasswordOptions { MemoryKibibytes = 8192, Iterations = 1 }));
        using var hasher = new PasswordHasher(Options.Create(new PasswordOptions()));
        var hash = await old.HashAsync("correct horse", CancellationToken.None);

        Assert.Equal(PasswordCheck.RightButOutdated, await hasher.CheckAsync(hash, "correct horse", CancellationToken.None));
        Assert.Equal(PasswordCheck.Wrong, await hasher.CheckAsync(hash, "wrong horse", CancellationToken.None));
    }

    [Fact]
    public async Task CheckAsync_ShouldAcceptEitherForm_WhenLettersAreComposedDifferently()
    {
        using var hasher = new PasswordHasher(Options.Create(new PasswordOptions()));
        var hash = await hasher.HashAsync("p\u00e9p\u00e9-password", CancellationToken.None);

        Assert.Equal(PasswordCheck.Right, await hasher.CheckAsync(hash, "pe\u0301pe\u0301-password", CancellationToken.None));
        Assert.Equal(PasswordCheck.Wrong, await hasher.CheckAsync(hash, "\ud800 no text", CancellationToken.None));
    }

    [Fact]
    public async Task CheckAsync_ShouldAnswerWrong_WhenThereIsNoAccount()
    {
        using var hasher = new PasswordHasher(Options.Create(new PasswordOptions()));

        Assert.Equal(PasswordCheck.Wrong, await hasher.CheckAsync(null, "correct horse", CancellationToken.None));
    }

    [Fact]
    public async Task CheckAsync_ShouldAnswerBusyAtOnce_WhenTheQueueIsFull()
    {
        using var hasher = new PasswordHasher(Options.Create(new PasswordOptions { Threads = 1, QueueLength = 4 }));

        var answers = await Task.WhenAll(
            Enumerable.Range(0, 64).Select(_ => hasher.CheckAsync(null, "x", CancellationToken.None))).WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Contains(PasswordCheck.Busy, answers);
        Assert.Contains(PasswordCheck.Wrong, answers);
    }

    [Fact]
    public async Task HashAsync_ShouldRunOnItsOwnThreads_WhenManyAskAtOnce()
    {
        using var hasher = new PasswordHasher(Options.Create(new PasswordOptions { Threads = 2 }));
        var hashes = Task.WhenAll(Enumerable.Range(0, 100).Select(_ => hasher.HashAsync("correct horse", CancellationToken.None)));

        await Task.Run(() => { }).WaitAsync(TimeSpan.FromSeconds(10));

        Assert.False(hashes.IsCompleted, "100 hashes were done before the pool ran one small work item.");
        Assert.All(await hashes.WaitAsync(TimeSpan.FromSeconds(60)), Assert.NotNull);
        Assert.InRange(CpuOfPasswordThreads(), TimeSpan.FromMilliseconds(200), TimeSpan.MaxValue);
    }

    /// <summary>A hash takes some 20 ms of a core, which shows whose threads computed them.</summary>
    private static TimeSpan CpuOfPasswordThreads() =>
        TimeSpan.FromMilliseconds(Directory.GetDirectories("/proc/self/task").Sum(MillisecondsOfPasswordThread));

    private static long MillisecondsOfPasswordThread(string task)
    {
        try
        {
            var isOne = File.ReadAllText(Path.Combine(task, "comm")).StartsWith("password-", StringComparison.Ordinal);
            var fields = File.ReadAllText(Path.Combine(task, "stat")).Split(") ")[^1].Split(' ');
            return isOne ? 10 * long.Parse(fields[11], CultureInfo.InvariantCulture) : 0; // utime, in ticks of 10 ms
        }
        catch (IOException)
        {
            return 0; // the thread has ended meanwhile
        }
    }
}

public sealed class PasswordsSpecs
{
    [Theory]
    [InlineData("1234567", false)]
    [InlineData("zq8wn4rt", true)]
    [InlineData("🎈🎈🎈🎈🎈🎈🎈", false)]
    [InlineData("🎈🎈🎈🎈🎈🎈🎈x", true)]
    [InlineData("password123", false)]
    [InlineData("PassWord123", false)]
    [InlineData("ｐａｓｓｗｏｒｄ１２３", false)]
    [InlineData("ana.belle@example.org", false)]
    public void Problem_ShouldBeNull_WhenThePasswordWillDo(string password, bool expected) =>
        Assert.Equal(expected, Passwords.Problem(password, "anabelle", "Ana.Belle@example.org") is null);

    [Fact]
    public void Problem_ShouldCountCharacters_WhenAtTheBounds()
    {
        Assert.Null(Passwords.Problem(new string('x', 127) + "é"));
        Assert.NotNull(Passwords.Problem(new string('x', 128) + "é"));
    }
}
