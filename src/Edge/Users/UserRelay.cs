using Akka.Actor;
using Akka.Event;
using AkkaChat.Edge.Accounts;
using AkkaChat.Edge.Ops;
using AkkaChat.Messages.Client;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Users;
using AkkaChat.Persistence.Accounts;
using AkkaChat.Persistence.ReadModel;

namespace AkkaChat.Edge.Users;

/// <summary>
/// Follows the streams of the users who have a socket on this edge. A broadcast announces that a stream has advanced or a session has ended;
/// the new events are read from the database. A comparison every few seconds finds what no broadcast announced: a node that has just started
/// publishes before it knows its subscribers.
/// </summary>
internal sealed class UserRelay : ReceiveActor, IWithTimers
{
    private const int CompareChunk = 1_000;
    private const int MaxComparing = 4;

    /// <summary>Below the 5 s within which every edge must know.</summary>
    private static readonly TimeSpan CompareInterval = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(10);

    private readonly IUserStream _stream;
    private readonly ISessionStore _sessions;
    private readonly SessionValidator _validator;
    private readonly IRoomDirectory _directory;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Dictionary<UserId, Followed> _users = [];
    private readonly Queue<KeyValuePair<UserId, Followed>[]> _toCompare = new();
    private int _comparing;

    public UserRelay(IUserStream stream, ISessionStore sessions, SessionValidator validator, IRoomDirectory directory)
    {
        (_stream, _sessions, _validator, _directory) = (stream, sessions, validator, directory);

        Receive<Follow>(OnFollow);
        Receive<Unfollow>(OnUnfollow);
        Receive<UserProtocol.StreamMoved>(moved => OnMoved(moved.User, moved.UserSeq));
        Receive<UserProtocol.SessionEnded>(OnSessionEnded);
        Receive<UserProtocol.ProfileChanged>(changed => ReadRoomsAsync(changed).PipeTo(Self, failure: cause => new ProfileFailed(changed.User.Id, cause)));
        Receive<ProfileRead>(OnProfile);
        Receive<ProfileFailed>(failed => _log.Warning(failed.Cause, "Nobody was told that the profile of {User} has changed", failed.User));
        Receive<PageRead>(OnPage);
        Receive<ReadFailed>(OnReadFailed);
        Receive<Compare>(_ => OnCompare());
        Receive<Compared>(OnCompared);
        Receive<Status.Failure>(failure =>
        {
            _comparing--;
            _toCompare.Clear();
            _log.Warning(failure.Cause, "Comparing the users' streams failed; retrying in the next round");
        });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() => Timers.StartPeriodicTimer(nameof(Compare), Compare.Instance, CompareInterval);

    protected override void PreRestart(Exception reason, object message)
    {
        SubscriptionsLost.Publish(Context, "The relay of users' streams");
        base.PreRestart(reason, message);
    }

    private void OnFollow(Follow follow)
    {
        if (!_users.TryGetValue(follow.User, out var followed))
        {
            _users.Add(follow.User, followed = new Followed { Last = follow.UserSeq });
        }

        followed.Sessions.Add(follow.Session);
        if (follow.UserSeq < followed.Last)
        {
            // This read may be older than what the user's other sessions have; they drop duplicates.
            followed.Last = follow.UserSeq;
            Read(follow.User, followed);
        }
    }

    private void OnUnfollow(Unfollow unfollow)
    {
        if (_users.TryGetValue(unfollow.User, out var followed))
        {
            followed.Sessions.Remove(unfollow.Session);
            if (followed.Sessions.Count == 0)
            {
                _users.Remove(unfollow.User);
            }
        }
    }

    private void OnMoved(UserId user, long userSeq)
    {
        if (_users.TryGetValue(user, out var followed) && userSeq > followed.Last)
        {
            Read(user, followed);
        }
    }

    private void OnSessionEnded(UserProtocol.SessionEnded ended)
    {
        _validator.Forget(ended.Session);
        if (_users.TryGetValue(ended.User, out var followed))
        {
            foreach (var session in followed.Sessions.Where(session => session.Id == ended.Session).ToList())
            {
                session.EndSession();
            }
        }
    }

    private async Task<ProfileRead> ReadRoomsAsync(UserProtocol.ProfileChanged changed)
    {
        using var timeout = new CancellationTokenSource(ReadTimeout);
        return new ProfileRead(changed, [.. (await _directory.ListMembershipsAsync(changed.User.Id, timeout.Token)).Select(room => room.Room)]);
    }

    /// <summary>To those who share a room with the user. Who misses it sees it when the page is loaded again.</summary>
    private void OnProfile(ProfileRead read)
    {
        var (user, avatar, emoji, text) = read.Changed;
        var frame = ClientFrames.UserChanged(
            new PersonView(user.Id.Value, user.Username, user.DisplayName, avatar?.Value, StatusView.Of(emoji, text)));
        foreach (var session in _users.Values.SelectMany(followed => followed.Sessions))
        {
            session.OnProfileChanged(user.Id, read.Rooms, frame);
        }
    }

    private void Read(UserId user, Followed followed)
    {
        if (followed.Reading)
        {
            followed.Again = true;
            return;
        }

        followed.Reading = true;
        ReadAsync(user, followed.Last).PipeTo(Self, failure: cause => new ReadFailed(user, cause));
    }

    private async Task<PageRead> ReadAsync(UserId user, long after)
    {
        using var timeout = new CancellationTokenSource(ReadTimeout);
        return new PageRead(user, after, await _stream.ReadAsync(user, after, IUserStream.MaxEvents, timeout.Token));
    }

    private void OnPage(PageRead read)
    {
        if (!_users.TryGetValue(read.User, out var followed))
        {
            return;
        }

        followed.Reading = false;
        if (read.After > followed.Last)
        {
            // The read started before a session attached that is further behind: it would miss the events between.
            followed.Again = false;
            Read(read.User, followed);
            return;
        }

        foreach (var session in followed.Sessions.ToList())
        {
            if (read.Page.Reset)
            {
                session.RestartUserStream();
                continue;
            }

            foreach (var @event in read.Page.Events)
            {
                session.OnUserEvent(@event);
            }
        }

        followed.Last = read.Page.Reset ? read.Page.UserSeq : read.Page.Events.Select(e => e.UserSeq).LastOrDefault(followed.Last);
        if (followed.Again || read.Page.UserSeq > followed.Last)
        {
            followed.Again = false;
            Read(read.User, followed);
        }
    }

    private void OnReadFailed(ReadFailed failed)
    {
        if (_users.TryGetValue(failed.User, out var followed))
        {
            // The comparison tries again.
            followed.Reading = false;
            followed.Again = false;
            _log.Warning(failed.Cause, "Reading the stream of {User} failed; retrying", failed.User);
        }
    }

    private void OnCompare()
    {
        if (_toCompare.Count == 0 && _comparing == 0)
        {
            _users.Chunk(CompareChunk).ToList().ForEach(_toCompare.Enqueue);
            CompareNext();
        }
    }

    /// <summary>A few queries at a time, so that a node with many users does not take all connections to the database.</summary>
    private void CompareNext()
    {
        while (_comparing < MaxComparing && _toCompare.TryDequeue(out var users))
        {
            _comparing++;
            var sessions = users.SelectMany(user => user.Value.Sessions.Select(session => (user.Key, session.Id))).ToHashSet();
            CompareAsync([.. users.Select(user => user.Key)], sessions).PipeTo(Self);
        }
    }

    private async Task<Compared> CompareAsync(UserId[] users, HashSet<(UserId User, SessionId Session)> sessions)
    {
        using var timeout = new CancellationTokenSource(ReadTimeout);
        var seqs = await _stream.GetSeqsAsync(users, timeout.Token);
        var live = await _sessions.FindLiveAsync([.. sessions.Select(session => session.Session)], timeout.Token);
        return new Compared(seqs, [.. sessions.Where(session => !live.Contains(session.Session))]);
    }

    private void OnCompared(Compared compared)
    {
        _comparing--;
        CompareNext();
        foreach (var (user, seq) in compared.Seqs)
        {
            OnMoved(user, seq);
        }

        foreach (var (user, session) in compared.Ended)
        {
            OnSessionEnded(new UserProtocol.SessionEnded(user, session));
        }
    }

    /// <param name="UserSeq">What the session knows of the stream.</param>
    internal sealed record Follow(UserId User, IUserSubscriber Session, long UserSeq) : INoSerializationVerificationNeeded;

    internal sealed record Unfollow(UserId User, IUserSubscriber Session) : INoSerializationVerificationNeeded;

    private sealed record PageRead(UserId User, long After, UserEventPage Page);

    private sealed record ProfileRead(UserProtocol.ProfileChanged Changed, IReadOnlyList<RoomId> Rooms);

    private sealed record ProfileFailed(UserId User, Exception Cause);

    private sealed record ReadFailed(UserId User, Exception Cause);

    private sealed record Compared(IReadOnlyDictionary<UserId, long> Seqs, IReadOnlyList<(UserId User, SessionId Session)> Ended);

    private sealed class Followed
    {
        /// <summary>Most users have one socket, and every one of them has this list.</summary>
        public List<IUserSubscriber> Sessions { get; } = new(capacity: 1);

        public long Last { get; set; }

        public bool Reading { get; set; }

        public bool Again { get; set; }
    }

    private sealed class Compare
    {
        public static readonly Compare Instance = new();
    }
}
