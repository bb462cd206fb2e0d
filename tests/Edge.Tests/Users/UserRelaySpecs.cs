using System.Collections.Concurrent;
using Akka.Actor;
using Akka.TestKit;
using AkkaChat.Edge.Accounts;
using AkkaChat.Edge.Tests.Relay;
using AkkaChat.Edge.Users;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Messages.Users;
using AkkaChat.Persistence.Accounts;
using AkkaChat.Persistence.ReadModel;
using AkkaChat.Support;
using Microsoft.Extensions.Options;

namespace AkkaChat.Edge.Tests.Users;

public sealed class UserRelaySpecs() : Akka.TestKit.Xunit2.TestKit(RoomRelaySpecs.Quiet + "\nakka.scheduler.implementation = \"Akka.TestKit.TestScheduler, Akka.TestKit\"")
{
    /// <summary>Within which everybody must have heard, whatever was lost.</summary>
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(5);

    private static readonly UserId Ana = Some.Ana.Id;

    private readonly FakeStream _stream = new();
    private readonly FakeSessions _sessions = new();

    [Fact]
    public async Task Sessions_ShouldHearWhatMoved_WhenABroadcastComes()
    {
        var relay = Start();
        var (one, two) = (new FakeSession("s_1", 3), new FakeSession("s_2", 3));
        _stream.Head = 3;
        relay.Tell(new UserRelay.Follow(Ana, one, 3));
        relay.Tell(new UserRelay.Follow(Ana, two, 3));
        _stream.Head = 5;

        relay.Tell(new UserProtocol.StreamMoved(Ana, 5));

        await one.HeardAsync(4, 5);
        await two.HeardAsync(4, 5);
    }

    [Fact]
    public async Task Session_ShouldHearAllInPages_WhenMuchHasMoved()
    {
        var relay = Start();
        var session = new FakeSession("s_1");
        relay.Tell(new UserRelay.Follow(Ana, session, 0));
        _stream.Head = 1200;

        relay.Tell(new UserProtocol.StreamMoved(Ana, 1200));

        await session.HeardAsync(1, 1200);
    }

    [Fact]
    public async Task Session_ShouldMissNothing_WhenItFollowsFromBeforeTheOthers()
    {
        var relay = Start();
        var (one, two) = (new FakeSession("s_1", 5), new FakeSession("s_2", 3));
        _stream.Head = 5;
        relay.Tell(new UserRelay.Follow(Ana, one, 5));

        relay.Tell(new UserRelay.Follow(Ana, two, 3));

        await two.HeardAsync(4, 5);
    }

    /// <summary>What is under way was asked for by those who were further on.</summary>
    [Fact]
    public async Task Session_ShouldMissNothing_WhenItFollowsWhileAPageIsRead()
    {
        var relay = Start();
        var (one, two) = (new FakeSession("s_1", 5), new FakeSession("s_2", 3));
        _stream.Head = 5;
        relay.Tell(new UserRelay.Follow(Ana, one, 5));
        var gate = new TaskCompletionSource();
        _stream.Gate = gate.Task;
        _stream.Head = 6;
        relay.Tell(new UserProtocol.StreamMoved(Ana, 6));
        await Eventually.AssertAsync(() => Assert.Equal(1, _stream.Reads));

        relay.Tell(new UserRelay.Follow(Ana, two, 3));
        relay.Tell(new UserProtocol.StreamMoved(Ana, 6));
        await relay.Ask<ActorIdentity>(new Identify(null), Eventually.DefaultTimeout);
        gate.SetResult();

        await one.HeardAsync(6, 6);
        await two.HeardAsync(4, 6);
    }

    [Fact]
    public async Task Session_ShouldStartAnew_WhenTheStreamNoLongerReachesBack()
    {
        var relay = Start();
        var session = new FakeSession("s_1");
        relay.Tell(new UserRelay.Follow(Ana, session, 3));
        (_stream.Head, _stream.Reset) = (5000, true);

        relay.Tell(new UserProtocol.StreamMoved(Ana, 5000));

        await Eventually.AssertAsync(() => Assert.Equal(1, session.Restarts));
        Assert.Empty(session.Heard);
    }

    [Fact]
    public async Task Session_ShouldBeEnded_WhenItsEndIsTold()
    {
        var relay = Start();
        var (one, two) = (new FakeSession("s_1"), new FakeSession("s_2"));
        relay.Tell(new UserRelay.Follow(Ana, one, 0));
        relay.Tell(new UserRelay.Follow(Ana, two, 0));

        relay.Tell(new UserProtocol.SessionEnded(Ana, one.Id));

        await Eventually.AssertAsync(() => Assert.Equal(1, one.Ends));
        Assert.Equal(0, two.Ends);
    }

    [Fact]
    public async Task Session_ShouldHearNothing_WhenItHasUnfollowed()
    {
        var relay = Start();
        var (one, two) = (new FakeSession("s_1"), new FakeSession("s_2"));
        relay.Tell(new UserRelay.Follow(Ana, one, 0));
        relay.Tell(new UserRelay.Follow(Ana, two, 0));
        relay.Tell(new UserRelay.Unfollow(Ana, one));
        _stream.Head = 2;

        relay.Tell(new UserProtocol.StreamMoved(Ana, 2));

        await two.HeardAsync(1, 2);
        Assert.Empty(one.Heard);
    }

    [Fact]
    public async Task Session_ShouldHearWhatMoved_WhenNoBroadcastSaysSo()
    {
        var relay = Start();
        var session = new FakeSession("s_1", 3);
        relay.Tell(new UserRelay.Follow(Ana, session, 3));
        await relay.Ask<ActorIdentity>(new Identify(null), Eventually.DefaultTimeout);
        _stream.Head = 5;

        ((TestScheduler)Sys.Scheduler).Advance(Bound);

        await session.HeardAsync(4, 5);
    }

    [Fact]
    public async Task Session_ShouldBeEnded_WhenNoBroadcastSaysSo()
    {
        var relay = Start();
        var (one, two) = (new FakeSession("s_1"), new FakeSession("s_2"));
        relay.Tell(new UserRelay.Follow(Ana, one, 0));
        relay.Tell(new UserRelay.Follow(Some.Ben.Id, two, 0));
        await relay.Ask<ActorIdentity>(new Identify(null), Eventually.DefaultTimeout);
        _sessions.Ended.TryAdd(two.Id, 0);

        ((TestScheduler)Sys.Scheduler).Advance(Bound);

        await Eventually.AssertAsync(() => Assert.Equal(1, two.Ends));
        Assert.Equal(0, one.Ends);
    }

    /// <summary>Their queries must not take all connections to the database at once.</summary>
    [Fact]
    public async Task Comparison_ShouldTakeAFewChunksAtATime_WhenThereAreManyUsers()
    {
        const int users = 10_500;
        var relay = Start();
        _sessions.Gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        for (var i = 0; i < users; i++)
        {
            relay.Tell(new UserRelay.Follow(new UserId($"u_{i}"), new FakeSession($"s_{i}"), 0));
        }

        await relay.Ask<ActorIdentity>(new Identify(null), Eventually.DefaultTimeout);
        ((TestScheduler)Sys.Scheduler).Advance(Bound);

        await Eventually.AssertAsync(() => Assert.Equal(4, _sessions.Asked.Count));
        // Another round is due, and the first has not ended.
        ((TestScheduler)Sys.Scheduler).Advance(Bound);
        await relay.Ask<ActorIdentity>(new Identify(null), Eventually.DefaultTimeout);
        Assert.Equal(4, _sessions.Asked.Count);

        _sessions.Gate.SetResult();
        await Eventually.AssertAsync(() => Assert.Equal(users, _sessions.Asked.Sum()));
        Assert.All(_sessions.Asked, chunk => Assert.InRange(chunk, 1, 1_000));
        Assert.Equal(4, _sessions.MostAtOnce);
    }

    private IActorRef Start() => Sys.ActorOf(Props.Create(() => new UserRelay(
        _stream, _sessions, new SessionValidator(null!, _sessions, Options.Create(new AuthOptions()), TimeProvider.System), null!)));

    private sealed class FakeSession(string id, long last = 0) : IUserSubscriber
    {
        private long _last = last;

        public SessionId Id => new(id);

        public ConcurrentQueue<long> Heard { get; } = new();

        public int Restarts { get; private set; }

        public int Ends { get; private set; }

        // As a session does: what it has had is dropped.
        public void OnUserEvent(UserEvent @event)
        {
            if (@event.UserSeq > _last)
            {
                _last = @event.UserSeq;
                Heard.Enqueue(@event.UserSeq);
            }
        }

        public void RestartUserStream() => Restarts++;

        public void OnProfileChanged(UserId user, IReadOnlyList<RoomId> shared, ReadOnlyMemory<byte> frame) =>
            throw new NotSupportedException();

        public void EndSession() => Ends++;

        public async Task HeardAsync(int from, int to)
        {
            await Eventually.AssertAsync(() => Assert.Equal(to, Heard.LastOrDefault()));
            Assert.Equal(Enumerable.Range(from, to - from + 1).Select(i => (long)i), Heard);
        }
    }

    private sealed class FakeSessions : ISessionStore
    {
        private int _now;

        public ConcurrentDictionary<SessionId, byte> Ended { get; } = new();

        /// <summary>Where set, questions wait for it.</summary>
        public TaskCompletionSource? Gate { get; set; }

        /// <summary>How many sessions each question was about.</summary>
        public ConcurrentQueue<int> Asked { get; } = new();

        public int MostAtOnce { get; private set; }

        public async Task<IReadOnlySet<SessionId>> FindLiveAsync(IReadOnlyCollection<SessionId> sessions, CancellationToken cancellationToken)
        {
            Asked.Enqueue(sessions.Count);
            var now = Interlocked.Increment(ref _now);
            MostAtOnce = Math.Max(MostAtOnce, now);
            await (Gate?.Task ?? Task.CompletedTask);
            Interlocked.Decrement(ref _now);
            return sessions.Where(session => !Ended.ContainsKey(session)).ToHashSet();
        }

        public Task<SessionGrant?> CreateAsync(UserId user, string passwordHash, string? device, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<RefreshResult> RefreshAsync(string refreshToken, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<(SessionId Session, UserId User)?> FindByTokenAsync(string refreshToken, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<bool> EndAsync(SessionId session, SessionEnd reason, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<SessionId>> EndAllAsync(UserId user, SessionEnd reason, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<bool> IsLiveAsync(SessionId session, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<int> PurgeAsync(CancellationToken cancellationToken) => throw new NotSupportedException();
    }

    private sealed class FakeStream : IUserStream
    {
        private int _reads;

        public long Head { get; set; }

        public bool Reset { get; set; }

        public Task Gate { get; set; } = Task.CompletedTask;

        public int Reads => Volatile.Read(ref _reads);

        public Task<long> GetSeqAsync(UserId user, CancellationToken cancellationToken = default) => Task.FromResult(Head);

        public async Task<UserEventPage> ReadAsync(UserId user, long afterUserSeq, int limit, CancellationToken cancellationToken = default)
        {
            Interlocked.Increment(ref _reads);
            await Gate.WaitAsync(cancellationToken);
            var events = Enumerable.Range((int)afterUserSeq + 1, Reset ? 0 : (int)Math.Min(limit, Math.Max(0, Head - afterUserSeq)))
                .Select(seq => (UserEvent)new MembershipRemoved(seq, Some.Room, DateTimeOffset.UnixEpoch, LeaveReason.Left));
            return new UserEventPage([.. events], Head, Reset);
        }

        public Task<IReadOnlyDictionary<UserId, long>> GetSeqsAsync(
            IReadOnlyCollection<UserId> users, CancellationToken cancellationToken = default) =>
            Task.FromResult<IReadOnlyDictionary<UserId, long>>(users.ToDictionary(user => user, _ => Head));
    }
}
