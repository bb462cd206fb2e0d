using Akka.Actor;
using Akka.Hosting;
using AkkaChat.Cluster.Rooms;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.LinkCards;
using AkkaChat.Persistence.Work;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace AkkaChat.Cluster.LinkCards;

/// <summary>
/// Fetches the links of a message and asks the room to attach their cards. The room attaches them once, even if this runs again.
/// </summary>
internal sealed class LinkCardHandler(LinkClient client, LinkPages pages, IRequiredActor<RoomRegion> rooms, IOptions<LinkCardOptions> options)
    : IWorkHandler
{
    private static readonly TimeSpan RoomTimeout = TimeSpan.FromSeconds(5);

    public string Kind => LinkCardWork.Kind;

    public int Parallelism => 4;

    public TimeSpan TimeLimit => TimeSpan.FromSeconds(20);

    public int MaxAttempts => 4;

    public async Task RunAsync(WorkItem item, CancellationToken cancellationToken)
    {
        if (!options.Value.Enabled)
        {
            return;
        }

        var work = LinkCardWork.Read(item.Payload);
        var isLast = item.Attempt >= MaxAttempts;
        var found = await Task.WhenAll(work.Urls.Select(url => FindAsync(url, isLast, cancellationToken)));
        LinkCard[] cards = [.. found.OfType<LinkCard>()];
        if (cards.Length > 0)
        {
            await AttachAsync(new RoomProtocol.AttachLinkCards(new RoomId(work.Room), work.Seq, work.N, cards), cancellationToken);
        }
    }

    /// <param name="isLast">At the last attempt, a link that cannot be reached gets no card, so that the other links get theirs.</param>
    private async Task<LinkCard?> FindAsync(string url, bool isLast, CancellationToken cancellationToken)
    {
        if (await pages.FindAsync(url, cancellationToken) is { } known)
        {
            return known.Card;
        }

        try
        {
            var page = await client.FetchAsync(url, cancellationToken);
            await pages.SaveAsync(url, page, cancellationToken);
            return page.Card;
        }
        catch (LinkUnreachableException) when (isLast)
        {
            return null;
        }
    }

    private async Task AttachAsync(RoomProtocol.AttachLinkCards command, CancellationToken cancellationToken)
    {
        var region = await rooms.GetAsync(cancellationToken);
        var reply = await region.Ask<RoomProtocol.IReply>(command, RoomTimeout, cancellationToken);
        if (reply is RoomProtocol.Nack { Code: NackCode.Busy or NackCode.Unavailable } nack)
        {
            throw new InvalidOperationException($"The room answered {nack.Code}.");
        }
    }
}

internal static class LinkCardHosting
{
    /// <summary>Adds link cards to messages. Needs <c>AddWork</c>.</summary>
    public static IServiceCollection AddLinkCards(this IServiceCollection services)
    {
        services.AddLinkCardConsumer();
        services.AddSingleton<AddressPolicy>();
        services.AddSingleton<LinkClient>();
        services.AddWorkHandler<LinkCardHandler>();
        return services;
    }
}
