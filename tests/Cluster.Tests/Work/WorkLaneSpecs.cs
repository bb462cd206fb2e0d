using System.Data.Common;
using System.Diagnostics.Metrics;
using AkkaChat.Cluster.Work;
using AkkaChat.Persistence.Database;
using AkkaChat.Persistence.Work;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace AkkaChat.Cluster.Tests.Work;

public sealed class WorkLaneSpecs
{
    /// <summary>Work stops before the actor system does: a lane that waits for a database would keep the node in its cluster.</summary>
    [Fact]
    public async Task Stop_ShouldEndTheLane_WhenTheDatabaseHangsInItsClaim()
    {
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        using var metrics = new WorkMetrics(services.GetRequiredService<IMeterFactory>());
        var database = new HangingDatabase();
        using var lane = new WorkLane(
            new TestHandler((_, _) => Task.CompletedTask) { Parallelism = 3 },
            new WorkTable(database),
            new WorkOptions(),
            metrics,
            TimeProvider.System,
            NullLogger<WorkLane>.Instance);
        using var stopping = new CancellationTokenSource();

        var lives = lane.RunAsync(stopping.Token);
        await database.Hangs.WaitAsync(TimeSpan.FromSeconds(10));
        await stopping.CancelAsync();

        await lives.WaitAsync(TimeSpan.FromSeconds(10));
    }

    /// <summary>Takes what it is given and answers nothing, as a server that was frozen or a network that drops packets.</summary>
    private sealed class HangingDatabase : IDatabase
    {
        private readonly TaskCompletionSource _hangs = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Hangs => _hangs.Task;

        public DatabaseProvider Provider => DatabaseProvider.Postgres;

        public string ConnectionString => "";

        public string JournalConnectionString => "";

        public string SnapshotConnectionString => "";

        public ValueTask<DbConnection> OpenAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> read, CancellationToken cancellationToken) => throw new NotSupportedException();

        public async Task<T> WriteAsync<T>(Func<DbConnection, DbTransaction, Task<T>> write, CancellationToken cancellationToken)
        {
            _hangs.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            throw new InvalidOperationException();
        }
    }
}
