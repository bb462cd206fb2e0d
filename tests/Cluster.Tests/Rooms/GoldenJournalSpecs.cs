using System.Text.Json;
using Akka.Actor;
using AkkaChat.Cluster.Rooms;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.ReadModel;
using AkkaChat.Support;
using static AkkaChat.Messages.Rooms.RoomProtocol;

namespace AkkaChat.Cluster.Tests.Rooms;

/// <summary>
/// The journal and the snapshot of a room as every release wrote them: this one recovers the room that it was, from the journal alone and from
/// the snapshot with the rows after it.
/// </summary>
public sealed class GoldenJournalSpecs : IDisposable
{
    private const string Journal = "journal.tsv";
    private const string Snapshot = "snapshot.tsv";
    private const string State = "room.tsv";

    private static readonly RoomId Room = new("r_0190f2a4b5c67d8e9fa0b1c2d3e4f506");
    private static readonly UserRef Ana = new(new UserId("u_0190f2a4b5c67d8e9fa0b1c2d3e4f507"), "ana", "Ana Ünal 🦊");
    private static readonly UserRef Bo = new(new UserId("u_0190f2a4b5c67d8e9fa0b1c2d3e4f508"), "bo", "Bo");
    private static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeMilliseconds(1_750_000_000_123);

    private readonly ActorSystem _system = ActorSystem.Create("golden", "akka.loglevel = off");

    public static TheoryData<string> Versions => [.. GoldenReleases.Versions];

    private RoomSerializer Serializer => new((ExtendedActorSystem)_system);

    public void Dispose() => _system.Dispose();

    [Theory]
    [MemberData(nameof(Versions))]
    public void Journal_ShouldBeTheRoomThatItWas(string version)
    {
        var rows = Rows(version);
        Assert.Contains(rows, row => row is RoomFence);

        AssertIs(version, RoomState.Empty.Apply(Events(rows)));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void Snapshot_ShouldBeTheRoomThatItWas_WithTheRowsAfterIt(string version)
    {
        var (_, hex) = GoldenReleases.Read(version, Snapshot).Single();
        var state = RoomState.From((RoomSnapshot)Serializer.FromBinary(Convert.FromHexString(hex), "rs-v1"));
        Assert.InRange(state.Seq, 1, Events(Rows(version)).Max(e => e.Seq) - 1);

        AssertIs(version, state.Apply(Events(Rows(version)).Where(e => e.Seq > state.Seq)));
    }

    [Fact]
    public void CurrentVersion_ShouldBeRecorded()
    {
        var (rows, snapshot, state) = Script();
        GoldenReleases.RequireCurrent((Journal, () => rows.Select(Item)), (Snapshot, () => [Item(snapshot)]), (State, () => Described(state)));
    }

    /// <summary>One of each decision that a room makes. A new event is added at its end.</summary>
    private static (IReadOnlyList<object> Rows, RoomSnapshot Snapshot, RoomState State) Script()
    {
        var (rows, state, now) = (new List<object>(), RoomState.Empty, Start);
        RoomSnapshot? snapshot = null;
        Decide(new CreateRoom(Room, "général", "tout & rien", RoomVisibility.Public, Ana));
        Decide(new JoinRoom(Room, Bo));
        Decide(Post(Ana, 1, "héllo @bo https://example.org/é"), Post(Bo, 2, "the answer"));
        rows.Add(new RoomFence("0190f2a4b5c67d8e9fa0b1c2d3e4f510", now));
        snapshot = state.ToSnapshot();
        var linked = state.Seq - 1;
        Decide(new AttachLinkCards(Room, linked, 1, [new LinkCard("https://example.org/é", "Un titre 🦊", "Une description", "L’exemple")]));
        Decide(new ChangeTopic(Room, "nouveau & clair", Ana));
        Decide(new RemoveLinkCards(Room, linked, 1, Ana));
        Decide(new ChangeLinkCards(Room, LinkCards: false, Ana));
        Decide(Post(Ana, 3, "\u0001 last 👩‍👩‍👧‍👦"));
        Decide(new LeaveRoom(Room, Bo));
        var last = (MessagePosted)rows.OfType<RoomEventBatch>().SelectMany(row => row.Events).Last(e => e is MessagePosted);
        state = state.Recall(new MessageFacts(new StoredMessage(Room, last.Seq, last.N, last.ClientId, Ana, last.Text, last.Time, 0, []), [], state.Seq));
        Decide(new SetReaction(Room, last.Seq, "👍🏽", On: true, Ana), new PinMessage(Room, last.Seq, On: true, Ana));
        Decide(new EditMessage(Room, last.Seq, "better", Ana));
        Decide(new DeleteMessage(Room, last.Seq, Ana));
        return (rows, snapshot, state);

        void Decide(params IRoomCommand[] commands)
        {
            var events = new List<RoomEvent>();
            foreach (var command in commands)
            {
                now = now.AddMilliseconds(10);
                var decision = state.Process(command, now);
                Assert.False(decision.Reply is Nack, $"{command}: {decision.Reply}");
                state = state.Apply(decision.Events);
                events.AddRange(decision.Events);
            }

            rows.Add(new RoomEventBatch(events));
        }

        PostMessage Post(UserRef author, int number, string text) =>
            new(Room, author, new Guid($"01977420-fa7b-7000-8000-{number:d12}"), text, 0);
    }

    /// <summary>What must come out of the rows, in names of its own, whatever becomes of the types.</summary>
    private static IEnumerable<(string Name, string Value)> Described(RoomState state) =>
    [
        ("seq", $"{state.Seq}"),
        ("n", $"{state.N}"),
        ("name", state.Name),
        ("topic", state.Topic),
        ("visibility", state.Visibility == RoomVisibility.Private ? "private" : "public"),
        ("created", $"{state.CreatedAt.ToUnixTimeMilliseconds()}"),
        ("linkCards", state.LinkCards ? "on" : "off"),
        .. state.Members.Values.OrderBy(member => member.User.Id.Value, StringComparer.Ordinal).Select(member => (
            "member", JsonSerializer.Serialize(new[] { member.User.Id.Value, member.User.Username, member.User.DisplayName, member.Role == MemberRole.Owner ? "owner" : "member", $"{member.JoinedSeq}" }))),
        .. state.Seen.OrderBy(seen => seen.Seq).Select(seen => (
            "seen", JsonSerializer.Serialize(new[] { seen.Author.Value, seen.ClientId.ToString(), $"{seen.Seq}", $"{seen.N}", $"{seen.BodyHash:x16}" }))),
    ];

    private static void AssertIs(string version, RoomState state) => Assert.Equal(GoldenReleases.Read(version, State), Described(state));

    private static IEnumerable<RoomEvent> Events(IEnumerable<object> rows) => rows.OfType<RoomEventBatch>().SelectMany(batch => batch.Events);

    private List<object> Rows(string version) =>
        [.. GoldenReleases.Read(version, Journal).Select(row => Serializer.FromBinary(Convert.FromHexString(row.Value), row.Name))];

    private (string Manifest, string Hex) Item(object row) => (Serializer.Manifest(row), Convert.ToHexStringLower(Serializer.ToBinary(row)));
}
