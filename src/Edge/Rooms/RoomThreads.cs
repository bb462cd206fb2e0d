using AkkaChat.Messages.Client;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.ReadModel;
using AkkaChat.Persistence.Threads;

namespace AkkaChat.Edge.Rooms;

/// <summary>Shows messages with the threads under them.</summary>
internal sealed class RoomThreads(ThreadStore threads)
{
    public static RepliesView Of(ThreadSummary thread) => new(
        thread.Count, thread.LastTime, [.. thread.Authors.Select(UserView.From)], thread.Follows, thread.ReadN, thread.Unread, thread.AsOf);

    public static ThreadStateView Of(ThreadPlace state) =>
        new(state.Thread.ToString(), state.Follows, state.ReadN, state.Unread, state.Mentions, state.AsOf);

    /// <summary>The messages of one room as <paramref name="viewer"/> sees them.</summary>
    public async Task<IReadOnlyList<MessageView>> ShowAsync(
        RoomId room, UserId viewer, IReadOnlyList<StoredMessage> messages, CancellationToken cancellationToken)
    {
        var roots = messages.Where(message => message.ThreadSeq == 0).Select(message => message.Seq).ToList();
        var replies = await threads.SummariseAsync(room, viewer, roots, cancellationToken);
        return [.. messages.Select(message => RoomViews.Of(message) with
        {
            Replies = replies.GetValueOrDefault(message.Seq) is { } thread ? Of(thread) : null,
        })];
    }

    public async Task<MessageView> ShowAsync(StoredMessage message, UserId viewer, CancellationToken cancellationToken) =>
        (await ShowAsync(message.Room, viewer, [message], cancellationToken))[0];

    /// <summary>A root, with the figures of a thread even if nobody has replied yet.</summary>
    public async Task<MessageView> ShowRootAsync(StoredMessage root, UserId viewer, CancellationToken cancellationToken)
    {
        var view = await ShowAsync(root, viewer, cancellationToken);
        return view.Replies is null && await threads.FindStateAsync(root.Id, viewer, cancellationToken) is { } state
            ? view with { Replies = new RepliesView(0, null, [], state.Follows, state.ReadN, 0, state.AsOf) }
            : view;
    }
}
