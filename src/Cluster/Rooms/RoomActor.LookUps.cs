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
            _services.Log.FindByClientIdAsync(_room, command.Author.Id, command.ClientId).PipeTo(
                Self,
                Sender,
                success: message => new StoredFound(command, message is null ? null : SeenMessages.From(message)),
                failure: cause => new LookUpFailed(cause));
        }
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

    private sealed record StoredFound(PostMessage Command, SeenMessage? Stored);

    private sealed record MessageFound(IMessageCommand Command, MessageFacts? Facts);

    private sealed record LookUpFailed(Exception Cause);
}
