using AkkaChat.Edge.Images;
using AkkaChat.Messages.Ids;
using AkkaChat.Messages.Rooms;
using AkkaChat.Persistence.Files;
using AkkaChat.Persistence.LinkCards;
using AkkaChat.Persistence.Objects;

namespace AkkaChat.Edge.LinkCards;

/// <summary>
/// Brings the image of a linked page into the object store, so that no reader's browser ever asks the site. What is kept is a small still
/// picture made anew, never a byte that the site has sent.
/// </summary>
internal sealed class LinkImageMaker(LinkClient client, ImageReader images, LinkImages table, IObjectStore objects, TimeProvider time)
    : IDisposable
{
    public const string Type = "image/webp";

    /// <summary>Images that are in memory at once, as they came.</summary>
    private const int AtOnce = 4;

    /// <summary>Pictures of pages are small; what has more is a mistake or an attack.</summary>
    private static readonly Reduction Reduction = new(IsSquare: false, LargeEdge: 800, Thumbnails.Edges[0], MaxPixels: 25_000_000);

    private readonly SemaphoreSlim _slots = new(AtOnce);

    /// <returns>Null where there is no image that can be shown.</returns>
    /// <exception cref="LinkUnreachableException">It may be there later.</exception>
    public async Task<LinkImage?> MakeAsync(Uri address, CancellationToken cancellationToken)
    {
        await _slots.WaitAsync(cancellationToken);
        try
        {
            return await client.FetchImageAsync(address, cancellationToken) is { } bytes && await ReduceAsync(bytes) is { } image
                ? await KeepAsync(image, cancellationToken)
                : null;
        }
        finally
        {
            _slots.Release();
        }
    }

    /// <summary>A message of the room is about to show the image: it is not removed meanwhile.</summary>
    public Task ExpectAsync(FileId image, RoomId room, CancellationToken cancellationToken) => table.ExpectAsync(image, room, cancellationToken);

    public void Dispose() => _slots.Dispose();

    /// <summary>By its first bytes, whatever the site called it.</summary>
    private async Task<ReducedImage?> ReduceAsync(byte[] bytes)
    {
        var type = ContentTypes.Sniff(bytes.AsSpan(0, Math.Min(bytes.Length, ContentTypes.SniffedBytes)), declared: "");
        if (!ContentTypes.IsImage(type))
        {
            return null;
        }

        try
        {
            return await images.ReduceAsync(bytes, type, Reduction);
        }
        catch (BadImageException)
        {
            return null;
        }
    }

    /// <summary>The row comes first: objects that an interrupted attempt leaves behind are found by it.</summary>
    private async Task<LinkImage> KeepAsync(ReducedImage image, CancellationToken cancellationToken)
    {
        var id = FileId.New(time);
        await table.AddAsync(id, cancellationToken);
        await objects.PutAsync(FileKeys.Reduced(id, FileVariant.Original), image.Large, Type, cancellationToken);
        await objects.PutAsync(FileKeys.Reduced(id, FileVariant.Small), image.Small, Type, cancellationToken);
        return new LinkImage(id, image.Size.Width, image.Size.Height, image.Placeholder);
    }
}
