using System.Collections.Concurrent;
using System.Net;
using System.Text;
using AkkaChat.Chaos.Histories;
using AkkaChat.Support;

namespace AkkaChat.Chaos.Stage;

/// <summary>
/// The web site that users link to. What a page is shows in its path: <c>/page/…</c> has a title and an image, <c>/slow/…</c> takes a second,
/// <c>/flaky/…</c> fails at the first request, and <c>/gone/…</c> is not there.
/// </summary>
public static class Site
{
    public static readonly IReadOnlyList<string> Kinds = ["page", "slow", "flaky", "gone"];

    /// <summary>The card that a link must have; null where it can have none.</summary>
    public static string? CardOf(string url) =>
        new Uri(url).AbsolutePath is var path && path.StartsWith("/gone/", StringComparison.Ordinal) ? null : LogEvents.Card(url, TitleOf(path));

    private const string Cover = "/cover/";
    private static readonly byte[] Image = Clients.FileContent.Picture(new Random(1)).Bytes;

    internal static TestSite Start(string address)
    {
        var asked = new ConcurrentDictionary<string, int>();
        return TestSite.Start(IPAddress.Parse(address), path => async (stream, stop) =>
        {
            var count = asked.AddOrUpdate(path, 1, (_, before) => before + 1);
            if (path.StartsWith("/slow/", StringComparison.Ordinal))
            {
                await Task.Delay(1_000, stop);
            }

            if (path.StartsWith(Cover, StringComparison.Ordinal))
            {
                await TestSite.Of(Image, "image/png")(stream, stop);
                return;
            }

            var status = path.StartsWith("/gone/", StringComparison.Ordinal) ? "404 Not Found"
                : path.StartsWith("/flaky/", StringComparison.Ordinal) && count == 1 ? "503 Service Unavailable"
                : "200 OK";
            await TestSite.Of(Encoding.UTF8.GetBytes($"<!doctype html><title>{TitleOf(path)}</title>{(path.StartsWith("/page/", StringComparison.Ordinal) ? $"<meta property=og:image content={Cover}{path[6..]}>" : "")}"), status: status)(stream, stop);
        });
    }

    private static string TitleOf(string path) => $"The page {path}";
}
