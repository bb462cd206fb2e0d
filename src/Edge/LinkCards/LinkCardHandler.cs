using Akka.Actor;
using Akka.Hosting;
using AkkaChat.Cluster.Rooms;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.LinkCards;
using AkkaChat.Persistence.Work;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace AkkaChat.Edge.LinkCards;

/// <summary>
/// Fetches the links of a message and asks the room to attach their cards. The room attaches them once, even if this runs again.
/// </summary>
internal sealed class LinkCardHandler(
    LinkClient client, LinkPages pages, LinkImageMaker images, IRequiredActor<RoomRegion> rooms, IOptions<LinkCardOptions> options)
    : IWorkHandler
{
    /// <summary>Attempts after which a page that cannot be reached is taken to have no card.</summary>
    public const int FetchAttempts = 4;

    /// <summary>As many that a room may be away for minutes: the cards are there by then, and no operator needs to ask again.</summary>
    public const int AttachAttempts = 12;

    private static readonly TimeSpan RoomTimeout = TimeSpan.FromSeconds(5);

    public string Kind => LinkCardWork.Kind;

    public int Parallelism => 4;

    public TimeSpan TimeLimit => TimeSpan.FromSeconds(30);

    public int MaxAttempts => AttachAttempts;

    public async Task RunAsync(WorkItem item, CancellationToken cancellationToken)
    {
        if (!options.Value.Enabled)
        {
            return;
        }

        var work = LinkCardWork.Read(item.Payload);
        var isLast = item.Attempt >= FetchAttempts;
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
            var fetched = await client.FetchAsync(url, cancellationToken);
            var page = fetched is { Card: { } card, Image: { } image }
                ? await WithImageAsync(card, image, cancellationToken)
                : new LinkPage(fetched.Card);
            await pages.SaveAsync(url, page, cancellationToken);
            return page.Card;
        }
        catch (LinkUnreachableException) when (isLast)
        {
            return null;
        }
    }

    /// <summary>A card does not wait for its image to be there: without it, it is fetched again the sooner.</summary>
    private async Task<LinkPage> WithImageAsync(LinkCard card, Uri image, CancellationToken cancellationToken)
    {
        try
        {
            return new LinkPage(card with { Image = await images.MakeAsync(image, cancellationToken) });
        }
        catch (LinkUnreachableException)
        {
            return new LinkPage(card, IsPartial: true);
        }
    }

    private async Task AttachAsync(RoomProtocol.AttachLinkCards command, CancellationToken cancellationToken)
    {
        foreach (var image in command.Cards.Select(card => card.Image).OfType<LinkImage>())
        {
            await images.ExpectAsync(image.Id, command.Room, cancellationToken);
        }

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
    /// <summary>
    /// Adds the fetching of linked pages. Only edges do this: room nodes need no access to the internet and decode no images. Needs
    /// <c>AddChatNode</c>.
    /// </summary>
    public static IServiceCollection AddLinkCards(this IServiceCollection services)
    {
        services.AddSingleton<LinkCardRemoval>();
        services.AddSingleton<AddressPolicy>();
        services.AddSingleton<LinkClient>();
        services.AddSingleton<LinkImageMaker>();
        services.AddWorkHandler<LinkCardHandler>();
        return services;
    }
}
