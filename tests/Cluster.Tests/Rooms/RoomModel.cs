using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using CsCheck;
using static AkkaChat.Cluster.Tests.Rooms.RoomFacts;
using static AkkaChat.Messages.Rooms.RoomProtocol;

namespace AkkaChat.Cluster.Tests.Rooms;

/// <summary>What one step of a random script does. All numbers are read as far as the step needs them.</summary>
internal readonly record struct Step(int Kind, int User, int Pick, int Text, int Seconds);

/// <summary>
/// A room under a random script, with a model beside it that says what each answer must be. The model is told nothing by the room: it has a
/// set of members, a list of accepted messages, and counts.
/// </summary>
internal sealed partial class RoomModel(SeenBounds bounds)
{
    private static readonly string[] Texts =
    [
        "hi", "hi @ana and @BO.", "héllo 👋", "@nobody", " ", "", "a\0b", new('x', RoomState.MaxTextBytes), new('x', RoomState.MaxTextBytes + 1),
        new('é', RoomState.MaxTextBytes / 2), new string('é', RoomState.MaxTextBytes / 2) + "x",
    ];

    private static readonly Gen<Step> Step = Gen.Select(
        Gen.Frequency((1, 0), (6, 1), (1, 2), (18, 3), (13, 4), (3, 5), (2, 6), (2, 7), (1, 8), (3, 9), (2, 10), (1, 11), (2, 12), (1, 13), (2, 14), (1, 15), (2, 16), (1, 17), (1, 18), (2, 19), (1, 20), (1, 21), (1, 22), (2, 23), (1, 24)),
        Gen.Int[0, 3],
        Gen.Int[0, 1_000],
        Gen.Frequency((4, Gen.Int[0, 3]), (1, Gen.Int[4, Texts.Length - 1])),
        Gen.Int[-5, 60],
        (kind, user, pick, text, seconds) => new Step(kind, user, pick, text, seconds));

    /// <summary>Most scripts begin with the making of the room.</summary>
    public static readonly Gen<Step[]> Steps =
        Step.Array[0, 48].Select(steps => steps.Length % 8 == 7 ? steps : [new Step(steps.Length % 8 == 5 ? 20 : 0, steps.Length % 4, steps.Length, 0, 1), .. steps]);

    private static readonly UserRef[] Users = [Ana, Bo, User("cy"), User("dee")];

    private readonly Dictionary<UserId, MemberRole> _members = [];
    private readonly HashSet<UserId> _banned = [];
    private readonly List<(PostMessage Command, PostAck Ack)> _accepted = [];
    private readonly List<PostMessage> _sent = [];
    private RoomVisibility _visibility;
    private string _topic = "";
    private bool _linksOff;
    private FileId? _picture;
    private readonly Dictionary<long, bool> _linked = [];
    private DateTimeOffset _now = Start;

    public RoomState State { get; private set; } = RoomState.Empty with { Seen = SeenMessages.From([], DateTimeOffset.UnixEpoch, bounds) };

    public List<RoomEvent> Events { get; } = [];

    /// <summary>The state after each number of events, as it was live.</summary>
    public Dictionary<int, RoomState> States { get; } = [];

    public int Duplicates { get; private set; }

    public int LookUps { get; private set; }

    private bool Exists => Events.Count > 0 && _deletedBy is null;

    private bool IsHidden => _visibility != RoomVisibility.Public;

    public void Run(IEnumerable<Step> steps)
    {
        States[0] = State;
        foreach (var step in steps)
        {
            Take(step);
        }
    }

    public RoomState Restored(RoomSnapshot snapshot) =>
        RoomState.From(snapshot) with { Seen = SeenMessages.From(snapshot.Seen, snapshot.SeenFloor, bounds) };

    private void Take(Step step)
    {
        _now += TimeSpan.FromSeconds(step.Seconds);
        var user = Users[step.User];
        switch (step.Kind)
        {
            case 0:
                Create(new CreateRoom(Room, "room", "topic", step.Pick % 4 == 0 ? RoomVisibility.Private : RoomVisibility.Public, user));
                break;
            case 1:
                Join(user);
                break;
            case 2:
                Leave(user);
                break;
            case 3:
                Post(new PostMessage(Room, user, Cid(_now.AddSeconds(step.Pick - 500), _sent.Count), Texts[step.Text], ReplyTo(step)));
                break;
            case 4 when _sent.Count > 0: // the same again, accepted or not
                Post(step.Pick % 2 == 0 || _accepted.Count == 0 ? _sent[step.Pick % _sent.Count] : _accepted[step.Pick % _accepted.Count].Command);
                break;
            case 5 when _sent.Count > 0: // the same id, perhaps another body or author
                Post(_sent[step.Pick % _sent.Count] with { Author = user, Text = Texts[step.Text] });
                break;
            case 6: // ids that cannot be
                Post(new PostMessage(Room, user, BadCid(step), "hi", 0));
                break;
            case 7:
                ChangeTopic(user, $"topic {step.Pick % 3}");
                break;
            case 8:
                ChangeLinkCards(user, step.Pick % 3 != 0);
                break;
            case 9:
                AttachLinkCards(step.Pick % (Events.Count + 3), step.Text % 3);
                break;
            case 10:
                RemoveLinkCards(user, step.Pick % (Events.Count + 3));
                break;
            case 11:
                ChangePicture(user, step.Pick % 3 == 0 ? null : new FileId($"f_{step.Pick % 3}"));
                break;
            case 16:
                Kick(user, Users[step.Pick % Users.Length]);
                break;
            case 17:
                Ban(user, Users[step.Pick % Users.Length]);
                break;
            case 18:
                Unban(user, Users[step.Pick % Users.Length]);
                break;
            case 19:
                ChangeRole(user, Users[step.Pick % Users.Length], (MemberRole)(step.Text % 3));
                break;
            case 20:
                OpenDirect(user, Users[step.Pick % Users.Length]);
                break;
            case 21:
                Rename(user, $"name {step.Pick % 3}");
                break;
            case 22:
                ChangeVisibility(user, (RoomVisibility)(step.Pick % 2));
                break;
            case 23:
                ChangeArchived(user, step.Pick % 3 == 0);
                break;
            case 24 when step.Pick % 4 == 0:
                DeleteRoom(user);
                break;
            default:
                TakeOfMessage(step, user);
                break;
        }
    }

    private long ReplyTo(Step step) => step.Pick % 5 == 0 ? Events.Count + (step.Pick % 3) - 1 : 0;

    private Guid BadCid(Step step) => (step.Pick % 4) switch
    {
        0 => Cid(_now - ClientIds.MaxAge - TimeSpan.FromSeconds(1), step.Pick),
        1 => Cid(_now + ClientIds.MaxAhead + TimeSpan.FromSeconds(1), step.Pick),
        2 => Guid.Empty,
        _ => Guid.AllBitsSet,
    };

    private void Create(CreateRoom command)
    {
        if (Events.Count > 0)
        {
            Check(State.Process(command, _now), new ChangeAck(Events.Count, Changed: false));
            return;
        }

        _visibility = command.Visibility;
        _members.Add(command.By.Id, MemberRole.Owner);
        _topic = command.Topic;
        _name = "room";
        Check(
            State.Process(command, _now),
            new ChangeAck(2, Changed: true),
            new RoomCreated(1, _now, "room", "topic", command.Visibility, command.By),
            new MemberJoined(2, _now, command.By, MemberRole.Owner));
    }

    private void OpenDirect(UserRef by, UserRef other)
    {
        UserRef[] members = by == other ? [by] : [by, other];
        var decision = State.Process(new OpenDirect(Room, members, by), _now);
        if (Events.Count > 0)
        {
            Check(decision, new ChangeAck(Events.Count, Changed: false));
            return;
        }

        _visibility = RoomVisibility.Direct;
        foreach (var member in members)
        {
            _members.Add(member.Id, MemberRole.Member);
        }

        Check(
            decision,
            new ChangeAck(1 + members.Length, Changed: true),
            [
                new RoomCreated(1, _now, "", "", RoomVisibility.Direct, by),
                .. members.Select((member, i) => new MemberJoined(2 + i, _now, member, MemberRole.Member)),
            ]);
    }

    private void Join(UserRef user)
    {
        var isInvited = _now.Second % 2 == 0;
        var decision = State.Process(new JoinRoom(Room, user, isInvited), _now);
        if (!Exists)
        {
            CheckRefused(decision, NackCode.NotFound);
        }
        else if (_members.ContainsKey(user.Id))
        {
            Check(decision, new ChangeAck(Events.Count, Changed: false));
        }
        else if (_visibility == RoomVisibility.Direct || (IsHidden && !isInvited))
        {
            CheckRefused(decision, NackCode.NotFound);
        }
        else if (_banned.Contains(user.Id))
        {
            CheckRefused(decision, NackCode.Forbidden);
        }
        else
        {
            _members.Add(user.Id, MemberRole.Member);
            Check(decision, new ChangeAck(Events.Count + 1, Changed: true), new MemberJoined(Events.Count + 1, _now, user, MemberRole.Member));
        }
    }

    private void Leave(UserRef user)
    {
        var decision = State.Process(new LeaveRoom(Room, user), _now);
        if (!Exists)
        {
            CheckRefused(decision, NackCode.NotFound);
        }
        else if (_visibility == RoomVisibility.Direct && _members.ContainsKey(user.Id))
        {
            CheckRefused(decision, NackCode.Forbidden);
        }
        else if (IsLastOwner(user) && _members.Count > 1)
        {
            CheckRefused(decision, NackCode.LastOwner);
        }
        else if (_members.Remove(user.Id))
        {
            Check(decision, new ChangeAck(Events.Count + 1, Changed: true), new MemberLeft(Events.Count + 1, _now, user, LeaveReason.Left));
        }
        else
        {
            Check(decision, new ChangeAck(Events.Count, Changed: false));
        }
    }

    private void CheckChange(Decision decision, bool changes, RoomEvent @event)
    {
        if (changes)
        {
            Check(decision, new ChangeAck(Events.Count + 1, Changed: true), @event);
        }
        else
        {
            Check(decision, new ChangeAck(Events.Count, Changed: false));
        }
    }

    private void Post(PostMessage command)
    {
        _sent.Add(command);
        var first = _accepted.Find(post => post.Command.Author.Id == command.Author.Id && post.Command.ClientId == command.ClientId);
        var decision = State.Process(command, _now, LookUp(command, first));
        if (!Exists)
        {
            CheckRefused(decision, NackCode.NotFound);
        }
        else if (first.Command is not null && Knows(command))
        {
            Duplicates++;
            if (first.Command.Text == command.Text && first.Command.ReplyToSeq == command.ReplyToSeq)
            {
                Check(decision, first.Ack with { Duplicate = true });
            }
            else
            {
                CheckRefused(decision, NackCode.IdempotencyConflict);
            }
        }
        else if (Refusal(command) is { } code)
        {
            CheckRefused(decision, code);
        }
        else
        {
            var ack = new PostAck(Events.Count + 1, _accepted.Count + 1, _now, Duplicate: false);
            _accepted.Add((command, ack));
            Check(
                decision,
                ack,
                new MessagePosted(
                    ack.Seq, _now, ack.N, command.ClientId, command.Author, command.Text, command.ReplyToSeq, Mentions(command.Text)));
        }
    }

    /// <summary>What the journal's read model answers where the room asks it.</summary>
    private SeenMessage? LookUp(PostMessage command, (PostMessage Command, PostAck Ack) first)
    {
        if (!State.NeedsLookUp(command, _now))
        {
            return null;
        }

        LookUps++;
        return first.Command is null
            ? null
            : new SeenMessage(
                command.Author.Id, command.ClientId, first.Ack.Seq, first.Ack.N, first.Ack.Time,
                SeenMessages.Hash(first.Command.Text, first.Command.ReplyToSeq, first.Command.Files));
    }

    /// <summary>Past the promised window a message may be forgotten; its id is then refused for its age.</summary>
    private bool Knows(PostMessage command) =>
        State.Seen.Find(command.Author.Id, command.ClientId) is not null
        || (ClientIds.TryReadTime(command.ClientId, out var made) && made >= _now - ClientIds.MaxAge);

    private NackCode? Refusal(PostMessage command)
    {
        if (!_members.ContainsKey(command.Author.Id))
        {
            return IsHidden ? NackCode.NotFound : NackCode.Forbidden;
        }

        if (_archived)
        {
            return NackCode.Archived;
        }

        var valid = ClientIds.TryReadTime(command.ClientId, out var made)
            && made >= _now - ClientIds.MaxAge
            && made <= _now + ClientIds.MaxAhead
            && command.Text.Trim().Length > 0
            && !command.Text.Contains('\0');
        if (!valid)
        {
            return NackCode.Invalid;
        }

        return System.Text.Encoding.UTF8.GetByteCount(command.Text) > 16_384 ? NackCode.TooLarge
            : command.ReplyToSeq < 0 || command.ReplyToSeq > Events.Count ? NackCode.Invalid
            : null;
    }

    private UserId[] Mentions(string text) => text.Contains('@')
        ? [.. new[] { Ana, Bo }.Where(user => _members.ContainsKey(user.Id) && text.Contains("@" + user.Username, StringComparison.OrdinalIgnoreCase)).Select(user => user.Id)]
        : [];

    private static void CheckRefused(Decision decision, NackCode code)
    {
        Assert.Equal(code, Assert.IsType<Nack>(decision.Reply).Code);
        Assert.NotEmpty(((Nack)decision.Reply).Message);
        Assert.Empty(decision.Events);
    }

    private void Check(Decision decision, IReply reply, params RoomEvent[] events)
    {
        Assert.Equal(reply, decision.Reply);
        Assert.Equal(Printed(events), Printed(decision.Events));
        foreach (var @event in decision.Events)
        {
            State = State.Apply(@event);
            Events.Add(@event);
            States[Events.Count] = State;
        }
    }
}
