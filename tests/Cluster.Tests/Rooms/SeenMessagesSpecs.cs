using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Support;
using CsCheck;
using static AkkaChat.Cluster.Tests.Rooms.RoomFacts;
using static AkkaChat.Messages.Rooms.RoomProtocol;

namespace AkkaChat.Cluster.Tests.Rooms;

public sealed class SeenMessagesSpecs
{
    private static readonly SeenBounds Small = new(MinCount: 4, MaxCount: 9, MinAge: TimeSpan.FromSeconds(60));

    /// <summary>How far the room's clock moves before each message, backwards too, and how far from it the client's id was made.</summary>
    private static readonly Gen<(int Moves, int Made)[]> Steps = Gen.Select(Gen.Int[-20, 60], Gen.Int[-90, 600]).Array[0, 40];

    [Fact]
    public void Add_ShouldKeepTheBounds_AndCoverOnlyWhatWasNeverDropped() => Steps.ForAll(
        steps =>
        {
            var seen = SeenMessages.From([], DateTimeOffset.UnixEpoch, Small);
            var posts = new List<MessagePosted>();
            var now = Start;
            foreach (var (moves, made) in steps)
            {
                now += TimeSpan.FromSeconds(moves);
                posts.Add(Post(posts.Count + 1, now, Cid(now.AddSeconds(made), posts.Count)));
                seen = seen.Add(posts[^1]);
                AssertHolds(seen, posts);
            }
        },
        cases: 8_000);

    [Fact]
    public void Hash_ShouldCoverAllThatAPostSays()
    {
        // What it leaves out could change between a message and its retry, and the retry would be answered as if it had been stored.
        // The order and the trace are of one attempt, and others for the next, which another edge may make.
        string[] notTheBody =
        [
            nameof(PostMessage.Room), nameof(PostMessage.Author), nameof(PostMessage.ClientId), nameof(PostMessage.Order), nameof(PostMessage.Edge),
            nameof(PostMessage.Trace),
            nameof(PostMessage.Here), // follows from the text, and from who is online at each attempt
        ];
        Assert.Equal(
            typeof(PostMessage).GetProperties().Select(property => property.Name).Except(notTheBody).Order(),
            typeof(SeenMessages).GetMethod(nameof(SeenMessages.Hash))!.GetParameters()
                .Select(parameter => char.ToUpperInvariant(parameter.Name![0]) + parameter.Name[1..]).Order());
    }

    [Fact]
    public void From_ShouldGoOnAsIfNothingHadHappened_WhateverTheMoment() => Gen.Select(Steps, Gen.Int[0, 40]).ForAll(
        (steps, cut) =>
        {
            var live = SeenMessages.From([], DateTimeOffset.UnixEpoch, Small);
            var restored = live;
            var now = Start;
            for (var i = 0; i < steps.Length; i++)
            {
                if (i == cut)
                {
                    restored = SeenMessages.From([.. restored], restored.Floor, Small);
                }

                now += TimeSpan.FromSeconds(steps[i].Moves);
                var post = Post(i + 1, now, Cid(now.AddSeconds(steps[i].Made), i));
                (live, restored) = (live.Add(post), restored.Add(post));
            }

            Assert.Equal(live, restored);
            Assert.Equal(live.Floor, restored.Floor);
        },
        cases: 5_000);

    [Fact]
    public void Add_ShouldNeverForgetAmongTheLastTenThousand_AndNeverHoldMoreThanTwentyThousand()
    {
        var seen = SeenMessages.Empty;
        const int Old = SeenMessages.MinCount + 500;
        for (var i = 1; i <= Old; i++)
        {
            seen = seen.Add(Post(i, Start.AddMinutes(3 * i), Cid(Start, i))); // each is too old by the time of the next
            Assert.Equal(Math.Min(i, SeenMessages.MinCount), seen.Count);
        }

        Assert.Null(seen.Find(Ana.Id, Cid(Start, 500)));
        Assert.False(seen.Covers(Cid(Start, 500)));
        Assert.NotNull(seen.Find(Ana.Id, Cid(Start, 501)));

        var now = Start.AddMinutes(3 * Old);
        for (var i = Old + 1; i <= Old + SeenMessages.MaxCount + 5; i++)
        {
            seen = seen.Add(Post(i, now, Cid(now, i))); // all of one moment
        }

        Assert.Equal(SeenMessages.MaxCount, seen.Count);
        Assert.Equal(now, seen.Floor);
    }

    [Fact]
    public void Covers_ShouldHold_WhenNothingWasEverDropped()
    {
        Assert.True(SeenMessages.Empty.Covers(Cid(Start, 1)));
        Assert.True(SeenMessages.Empty.Add(Post(1, Start, Cid(Start, 1))).Covers(Cid(Start.AddDays(-1), 2)));
    }

    [Fact]
    public void Hash_ShouldTellBodiesApart() => Gen.Select(Gen.String, Gen.String, Gen.Long[0, 3], Gen.Long[0, 3]).ForAll(
        bodies =>
        {
            var (a, b, toA, toB) = bodies;
            Assert.Equal(SameBytes(a, b) && toA == toB, SeenMessages.Hash(a, toA, []) == SeenMessages.Hash(b, toB, []));
        },
        cases: 10_000);

    [Fact]
    public void Hash_ShouldTellFilesApart_AndLookAtNothingButTheirIds()
    {
        var (first, second) = (File("f_1"), File("f_2"));
        var all = new[] { SeenMessages.Hash("hi", 0, []), Of(first), Of(second), Of(first, second), Of(second, first) };

        Assert.Equal(all.Length, all.Distinct().Count());
        Assert.Equal(Of(first), Of(first with { Placeholder = "known later", Width = 5 }));

        static MessageFile File(string id) => new(new FileId(id), "a.png", "image/png", 10, 1, 1, "");
        static ulong Of(params MessageFile[] files) => SeenMessages.Hash("hi", 0, files);
    }

    /// <summary>It stands in snapshots: of a message without files it must stay what it was before there were any.</summary>
    [Fact]
    public void Hash_ShouldBeThatOfTheTextAlone_WhenThereAreNoFiles() => Assert.Equal(
        BitConverter.ToUInt64(System.Security.Cryptography.SHA256.HashData("hi"u8)) ^ 7, SeenMessages.Hash("hi", 7, []));

    private static void AssertHolds(SeenMessages seen, List<MessagePosted> posts)
    {
        Assert.InRange(seen.Count, Math.Min(posts.Count, Small.MinCount), Small.MaxCount);
        Assert.Equal(posts.TakeLast(seen.Count).Select(post => post.Seq), seen.Select(message => message.Seq));
        var young = posts.AsEnumerable().Reverse().TakeWhile(post => post.Time >= posts.Max(p => p.Time) - Small.MinAge).Take(Small.MaxCount);
        Assert.All(young, post => Assert.NotNull(seen.Find(Ana.Id, post.ClientId)));
        foreach (var post in posts)
        {
            if (seen.Find(Ana.Id, post.ClientId) is { } found)
            {
                Assert.Equal((post.Seq, post.N, post.Time), (found.Seq, found.N, found.Time));
            }
            else
            {
                Assert.False(seen.Covers(post.ClientId), $"{post.Seq} was dropped");
            }
        }
    }

    private static MessagePosted Post(long seq, DateTimeOffset time, Guid cid) => new(seq, time, seq, cid, Ana, "x", 0, []);

    private static bool SameBytes(string a, string b) =>
        System.Text.Encoding.UTF8.GetBytes(a).AsSpan().SequenceEqual(System.Text.Encoding.UTF8.GetBytes(b));
}
