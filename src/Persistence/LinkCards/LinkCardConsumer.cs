using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.Consumers;
using AkkaChat.Persistence.Database;
using AkkaChat.Persistence.Work;
using Dapper;
using Microsoft.Extensions.Options;

namespace AkkaChat.Persistence.LinkCards;

/// <summary>Adds work to fetch the links of new messages, in the transaction that projects the messages.</summary>
public sealed class LinkCardConsumer(IDatabase database, WorkQueue queue, IOptions<LinkCardOptions> options) : IRoomConsumer
{
    public string Name => "link-card";

    public ConsumerStart Start => ConsumerStart.Now;

    public async Task ConsumeAsync(ConsumerBatch batch, CancellationToken cancellationToken)
    {
        var work = options.Value.Enabled ? Find(batch) : [];
        if (work.Count == 0)
        {
            return;
        }

        var wanted = (await batch.Connection.QueryAsync<string>(new CommandDefinition(
            $"SELECT id FROM room WHERE {RowFilter.Sql(database.Provider, "id")} AND link_cards = 1",
            RowFilter.Parameter(database.Provider, work.Select(item => item.Room).Distinct()),
            batch.Transaction,
            cancellationToken: cancellationToken)).ConfigureAwait(false)).ToHashSet();
        var added = work.Where(item => wanted.Contains(item.Room)).Select(item => item.Work).ToList();
        await queue.AddAsync(batch.Connection, batch.Transaction, added, cancellationToken).ConfigureAwait(false);
        batch.AfterCommit(() => queue.Signal(LinkCardWork.Kind));
    }

    private static List<(string Room, NewWork Work)> Find(ConsumerBatch batch) =>
    [
        .. from room in batch.Rooms
           from e in room.Events
           let text = TextOf(e)
           where text is not null
           let links = LinkFinder.Find(text)
           where links.Count > 0
           select (room.Room.Value, LinkCardWork.For(room.Room, e, links)),
    ];

    /// <summary>Null if the event has no text of a message. An edit may bring the first link; the room attaches cards to a message once.</summary>
    private static string? TextOf(RoomEvent @event) => @event switch
    {
        MessagePosted posted => posted.Text,
        MessageEdited edited => edited.Text,
        _ => null,
    };
}
