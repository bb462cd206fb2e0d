using AkkaChat.Messages.Ids;

namespace AkkaChat.Messages.Rooms;

/// <summary>What a message says of a file that it carries, as it was known when the message was sent.</summary>
/// <param name="Size">In bytes.</param>
/// <param name="Width">Of an image, as it is shown, in pixels; 0 for anything else.</param>
/// <param name="Placeholder">A picture of a few bytes to show before the image is there; empty where there is none.</param>
public sealed record MessageFile(FileId Id, string Name, string Type, long Size, int Width, int Height, string Placeholder);

/// <summary>The sizes in which an image can be had besides its own.</summary>
public static class Thumbnails
{
    /// <summary>The longest edges in pixels of <c>thumb=small</c> and <c>thumb=large</c>.</summary>
    public static readonly IReadOnlyList<int> Edges = [320, 1280];

    /// <summary>The largest size of the same shape that is no larger than the image and has no edge above <paramref name="edge"/>.</summary>
    public static (int Width, int Height) Fit(int width, int height, int edge)
    {
        var scale = Math.Min(1, edge / (double)Math.Max(width, height));
        return (Scale(width), Scale(height));

        int Scale(int pixels) => Math.Max(1, (int)Math.Round(pixels * scale));
    }
}
