using System.Collections.Concurrent;
using System.Text;
using AkkaChat.Persistence.Settings;
using Geralt;
using Microsoft.Extensions.Options;

namespace AkkaChat.Persistence.Accounts;

/// <summary>Cost of a password hash, and how much of the machine hashing may use.</summary>
public sealed class PasswordOptions
{
    public const string SectionName = "AkkaChat:Passwords";

    /// <summary>Memory of one hash in KiB. Default: 19456 (19 MiB); with two passes this is OWASP's recommendation for Argon2id.</summary>
    public int MemoryKibibytes { get; set; } = 19_456;

    /// <summary>Passes over the memory. Default: 2.</summary>
    public int Iterations { get; set; } = 2;

    /// <summary>Threads of the node reserved for hashing; 0 means half the cores, at least one. Default: 0.</summary>
    public int Threads { get; set; }

    /// <summary>Hashes that may wait for a thread; further ones are refused as busy. Default: 200.</summary>
    public int QueueLength { get; set; } = 200;
}

public sealed class PasswordOptionsValidator : IValidateOptions<PasswordOptions>
{
    public ValidateOptionsResult Validate(string? name, PasswordOptions options) => new SettingRules(PasswordOptions.SectionName)
        .RequireRange(options.MemoryKibibytes, nameof(options.MemoryKibibytes), 7_168, 1_048_576)
        .RequireRange(options.Iterations, nameof(options.Iterations), 1, 100)
        .RequireRange(options.Threads, nameof(options.Threads), 0, 256)
        .RequireRange(options.QueueLength, nameof(options.QueueLength), 1, 100_000)
        .ToResult();
}

public enum PasswordCheck
{
    Wrong,
    Right,

    /// <summary>Correct, but hashed with outdated parameters: hash it again while the password is at hand.</summary>
    RightButOutdated,

    /// <summary>The queue is full; nothing was checked.</summary>
    Busy,
}

public interface IPasswordHasher
{
    /// <summary>The PHC string of the password, or null when the queue is full.</summary>
    Task<string?> HashAsync(string password, CancellationToken cancellationToken);

    /// <summary>
    /// With a null <paramref name="hash"/> (no such account) the same work is done and the result is Wrong, so that the response time does
    /// not reveal who has an account.
    /// </summary>
    Task<PasswordCheck> CheckAsync(string? hash, string password, CancellationToken cancellationToken);
}

/// <summary>
/// Argon2id by libsodium on dedicated threads. A hash takes some 20 ms of a core; on the thread pool a burst of logins would delay
/// messages and the cluster's heartbeats. Work whose caller has cancelled is skipped.
/// </summary>
public sealed class PasswordHasher : IPasswordHasher, IDisposable
{
    private readonly BlockingCollection<Action> _queue;
    private readonly int _memoryBytes;
    private readonly int _iterations;
    private readonly Lazy<string> _dummyHash;

    public PasswordHasher(IOptions<PasswordOptions> options)
    {
        var value = options.Value;
        _memoryBytes = value.MemoryKibibytes * 1024;
        _iterations = value.Iterations;
        _dummyHash = new Lazy<string>(() => Hash(Guid.NewGuid().ToString()));
        // When the queue is full the request is refused.
        _queue = new BlockingCollection<Action>(value.QueueLength);
        var threads = value.Threads > 0 ? value.Threads : Math.Max(1, Environment.ProcessorCount / 2);
        for (var i = 0; i < threads; i++)
        {
            new Thread(Work) { IsBackground = true, Name = $"password-{i}" }.Start();
        }
    }

    public Task<string?> HashAsync(string password, CancellationToken cancellationToken) =>
        Enqueue<string?>(() => Hash(password), null, cancellationToken);

    public Task<PasswordCheck> CheckAsync(string? hash, string password, CancellationToken cancellationToken) =>
        Enqueue(() => Check(hash, password), PasswordCheck.Busy, cancellationToken);

    public void Dispose() => _queue.CompleteAdding();

    private Task<T> Enqueue<T>(Func<T> work, T busy, CancellationToken cancellationToken)
    {
        var completion = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var isQueued = !_queue.IsAddingCompleted && _queue.TryAdd(Run);
        return isQueued ? completion.Task : Task.FromResult(busy);

        void Run()
        {
            if (cancellationToken.IsCancellationRequested)
            {
                completion.SetCanceled(cancellationToken);
                return;
            }

            try
            {
                completion.SetResult(work());
            }
            catch (Exception e)
            {
                completion.SetException(e); // the caller handles it; the thread continues
            }
        }
    }

    private void Work()
    {
        foreach (var job in _queue.GetConsumingEnumerable())
        {
            job();
        }
    }

    private string Hash(string password)
    {
        Span<char> hash = stackalloc char[Argon2id.HashSize];
        Argon2id.ComputeHash(hash, Bytes(password), _iterations, _memoryBytes);
        return hash.TrimEnd('\0').ToString();
    }

    private PasswordCheck Check(string? hash, string password)
    {
        var isRight = Argon2id.VerifyHash(hash ?? _dummyHash.Value, Bytes(password));
        if (!isRight || hash is null)
        {
            return PasswordCheck.Wrong;
        }

        return Argon2id.NeedsRehash(hash, _iterations, _memoryBytes) ? PasswordCheck.RightButOutdated : PasswordCheck.Right;
    }

    // The same password must match however the keyboard composes its letters.
    private static byte[] Bytes(string password) => Encoding.UTF8.GetBytes(Passwords.Normalize(password));
}
