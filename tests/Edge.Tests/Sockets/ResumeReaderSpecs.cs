using AkkaChat.Edge.Sockets;
using AkkaChat.Edge.Tests.Relay;
using AkkaChat.Messages.Client;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.ReadModel;
using AkkaChat.Support;

namespace AkkaChat.Edge.Tests.Sockets;

/// <summary>A storm of clients that resume.</summary>
public sealed class ResumeReaderSpecs
{
    private const int Clients = 3 * ResumeReader.MaxReads;

    private static readonly MembershipDigest Membership = new(Some.Room, new RoomHead(9, 9), MemberRole.Member, 1, 0, 0, 0, RoomPreferences.Default);

    private readonly FakeLog _log = new();

    public ResumeReaderSpecs() => _log.Add(Some.Messages(1, 9));

    [Fact]
    public async Task Reads_ShouldBeFewAtATime_HoweverManyResume()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _log.Gate = gate.Task;
        using var reader = new ResumeReader(_log);

        // Each call returns once it waits: for the read, or for its turn.
        var resumed = Enumerable.Range(0, Clients).Select(_ => ResumeAsync(reader, _ => ValueTask.CompletedTask)).ToList();
        Assert.Equal(ResumeReader.MaxReads, _log.Reads);

        gate.SetResult();
        var reached = await Task.WhenAll(resumed).WaitAsync(Eventually.DefaultTimeout);
        Assert.All(reached, resumption => Assert.Equal(9, resumption.Reached[Some.Room]));
        Assert.Equal(Clients, _log.Reads);
    }

    [Fact]
    public async Task Others_ShouldHaveTheirTurn_WhenSomeTakeNothing()
    {
        using var reader = new ResumeReader(_log);
        var stalled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var waiting = Enumerable.Range(0, Clients).Select(_ => ResumeAsync(reader, _ => new ValueTask(stalled.Task))).ToList();

        await ResumeAsync(reader, _ => ValueTask.CompletedTask).WaitAsync(Eventually.DefaultTimeout);

        Assert.All(waiting, client => Assert.False(client.IsCompleted));
        stalled.SetResult();
        await Task.WhenAll(waiting).WaitAsync(Eventually.DefaultTimeout);
    }

    private static Task<Resumption> ResumeAsync(ResumeReader reader, Func<byte[], ValueTask> send) => reader.SendAsync(
        Some.Ana.Id, new ResumeData(null, new Dictionary<string, long> { [Some.Room.Value] = 3 }), "epoch", [Membership], send, default);
}
