using AkkaChat.Messages.Ids;

namespace AkkaChat.Messages.Rooms;

/// <summary>The metadata of a file in a message, as of when the message was sent.</summary>
/// <param name="Size">In bytes.</param>
/// <param name="Width">Of an image, as shown, in pixels; 0 for other files.</param>
/// <param name="Placeholder">A tiny image to show until the image is loaded; empty if there is none.</param>
public sealed record MessageFile(FileId Id, string Name, string Type, long Size, int Width, int Height, string Placeholder);

/// <summary>The sizes of an image's thumbnails.</summary>
public static class Thumbnails
{
    /// <summary>The longest edges in pixels of <c>thumb=small</c> and <c>thumb=large</c>.</summary>
    public static readonly IReadOnlyList<int> Edges = [320, 1280];

    /// <summary>
    /// The largest size with the image's aspect ratio that is not larger than the image and has no edge above <paramref name="edge"/>.
    /// </summary>
    public static (int Width, int Height) Fit(int width, int height, int edge)
    {
        var scale = Math.Min(1, edge / (double)Math.Max(width, height));
        return (Scale(width), Scale(height));

        int Scale(int pixels) => Math.Max(1, (int)Math.Round(pixels * scale));
    }
}
