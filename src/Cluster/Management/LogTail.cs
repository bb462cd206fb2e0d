using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Akka.Actor;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace AkkaChat.Cluster.Management;

/// <summary>One entry of the log.</summary>
/// <param name="Error">Type and message of the exception; null if there is none.</param>
internal sealed record LogLine(DateTimeOffset Time, LogLevel Level, string Category, string Message, string? Error)
{
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Time.UtcDateTime:yyyy-MM-ddTHH:mm:ss.fffZ} {Level.ToString().ToLowerInvariant()} {Category} {Message}{(Error is null ? "" : $" | {Error}")}");
}

/// <summary>Passes new entries of the log to those who follow it. Costs nothing while nobody does.</summary>
internal sealed class LogTail(TimeProvider time) : ILoggerProvider
{
    private const int MaxLines = 1_024;

    private readonly TimeProvider _time = time;
    private ImmutableList<ChannelWriter<LogLine>> _followers = [];

    public async IAsyncEnumerable<LogLine> FollowAsync([EnumeratorCancellation] CancellationToken stopped)
    {
        // A follower that cannot keep up misses the oldest.
        var lines = Channel.CreateBounded<LogLine>(new BoundedChannelOptions(MaxLines) { FullMode = BoundedChannelFullMode.DropOldest });
        ImmutableInterlocked.Update(ref _followers, list => list.Add(lines.Writer));
        try
        {
            await foreach (var line in lines.Reader.ReadAllAsync(stopped))
            {
                yield return line;
            }
        }
        finally
        {
            ImmutableInterlocked.Update(ref _followers, list => list.Remove(lines.Writer));
        }
    }

    public ILogger CreateLogger(string categoryName) => new Writer(this, categoryName);

    public void Dispose()
    {
        // Owns nothing.
    }

    private sealed class Writer(LogTail tail, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None && !Volatile.Read(ref tail._followers).IsEmpty;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel))
            {
                return;
            }

            var error = exception is null ? null : $"{exception.GetType().Name}: {exception.Message}";
            var line = new LogLine(tail._time.GetUtcNow(), logLevel, category, formatter(state, exception), error);
            foreach (var follower in Volatile.Read(ref tail._followers))
            {
                follower.TryWrite(line);
            }
        }
    }
}

/// <summary>Log levels that an operator has changed at run time: rules after those of the configuration.</summary>
internal sealed class LogLevels : IConfigureOptions<LoggerFilterOptions>, IOptionsChangeTokenSource<LoggerFilterOptions>
{
    private ImmutableSortedDictionary<string, LogLevel> _levels = ImmutableSortedDictionary.Create<string, LogLevel>(StringComparer.Ordinal);
    private ConfigurationReloadToken _change = new();

    public IReadOnlyDictionary<string, LogLevel> Changed => Volatile.Read(ref _levels);

    string? IOptionsChangeTokenSource<LoggerFilterOptions>.Name => Options.DefaultName;

    /// <param name="category">A category or its prefix; empty for all.</param>
    /// <param name="level">Null undoes the change.</param>
    /// <param name="system">The actor system, which filters by level before the log does; null until it has started.</param>
    public void Set(string category, LogLevel? level, ActorSystem? system)
    {
        Volatile.Write(ref _levels, level is { } set ? _levels.SetItem(category, set) : _levels.Remove(category));
        Interlocked.Exchange(ref _change, new ConfigurationReloadToken()).OnReload();
        system?.EventStream.SetLogLevel(BusLevel(system));
    }

    public void Configure(LoggerFilterOptions options)
    {
        foreach (var (category, level) in Changed)
        {
            options.Rules.Add(new LoggerFilterRule(null, category.Length == 0 ? null : category, level, null));
        }
    }

    public IChangeToken GetChangeToken() => Volatile.Read(ref _change);

    /// <summary>
    /// The most detailed level of all categories that include Akka's; at least the one that the actor system started with.
    /// </summary>
    private Akka.Event.LogLevel BusLevel(ActorSystem system)
    {
        var started = Akka.Event.Logging.LogLevelFor(system.Settings.LogLevel);
        var finest = Changed.Where(level => level.Key.Length == 0 || level.Key.StartsWith("Akka.", StringComparison.Ordinal) || level.Key == "Akka")
            .Select(level => level.Value)
            .DefaultIfEmpty(LogLevel.None)
            .Min();
        var wanted = finest <= LogLevel.Debug ? Akka.Event.LogLevel.DebugLevel : started;
        return wanted < started ? wanted : started;
    }
}

internal static class LogHosting
{
    public static IServiceCollection AddLogCommands(this IServiceCollection services)
    {
        services.AddSingleton<LogTail>();
        services.AddSingleton<ILoggerProvider>(provider => provider.GetRequiredService<LogTail>());
        services.AddSingleton<LogLevels>();
        services.AddSingleton<IConfigureOptions<LoggerFilterOptions>>(provider => provider.GetRequiredService<LogLevels>());
        return services.AddSingleton<IOptionsChangeTokenSource<LoggerFilterOptions>>(provider => provider.GetRequiredService<LogLevels>());
    }
}
