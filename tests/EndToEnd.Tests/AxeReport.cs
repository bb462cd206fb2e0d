using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace AkkaChat.EndToEnd.Tests;

/// <summary>What axe finds in the views that a spec shows it: WCAG 2.2 A and AA, and axe's own advice. All of it is told at the end.</summary>
internal sealed class AxeReport
{
    private static readonly AxeRunOptions Options = new()
    {
        RunOnly = RunOnlyOptions.Tags("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"),
    };

    /// <summary>The rules that a theme can break: it changes colours and nothing else.</summary>
    private static readonly AxeRunOptions ColourOptions = new() { RunOnly = RunOnlyOptions.Rules("color-contrast", "link-in-text-block") };

    /// <summary>What fades in has its colours only at the end.</summary>
    private const string SettledScript = """
        () => Promise.allSettled(document.getAnimations().filter(a => a.effect.getComputedTiming().endTime !== Infinity).map(a => a.finished))
        """;

    private static readonly string? Shots = Environment.GetEnvironmentVariable("AKKACHAT_TEST_SHOTS");

    private readonly List<string> _violations = [];

    /// <summary>The view as it is on the person's screen: every rule in the dark theme, those of colours in the light one.</summary>
    public async Task CheckAsync(Person person, string view)
    {
        foreach (var theme in new[] { ColorScheme.Dark, ColorScheme.Light })
        {
            await person.Page.EmulateMediaAsync(new() { ColorScheme = theme });
            await person.Page.EvaluateAsync(SettledScript);
            if (Shots is not null)
            {
                await person.Page.ScreenshotAsync(new() { Path = Path.Combine(Shots, $"axe-{view.Replace(' ', '-')}-{theme}.png".ToLowerInvariant()) });
            }

            var result = await person.Page.RunAxe(theme == ColorScheme.Dark ? Options : ColourOptions);
            Assert.NotEmpty(result.Passes);
            foreach (var violation in result.Violations)
            {
                _violations.Add($"{view}, {theme}: {violation.Id}: {violation.Help}{string.Concat(violation.Nodes.Select(Describe))}");
            }
        }
    }

    /// <summary>Opens something over the view, checks it, and closes it by Escape.</summary>
    public async Task CheckOpenedAsync(Person person, ILocator opener, string testId)
    {
        await opener.ClickAsync();
        await CheckOverlayAsync(person, testId);
    }

    /// <summary>Checks what is over the view, and closes it by Escape.</summary>
    public async Task CheckOverlayAsync(Person person, string testId)
    {
        var overlay = person.Page.GetByTestId(testId);
        await Assertions.Expect(overlay.First).ToBeVisibleAsync();
        await CheckAsync(person, testId);
        await person.Page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(overlay).ToHaveCountAsync(0);
    }

    public void AssertClean() => Assert.True(_violations.Count == 0, string.Join("\n", _violations));

    private static string Describe(AxeResultNode node) =>
        $"\n    {node.Target}\n      {node.Html}\n      {string.Join("; ", node.Any.Concat(node.All).Concat(node.None).Select(check => check.Message))}";
}
