using AkkaChat.Support;
using Microsoft.Playwright;

namespace AkkaChat.EndToEnd.Tests;

/// <summary>What is on the screen: kept for people to look at where AKKACHAT_TEST_SHOTS names a folder, and never wider than the window.</summary>
internal static class Screens
{
    private static readonly (int Width, int Height)[] Sizes = [(390, 844), (768, 1024), (1440, 900)];

    private static readonly ColorScheme[] Themes = [ColorScheme.Dark, ColorScheme.Light];

    /// <summary>Frames for what measures itself, and the end of what moves: what fades in has its colours only then.</summary>
    private const string SettledScript = """
        async () => {
          for (let i = 0; i < 3; i++) await new Promise(requestAnimationFrame);
          await Promise.allSettled(document.getAnimations().filter(a => a.effect.getComputedTiming().endTime !== Infinity).map(a => a.finished));
        }
        """;

    private static readonly string? Folder = Environment.GetEnvironmentVariable("AKKACHAT_TEST_SHOTS");

    public static bool AreKept => Folder is not null;

    public static Task SettleAsync(IPage page) => page.EvaluateAsync(SettledScript);

    public static async Task KeepAsync(IPage page, string name)
    {
        if (Folder is not null)
        {
            await SettleAsync(page);
            Directory.CreateDirectory(Folder);
            await page.ScreenshotAsync(new() { Path = Path.Combine(Folder, $"{name.Replace(' ', '-')}.png".ToLowerInvariant()) });
        }
    }

    /// <summary>Nothing scrolls sideways at any width, in either theme.</summary>
    public static async Task FitAsync(Person person, string screen)
    {
        var before = person.Page.ViewportSize!;
        foreach (var (width, height) in Sizes)
        {
            await person.Page.SetViewportSizeAsync(width, height);
            await FitAsTheyAreAsync(person, $"{screen}-{width}");
        }

        await person.Page.SetViewportSizeAsync(before.Width, before.Height);
    }

    /// <summary>The same, at the width that the window has.</summary>
    public static async Task FitAsTheyAreAsync(Person person, string screen)
    {
        foreach (var theme in Themes)
        {
            await person.Page.EmulateMediaAsync(new() { ColorScheme = theme });
            // A panel that slides in is wider than the page until it is there.
            await Eventually.AssertAsync(async () => Assert.False(await person.ScrollsSidewaysAsync(), $"{screen} scrolls sideways"));
            await KeepAsync(person.Page, $"{screen}-{theme}");
        }
    }

    /// <summary>Both themes, for people to look at.</summary>
    public static async Task KeepThemesAsync(IPage page, string name)
    {
        foreach (var theme in AreKept ? Themes : [])
        {
            await page.EmulateMediaAsync(new() { ColorScheme = theme });
            await KeepAsync(page, $"{name}-{theme}");
        }
    }
}
