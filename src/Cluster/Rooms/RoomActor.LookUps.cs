using Akka.Actor;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.ReadModel;
using static AkkaChat.Messages.Rooms.RoomProtocol;

namespace AkkaChat.Cluster.Rooms;

/// <summary>
/// What the room does not remember is asked of its log while it goes on with other commands. The answer is as of some moment since: what the room
/// has decided meanwhile comes before it.
/// </summary>
public sealed partial class RoomActor
{
    private void LookUp(PostMessage command)
    {
        if (BeginLookUp())
        {
            FindAsync(command).PipeTo(Self, Sender, success: found => found, failure: cause => new LookUpFailed(cause));
        }
    }

    /// <summary>What was stored under the client id, and the root of the thread that the message is for. No state of the actor is read here.</summary>
    private async Task<StoredFound> FindAsync(PostMessage command)
    {
        var stored = await _services.Log.FindByClientIdAsync(_room, command.Author.Id, command.ClientId).ConfigureAwait(false);
        var root = stored is null && command.ThreadSeq > 0
            ? await _services.Log.FindFactsAsync(_room, command.ThreadSeq).ConfigureAwait(false)
            : null;
        return new StoredFound(command, stored is null ? null : SeenMessages.From(stored), root);
    }

    private void Post(StoredFound found)
    {
        if (found.Root is not null)
        {
            _state = _state.Recall(found.Root);
            if (_state.NeedsRoot(found.Command))
            {
                LookUp(found.Command); // the room has changed and forgotten messages meanwhile; the root may be one of them
                return;
            }
        }

        Post(found.Command, found.Stored, lookedUp: true);
    }

    private void LookUp(IMessageCommand command)
    {
        if (BeginLookUp())
        {
            _services.Log.FindFactsAsync(_room, command.MessageSeq).PipeTo(
                Self,
                Sender,
                success: facts => new MessageFound(command, facts),
                failure: cause => new LookUpFailed(cause));
        }
    }

    private bool BeginLookUp()
    {
        if (_commit.Pending + _lookUps >= _services.Options.MaxPending)
        {
            Sender.Tell(Busy);
            return false;
        }

        _lookUps++;
        return true;
    }

    private void Change(IMessageCommand command, MessageFacts? facts)
    {
        if (facts is not null)
        {
            _state = _state.Recall(facts);
            if (_state.NeedsLookUp(command))
            {
                LookUp(command); // the room has changed and forgotten messages meanwhile; this may be one of them
                return;
            }
        }

        CommitAndReply(_state.Process(command, Now()));
    }

    private sealed record StoredFound(PostMessage Command, SeenMessage? Stored, MessageFacts? Root);

    private sealed record MessageFound(IMessageCommand Command, MessageFacts? Facts);

    private sealed record LookUpFailed(Exception Cause);
}
