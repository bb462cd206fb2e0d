using AkkaChat.Cluster.Rooms;
using AkkaChat.Edge.Rooms;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using static AkkaChat.Messages.Rooms.RoomProtocol;

namespace AkkaChat.Edge.Tests.Ingestion;

/// <summary>
/// Rooms behind a network that a spec plays: attempts wait on their way until they are delivered, lost or delayed, answers get lost, and
/// rooms refuse, look up, commit and start again. Each room keeps the order as the real one does.
/// </summary>
internal sealed class FakeRooms(TimeProvider time) : IRoomGateway
{
    private readonly GatewayOptions _options = new();
    private readonly Dictionary<RoomId, FakeRoom> _rooms = [];
    private readonly List<Attempt> _unanswered = [];

    public FakeRoom this[RoomId room] => _rooms.TryGetValue(room, out var found) ? found : _rooms[room] = new FakeRoom(this);

    public Attempts Begin() => new(_options, time);

    public Task<IReply> AttemptAsync(ICommand command)
    {
        var attempt = new Attempt((PostMessage)command, time.GetTimestamp());
        _unanswered.Add(attempt);
        this[command.Room].OnTheWay.Add(attempt);
        return attempt.Reply.Task;
    }

    /// <summary>Gives up on what has not been answered for the time of an attempt; it may still arrive.</summary>
    public void TimeOut()
    {
        foreach (var attempt in _unanswered.Where(attempt => time.GetElapsedTime(attempt.Begun) >= _options.AttemptTimeout).ToList())
        {
            Answer(attempt, Attempts.NoAnswer);
        }
    }

    private void Answer(Attempt attempt, IReply reply)
    {
        if (_unanswered.Remove(attempt))
        {
            attempt.Reply.SetResult(reply);
        }
    }

    public sealed record Attempt(PostMessage Command, long Begun)
    {
        public TaskCompletionSource<IReply> Reply { get; } = new();
    }

    public sealed class FakeRoom(FakeRooms rooms)
    {
        private readonly List<Guid> _stored = [];
        private readonly List<(Attempt Attempt, PostAck Ack)> _deciding = [];
        private readonly List<Attempt> _lookingUp = [];
        private SendStreams _streams = new(capacity: 2);
        private int _committed;

        public List<Attempt> OnTheWay { get; } = [];

        public List<Attempt> Delayed { get; } = [];

        /// <summary>Refuses everything with it, while it is set.</summary>
        public NackCode? Refuses { get; set; }

        public bool LooksUp { get; set; }

        /// <summary>False: what it says does not arrive.</summary>
        public bool IsHeard { get; set; } = true;

        public bool Has(Guid clientId) => _stored.Contains(clientId);

        public void Deliver(List<Attempt> from, int which, Action<Attempt>? instead = null)
        {
            if (from.Count > 0)
            {
                var attempt = from[which % from.Count];
                from.Remove(attempt);
                (instead ?? Take)(attempt);
            }
        }

        public void Commit()
        {
            var replies = _deciding.ToList();
            _deciding.Clear();
            _committed = _stored.Count;
            foreach (var (attempt, ack) in replies)
            {
                Say(attempt, ack);
            }
        }

        /// <summary>Forgets what is not committed, and who sent in what order.</summary>
        public void StartAgain(bool saysSo)
        {
            var waiting = saysSo ? _deciding.Select(reply => reply.Attempt).ToList() : [];
            _deciding.Clear();
            _lookingUp.Clear();
            _stored.RemoveRange(_committed, _stored.Count - _committed);
            _streams = new SendStreams(capacity: 2);
            foreach (var attempt in waiting)
            {
                Say(attempt, new Nack(NackCode.Unavailable, "", TimeSpan.FromMilliseconds(250)));
            }
        }

        public void EndLookUp(bool hasWorked)
        {
            if (_lookingUp.Count > 0)
            {
                var attempt = _lookingUp[0];
                _lookingUp.RemoveAt(0);
                if (hasWorked)
                {
                    Decide(attempt);
                }
                else
                {
                    Say(attempt, new Nack(NackCode.Unavailable, ""));
                }
            }
        }

        private void Take(Attempt attempt)
        {
            if (!_streams.TryTake(attempt.Command.Order))
            {
                Say(attempt, new Nack(NackCode.OutOfOrder, ""));
            }
            else if (LooksUp && !Has(attempt.Command.ClientId))
            {
                _streams.Break(attempt.Command.Order);
                _lookingUp.Add(attempt);
            }
            else
            {
                Decide(attempt);
            }
        }

        private void Decide(Attempt attempt)
        {
            var at = _stored.IndexOf(attempt.Command.ClientId);
            if (Refuses is { } code && (at < 0 || code == NackCode.Busy))
            {
                _streams.Break(attempt.Command.Order);
                Say(attempt, new Nack(code, ""));
                return;
            }

            if (at < 0)
            {
                _stored.Add(attempt.Command.ClientId);
            }

            _deciding.Add((attempt, new PostAck(at < 0 ? _stored.Count : at + 1, 1, DateTimeOffset.UnixEpoch, Duplicate: at >= 0)));
        }

        private void Say(Attempt attempt, IReply reply)
        {
            if (IsHeard)
            {
                rooms.Answer(attempt, reply);
            }
        }
    }
}
