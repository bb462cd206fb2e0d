using System.Collections.Concurrent;
using System.Reflection;
using AkkaChat.Edge.Presence;
using AkkaChat.Edge.Tests.Relay;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.ReadModel;
using Microsoft.Extensions.Time.Testing;

namespace AkkaChat.Edge.Tests.Presence;

/// <summary>Lists of rooms show how many members are online, and must not load the members of large rooms for that.</summary>
public sealed class OnlineCountsSpecs
{
    private static readonly RoomId Small = new("r_small");
    private static readonly RoomId Large = new("r_large");

    private readonly OnlineUsers _online = new();
    private readonly FakeTimeProvider _time = new();
    private readonly IRoomDirectory _directory = DispatchProxy.Create<IRoomDirectory, Directory>();

    public OnlineCountsSpecs()
    {
        _online.SetKnown(true);
        _online.Add(Some.Ana.Id);
    }

    private Directory Asked => (Directory)_directory;

    [Fact]
    public async Task Count_ShouldLoadTheMembersOfSmallRoomsOnly()
    {
        using var counts = new OnlineCounts(_directory, _online, _time);

        var counted = await counts.CountAsync([Room(Small, 2), Room(Large, 50_000)], default);

        Assert.Equal(1, counted![Small]);
        Assert.Equal(7, counted[Large]);
        Assert.Equal([Small], Assert.Single(Asked.Loaded));
        Assert.Equal([Large], Assert.Single(Asked.Counted));
    }

    [Fact]
    public async Task Count_ShouldAskOnceForALargeRoom_HoweverManyAskAtATime()
    {
        using var counts = new OnlineCounts(_directory, _online, _time);
        Asked.Gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var lists = Enumerable.Range(0, 20).Select(_ => counts.CountAsync([Room(Large, 50_000)], default)).ToList();

        Asked.Gate.SetResult();

        Assert.All(await Task.WhenAll(lists), counted => Assert.Equal(7, counted![Large]));
        Assert.Single(Asked.Counted);
        _time.Advance(TimeSpan.FromSeconds(6));
        await counts.CountAsync([Room(Large, 50_000)], default);
        Assert.Equal(2, Asked.Counted.Count);
    }

    [Fact]
    public async Task Count_ShouldBeUnknown_WhilePresenceIs()
    {
        using var counts = new OnlineCounts(_directory, _online, _time);
        _online.SetKnown(false);

        Assert.Null(await counts.CountAsync([Room(Small, 2)], default));
        Assert.Empty(Asked.Loaded);
    }

    private static RoomSummary Room(RoomId room, int members) => new(
        room, "Room", "", RoomVisibility.Public, members, null, 0, 0, true, null, default!, 0, default, true, null, RoomPreferences.Default);

    /// <summary>Answers the two questions of counts; nothing else may be asked.</summary>
    public class Directory : DispatchProxy
    {
        public ConcurrentQueue<IReadOnlyCollection<RoomId>> Loaded { get; } = new();

        public ConcurrentQueue<IReadOnlyCollection<RoomId>> Counted { get; } = new();

        public TaskCompletionSource? Gate { get; set; }

        protected override object Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            var rooms = (IReadOnlyCollection<RoomId>)args![0]!;
            switch (targetMethod!.Name)
            {
                case nameof(IRoomDirectory.ListMemberIdsAsync):
                    if (rooms.Count > 0)
                    {
                        Loaded.Enqueue(rooms);
                    }

                    return Task.FromResult(rooms.SelectMany(room => new[] { (room, Some.Ana.Id), (room, Some.Ben.Id) }).ToLookup(one => one.room, one => one.Id));
                case nameof(IRoomDirectory.CountMembersAsync):
                    if (rooms.Count > 0)
                    {
                        Counted.Enqueue(rooms);
                    }

                    return CountAsync(rooms);
                default:
                    throw new NotSupportedException(targetMethod.Name);
            }
        }

        private async Task<IReadOnlyDictionary<RoomId, int>> CountAsync(IReadOnlyCollection<RoomId> rooms)
        {
            await (Gate?.Task ?? Task.CompletedTask);
            return rooms.ToDictionary(room => room, _ => 7);
        }
    }
}
