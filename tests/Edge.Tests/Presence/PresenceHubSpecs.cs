using System.Collections.Concurrent;
using Akka.Actor;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using AkkaChat.Edge.Presence;
using AkkaChat.Edge.Tests.Relay;
using AkkaChat.Messages.Client;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Users;
using AkkaChat.Persistence.Presence;
using AkkaChat.Persistence.ReadModel;
using AkkaChat.Support;

namespace AkkaChat.Edge.Tests.Presence;

public sealed class PresenceHubSpecs()
    : TestKit(Akka.Configuration.ConfigurationFactory.ParseString(
        "akka.scheduler.implementation = \"Akka.TestKit.TestScheduler, Akka.TestKit\"").WithFallback(RelayHubSpecs.Clustered))
{
    private static readonly EdgeId Other = new("e2");

    private readonly FakeStore _store = new();
    private readonly FakeDirectory _directory = new();
    private readonly OnlineUsers _online = new();
    private readonly FakeSubscriber _watcher = new(Some.Ana.Id);

    [Fact]
    public async Task Watch_ShouldAnswerThePictureAndThenItsChanges_WhenUsersComeAndGo()
    {
        var hub = await StartAsync();
        hub.Tell(new PresenceHub.SocketOpened(Some.Ana.Id));
        var view = await ViewAsync(hub);
        Assert.Equal(("ok", 1), (view.State, view.OnlineCount));
        Assert.Equal([Some.Ana.Id.Value], view.Online);

        hub.Tell(new PresenceHub.SocketOpened(Some.Ben.Id));
        hub.Tell(new PresenceHub.SocketOpened(Some.Ben.Id));
        hub.Tell(new PresenceHub.SocketClosed(Some.Ben.Id));
        await FlushAsync(hub);
        Assert.Equal($"+{Some.Ben.Id} =2", Last());

        hub.Tell(new PresenceHub.SocketClosed(Some.Ben.Id));
        await FlushAsync(hub);
        Assert.Equal($"-{Some.Ben.Id} =1", Last());

        // Who comes and goes between two frames is no news.
        hub.Tell(new PresenceHub.SocketOpened(Some.Ben.Id));
        hub.Tell(new PresenceHub.SocketClosed(Some.Ben.Id));
        await FlushAsync(hub);
        Assert.Equal(2, _watcher.Ephemeral.Count);
    }

    [Fact]
    public async Task User_ShouldBeOnline_WhileAnyEdgeHasThem()
    {
        var hub = await StartAsync();
        hub.Tell(new PresenceHub.SocketOpened(Some.Ben.Id));
        hub.Tell(new UserProtocol.PresenceDelta(Other, [Some.Ben.Id], []));
        hub.Tell(new PresenceHub.SocketClosed(Some.Ben.Id));
        await DoneAsync(hub);
        Assert.True(_online.IsOnline(Some.Ben.Id));

        hub.Tell(new UserProtocol.PresenceDelta(Other, [], [Some.Ben.Id]));
        await DoneAsync(hub);
        Assert.False(_online.IsOnline(Some.Ben.Id));
    }

    /// <summary>The store's entry of another edge is as old as that edge's last renewal; what was heard since is newer.</summary>
    [Fact]
    public async Task Store_ShouldNotUndoWhatWasHeardSince_WhenItsEntryIsOlder()
    {
        var hub = await StartAsync();
        _store.Entries[Other] = [Some.User('c').Id];
        await RefreshAsync(hub);
        Assert.True(_online.IsOnline(Some.User('c').Id));
        await ViewAsync(hub);

        hub.Tell(new UserProtocol.PresenceDelta(Other, [Some.Ben.Id], [Some.User('c').Id]));
        await FlushAsync(hub);
        await RefreshAsync(hub);
        await FlushAsync(hub);

        Assert.True(_online.IsOnline(Some.Ben.Id));
        Assert.False(_online.IsOnline(Some.User('c').Id));
        Assert.Single(_watcher.Ephemeral);
    }

    [Fact]
    public async Task Store_ShouldCorrectWhatWasHeard_WhenItSaysOtherwiseForLong()
    {
        var hub = await StartAsync();
        _store.Entries[Other] = [];
        hub.Tell(new UserProtocol.PresenceDelta(Other, [Some.Ben.Id], []));

        for (var i = 0; i < 3; i++)
        {
            await RefreshAsync(hub);
        }

        Assert.False(_online.IsOnline(Some.Ben.Id));
    }

    [Fact]
    public async Task Users_ShouldRunOut_WhenTheirEdgesEntryHas()
    {
        var hub = await StartAsync();
        _store.Entries[Other] = [Some.Ben.Id];
        await RefreshAsync(hub);
        Assert.True(_online.IsOnline(Some.Ben.Id));

        _store.Entries.TryRemove(Other, out _);
        await RefreshAsync(hub);

        Assert.False(_online.IsOnline(Some.Ben.Id));
    }

    [Fact]
    public async Task Presence_ShouldBeUnknownAndComeBackWhole_WhenTheStoreFailsAndReturns()
    {
        var hub = await StartAsync();
        await ViewAsync(hub);
        _store.Fails = true;
        await RefreshAsync(hub);
        Assert.False(_online.IsKnown);
        Assert.Equal("unknown", Last());

        hub.Tell(new PresenceHub.SocketOpened(Some.Ben.Id));
        await FlushAsync(hub);
        Assert.Equal("unknown", (await ViewAsync(hub)).State);
        _store.Fails = false;
        await RefreshAsync(hub);

        Assert.True(_online.IsKnown);
        Assert.Equal($"[{Some.Ben.Id}] =1", Last());
    }

    [Fact]
    public async Task Presence_ShouldBeUnknown_UntilTheStoreHasAnsweredOnce()
    {
        var hub = Sys.ActorOf(Props.Create(() => new PresenceHub(Some.Edge, _online, _store, _directory)));
        await DoneAsync(hub);
        Assert.False(_online.IsKnown);

        await RefreshAsync(hub);

        Assert.True(_online.IsKnown);
    }

    [Fact]
    public async Task Watcher_ShouldSeeMembersJoinAndLeave_WhenTheyAreOnline()
    {
        var hub = await StartAsync();
        var cleo = Some.User('d').Id;
        hub.Tell(new PresenceHub.SocketOpened(cleo));
        await ViewAsync(hub);

        hub.Tell(new PresenceHub.MembershipChanged(Some.Room, cleo, IsMember: true));
        await FlushAsync(hub);
        Assert.Equal($"+{cleo} =1", Last());
        hub.Tell(new PresenceHub.MembershipChanged(Some.Room, cleo, IsMember: false));
        await FlushAsync(hub);
        Assert.Equal($"-{cleo} =0", Last());
    }

    [Fact]
    public async Task Watch_ShouldTellTheCountAlone_WhenTheRoomHasMoreThan500Members()
    {
        _directory.Members = [.. Enumerable.Range(0, 501).Select(i => new UserId($"u_{i:x32}"))];
        var hub = await StartAsync();
        hub.Tell(new PresenceHub.SocketOpened(_directory.Members[7]));

        var view = await ViewAsync(hub);

        Assert.Null(view.Online);
        Assert.Equal(1, view.OnlineCount);
        hub.Tell(new PresenceHub.SocketOpened(_directory.Members[8]));
        await FlushAsync(hub);
        Assert.Equal(System.Text.Json.JsonValueKind.Null, _watcher.Ephemeral.Last().GetProperty("d").GetProperty("joined").ValueKind);
        Assert.Equal(2, _watcher.Ephemeral.Last().GetProperty("d").GetProperty("onlineCount").GetInt32());
    }

    [Fact]
    public async Task Members_ShouldBeAskedForAgainAfterAWhile_WhenTheDatabaseCannotBeReached()
    {
        _directory.Fails = true;
        var hub = await StartAsync();
        var answer = new TaskCompletionSource<PresenceView>(TaskCreationOptions.RunContinuationsAsynchronously);
        hub.Tell(new PresenceHub.Watch(Some.Room, _watcher, answer.SetResult));
        for (var i = 0; i < 20; i++)
        {
            await DoneAsync(hub);
        }

        Assert.Equal(1, _directory.Reads);
        _directory.Fails = false;
        await Eventually.AssertAsync(async () =>
        {
            Scheduler.Advance(TimeSpan.FromSeconds(1));
            await DoneAsync(hub);
            Assert.True(answer.Task.IsCompleted);
        });
    }

    [Fact]
    public async Task OtherEdges_ShouldHearOfFirstAndLastSockets_WhenTheyOpenAndClose()
    {
        var edges = CreateTestProbe();
        Akka.Cluster.Tools.PublishSubscribe.DistributedPubSub.Get(Sys).Mediator.Tell(
            new Akka.Cluster.Tools.PublishSubscribe.Subscribe(AkkaChat.Cluster.Rooms.EdgeTopics.All, edges), edges);
        await edges.ExpectMsgAsync<Akka.Cluster.Tools.PublishSubscribe.SubscribeAck>();
        var hub = await StartAsync();

        hub.Tell(new PresenceHub.SocketOpened(Some.Ana.Id));
        hub.Tell(new PresenceHub.SocketOpened(Some.Ana.Id));
        hub.Tell(new PresenceHub.SocketOpened(Some.Ben.Id));
        hub.Tell(new PresenceHub.SocketClosed(Some.Ben.Id));
        await FlushAsync(hub);

        var delta = await edges.ExpectMsgAsync<UserProtocol.PresenceDelta>();
        Assert.Equal((Some.Edge, Some.Ana.Id, 0), (delta.Edge, delta.Up.Single(), delta.Down.Count));
    }

    private TestScheduler Scheduler => (TestScheduler)Sys.Scheduler;

    private async Task<IActorRef> StartAsync()
    {
        var hub = Sys.ActorOf(Props.Create(() => new PresenceHub(Some.Edge, _online, _store, _directory)));
        await DoneAsync(hub);
        await RefreshAsync(hub);
        return hub;
    }

    private async Task<PresenceView> ViewAsync(IActorRef hub)
    {
        var answer = new TaskCompletionSource<PresenceView>(TaskCreationOptions.RunContinuationsAsynchronously);
        hub.Tell(new PresenceHub.Watch(Some.Room, _watcher, answer.SetResult));
        return await answer.Task.WaitAsync(Eventually.DefaultTimeout);
    }

    private static Task<ActorIdentity> DoneAsync(IActorRef hub) => hub.Ask<ActorIdentity>(new Identify(null), Eventually.DefaultTimeout);

    private async Task FlushAsync(IActorRef hub)
    {
        await DoneAsync(hub);
        Scheduler.Advance(TimeSpan.FromSeconds(1));
        await DoneAsync(hub);
    }

    private async Task RefreshAsync(IActorRef hub)
    {
        var before = _store.Publishes;
        Scheduler.Advance(TimeSpan.FromSeconds(5));
        await Eventually.AssertAsync(() => Assert.True(_store.Publishes > before));
        await DoneAsync(hub);
        await DoneAsync(hub);
    }

    private string Last()
    {
        var d = _watcher.Ephemeral.Last().GetProperty("d");
        if (d.GetProperty("state").GetString() != "ok")
        {
            return "unknown";
        }

        var count = d.GetProperty("onlineCount").GetInt32();
        return d.TryGetProperty("online", out var online)
            ? $"[{string.Join(',', online.EnumerateArray())}] ={count}"
            : string.Concat(d.GetProperty("joined").EnumerateArray().Select(id => $"+{id} "))
                + string.Concat(d.GetProperty("left").EnumerateArray().Select(id => $"-{id} ")) + $"={count}";
    }

    private sealed class FakeStore : IPresenceStore
    {
        private int _publishes;

        public ConcurrentDictionary<EdgeId, IReadOnlyList<UserId>> Entries { get; } = new();

        public bool Fails { get; set; }

        public int Publishes => Volatile.Read(ref _publishes);

        public bool IsShared => true;

        public Task PublishAsync(EdgeId edge, IReadOnlyCollection<UserId> users, TimeSpan lifetime)
        {
            Interlocked.Increment(ref _publishes);
            Entries[edge] = [.. users];
            return Fails ? Task.FromException(new TimeoutException("as the spec wants")) : Task.CompletedTask;
        }

        public Task<IReadOnlyDictionary<EdgeId, IReadOnlyList<UserId>>> ReadAllAsync() =>
            Task.FromResult<IReadOnlyDictionary<EdgeId, IReadOnlyList<UserId>>>(new Dictionary<EdgeId, IReadOnlyList<UserId>>(Entries));

        public Task RemoveAsync(EdgeId edge) => Task.CompletedTask;
    }

    private sealed class FakeDirectory : IRoomDirectory
    {
        private int _reads;

        public IReadOnlyList<UserId> Members { get; set; } = [Some.Ana.Id, Some.Ben.Id, Some.User('c').Id];

        public bool Fails { get; set; }

        public int Reads => Volatile.Read(ref _reads);

        public Task<IReadOnlyList<UserId>> ListMemberIdsAsync(RoomId room, CancellationToken cancellationToken = default)
        {
            Interlocked.Increment(ref _reads);
            return Fails ? Task.FromException<IReadOnlyList<UserId>>(new TimeoutException("as the spec wants")) : Task.FromResult(Members);
        }

        public Task<RoomSummary?> FindAsync(RoomId room, UserId viewer, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task<Page<RoomSummary>> ListJoinedAsync(UserId user, string? search, string? cursor, int limit, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public Task<Page<RoomSummary>> ListDiscoverableAsync(UserId user, string? search, string? cursor, int limit, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public Task<RoomMembership?> GetMembershipAsync(RoomId room, UserId user, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public Task<Page<RoomMemberEntry>> ListMembersAsync(RoomId room, string? cursor, int limit, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public Task<ILookup<RoomId, UserId>> ListMemberIdsAsync(IReadOnlyCollection<RoomId> rooms, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public Task<IReadOnlyDictionary<RoomId, int>> CountMembersAsync(
            IReadOnlyCollection<RoomId> rooms, IReadOnlyCollection<UserId> users, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public Task<int> CountMembershipsAsync(UserId user, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task<IReadOnlyList<MembershipDigest>> ListMembershipsAsync(UserId user, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();
    }
}
