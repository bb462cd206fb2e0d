using Microsoft.Extensions.Options;
using SkiaSharp;

namespace AkkaChat.Edge.Images;

/// <summary>An image cannot be decoded, or is larger than allowed. The message is for people.</summary>
public abstract class BadImageException(string message) : Exception(message);

/// <summary>The content is not an image of its type, or is incomplete.</summary>
public sealed class DamagedImageException(string message) : BadImageException(message);

public sealed class ImageTooLargeException(string message) : BadImageException(message);

/// <param name="Width">After its orientation was applied.</param>
internal sealed record ImageSize(int Width, int Height);

/// <summary>A re-encoded image: of the original file only the picture is left.</summary>
/// <param name="Original">In its original format.</param>
/// <param name="Small">WebP, as is <paramref name="Large"/>.</param>
/// <param name="Placeholder">A data URL.</param>
internal sealed record ProcessedImage(byte[] Original, byte[] Small, byte[] Large, string Placeholder);

/// <summary>The picture of an image alone, made small.</summary>
/// <param name="Large">WebP, as is <paramref name="Small"/>.</param>
/// <param name="Size">Of <paramref name="Large"/>.</param>
/// <param name="Placeholder">A data URL.</param>
internal sealed record ReducedImage(byte[] Large, byte[] Small, ImageSize Size, string Placeholder);

/// <summary>How an image is reduced.</summary>
/// <param name="IsSquare">Whether what is beyond a square in its middle is cut off.</param>
/// <param name="LargeEdge">In pixels, as <paramref name="SmallEdge"/>; a smaller image stays as it is.</param>
/// <param name="MaxPixels">Images with more are refused before they are decoded.</param>
internal sealed record Reduction(bool IsSquare, int LargeEdge, int SmallEdge, int MaxPixels);

/// <summary>
/// Decodes images with Skia, on threads of their own. The number of pixels is read from the header and checked before memory is allocated
/// for them.
/// </summary>
internal sealed class ImageReader(ImageThreads threads, IOptions<ImageOptions> options)
{
    /// <summary>The number of first bytes of a file that are searched for its header.</summary>
    public const int HeadBytes = 1024 * 1024;

    private const int ThumbnailQuality = 80;

    public long MaxBytes => options.Value.MaxBytes;

    /// <exception cref="BadImageException">It is no image of the type, or has too many pixels.</exception>
    public Task<ImageSize> ReadSizeAsync(byte[] head, string type) => threads.RunAsync(() =>
    {
        using var codec = Open(head, type);
        return SizeOf(codec);
    });

    /// <exception cref="BadImageException">It cannot be decoded, or has too many pixels.</exception>
    public Task<ProcessedImage> ProcessAsync(byte[] file, string type) => threads.RunAsync(() =>
    {
        using var codec = Open(file, type);
        using var picture = Decode(codec);
        var isAnimated = type == "image/webp" && codec.FrameCount > 1;
        var original = type == "image/gif" ? GifFile.Strip(file)
            : isAnimated ? WebPFile.Strip(file)
            : Encode(picture, Format(type), quality: 90);
        return Render(picture, original);
    });

    /// <summary>Makes two small still pictures of an image; of what is animated, of the first frame.</summary>
    /// <exception cref="BadImageException">It cannot be decoded, or has too many pixels.</exception>
    public Task<ReducedImage> ReduceAsync(byte[] file, string type, Reduction to) => threads.RunAsync(() =>
    {
        using var codec = Open(file, type, Math.Min(to.MaxPixels, options.Value.MaxPixels));
        using var picture = Decode(codec);
        using var square = to.IsSquare ? Square(picture) : null;
        using var large = Resize(square ?? picture, to.LargeEdge);
        using var small = Resize(large, to.SmallEdge);
        return new ReducedImage(
            Encode(large, SKEncodedImageFormat.Webp, ThumbnailQuality),
            Encode(small, SKEncodedImageFormat.Webp, ThumbnailQuality),
            new ImageSize(large.Width, large.Height),
            Placeholder(small));
    });

    private static SKBitmap Square(SKBitmap picture)
    {
        var edge = Math.Min(picture.Width, picture.Height);
        var square = new SKBitmap(picture.Info.WithSize(edge, edge));
        using var canvas = new SKCanvas(square);
        canvas.Clear(SKColors.Transparent);
        canvas.DrawBitmap(picture, (edge - picture.Width) / 2, (edge - picture.Height) / 2, new SKSamplingOptions(SKFilterMode.Nearest));
        return square;
    }

    private static ProcessedImage Render(SKBitmap picture, byte[] original)
    {
        using var large = Resize(picture, Messages.Rooms.Thumbnails.Edges[1]);
        using var small = Resize(large, Messages.Rooms.Thumbnails.Edges[0]);
        return new ProcessedImage(
            original,
            Encode(small, SKEncodedImageFormat.Webp, ThumbnailQuality),
            Encode(large, SKEncodedImageFormat.Webp, ThumbnailQuality),
            Placeholder(small));
    }

    private static string Placeholder(SKBitmap small)
    {
        using var tiny = Resize(small, edge: 20);
        return $"data:image/webp;base64,{Convert.ToBase64String(Encode(tiny, SKEncodedImageFormat.Webp, quality: 30))}";
    }

    private SKCodec Open(byte[] bytes, string type, int? maxPixels = null)
    {
        var most = maxPixels ?? options.Value.MaxPixels;
        var codec = SKCodec.Create(SKData.CreateCopy(bytes)) ?? throw new DamagedImageException("The image is damaged.");
        if (codec.EncodedFormat != Format(type))
        {
            codec.Dispose();
            throw new DamagedImageException("The image does not match its header.");
        }

        var pixels = (long)codec.Info.Width * codec.Info.Height;
        if (pixels > most)
        {
            codec.Dispose();
            throw new ImageTooLargeException($"The image has {pixels} pixels; at most {most} are allowed.");
        }

        return codec;
    }

    private static ImageSize SizeOf(SKCodec codec) => SwapsSides(codec.EncodedOrigin)
        ? new ImageSize(codec.Info.Height, codec.Info.Width)
        : new ImageSize(codec.Info.Width, codec.Info.Height);

    private static bool SwapsSides(SKEncodedOrigin origin) =>
        origin is SKEncodedOrigin.LeftTop or SKEncodedOrigin.RightTop or SKEncodedOrigin.RightBottom or SKEncodedOrigin.LeftBottom;

    private static SKBitmap Decode(SKCodec codec)
    {
        using var colors = SKColorSpace.CreateSrgb();
        var alpha = codec.Info.IsOpaque ? SKAlphaType.Opaque : SKAlphaType.Premul;
        var decoded = new SKBitmap(new SKImageInfo(codec.Info.Width, codec.Info.Height, SKColorType.Rgba8888, alpha, colors));

        // Accept the part of a truncated file that can be decoded.
        if (codec.GetPixels(decoded.Info, decoded.GetPixels()) is not (SKCodecResult.Success or SKCodecResult.IncompleteInput))
        {
            decoded.Dispose();
            throw new DamagedImageException("The image is damaged.");
        }

        if (codec.EncodedOrigin == SKEncodedOrigin.TopLeft)
        {
            return decoded;
        }

        using (decoded)
        {
            return Turn(decoded, codec.EncodedOrigin);
        }
    }

    private static SKBitmap Turn(SKBitmap source, SKEncodedOrigin origin)
    {
        var (w, h) = (source.Width, source.Height);
        var size = SwapsSides(origin) ? (Width: h, Height: w) : (Width: w, Height: h);
        var turned = new SKBitmap(source.Info.WithSize(size.Width, size.Height));
        using var canvas = new SKCanvas(turned);
        canvas.SetMatrix(origin switch
        {
            SKEncodedOrigin.TopRight => new SKMatrix(-1, 0, w, 0, 1, 0, 0, 0, 1),
            SKEncodedOrigin.BottomRight => new SKMatrix(-1, 0, w, 0, -1, h, 0, 0, 1),
            SKEncodedOrigin.BottomLeft => new SKMatrix(1, 0, 0, 0, -1, h, 0, 0, 1),
            SKEncodedOrigin.LeftTop => new SKMatrix(0, 1, 0, 1, 0, 0, 0, 0, 1),
            SKEncodedOrigin.RightTop => new SKMatrix(0, -1, h, 1, 0, 0, 0, 0, 1),
            SKEncodedOrigin.RightBottom => new SKMatrix(0, -1, h, -1, 0, w, 0, 0, 1),
            SKEncodedOrigin.LeftBottom => new SKMatrix(0, 1, 0, -1, 0, w, 0, 0, 1),
            _ => SKMatrix.Identity,
        });
        canvas.DrawBitmap(source, 0, 0, new SKSamplingOptions(SKFilterMode.Nearest));
        return turned;
    }

    private static SKBitmap Resize(SKBitmap source, int edge)
    {
        var (width, height) = Messages.Rooms.Thumbnails.Fit(source.Width, source.Height, edge);
        return source.Resize(source.Info.WithSize(width, height), new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear))
            ?? throw new DamagedImageException("The image cannot be scaled.");
    }

    private static byte[] Encode(SKBitmap picture, SKEncodedImageFormat format, int quality)
    {
        using var data = picture.Encode(format, quality) ?? throw new DamagedImageException("The image cannot be encoded.");
        return data.ToArray();
    }

    private static SKEncodedImageFormat Format(string type) => type switch
    {
        "image/png" => SKEncodedImageFormat.Png,
        "image/jpeg" => SKEncodedImageFormat.Jpeg,
        "image/gif" => SKEncodedImageFormat.Gif,
        "image/webp" => SKEncodedImageFormat.Webp,
        _ => throw new ArgumentException($"{type} is not a type of image that is decoded.", nameof(type)),
    };
}
