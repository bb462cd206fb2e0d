using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace AkkaChat.EndToEnd.Tests;

/// <summary>What axe finds: WCAG 2.2 A and AA, and axe's own advice.</summary>
internal sealed class AxeReport : ViewReport
{
    private static readonly AxeRunOptions Options = new()
    {
        RunOnly = RunOnlyOptions.Tags("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"),
    };

    /// <summary>The rules that a theme can break: it changes colours and nothing else.</summary>
    private static readonly AxeRunOptions ColourOptions = new() { RunOnly = RunOnlyOptions.Rules("color-contrast", "link-in-text-block") };

    /// <summary>The view as it is on the person's screen: every rule in the dark theme, those of colours in the light one.</summary>
    public override async Task CheckAsync(Person person, string view)
    {
        foreach (var theme in new[] { ColorScheme.Dark, ColorScheme.Light })
        {
            await person.Page.EmulateMediaAsync(new() { ColorScheme = theme });
            await Screens.SettleAsync(person.Page);
            await Screens.KeepAsync(person.Page, $"axe-{view}-{theme}");

            var result = await person.Page.RunAxe(theme == ColorScheme.Dark ? Options : ColourOptions);
            Assert.NotEmpty(result.Passes);
            foreach (var violation in result.Violations)
            {
                Add($"{view}, {theme}: {violation.Id}: {violation.Help}{string.Concat(violation.Nodes.Select(Describe))}");
            }
        }
    }

    protected override Task CheckOpenAsync(Person person, string view) => CheckAsync(person, view);

    private static string Describe(AxeResultNode node) =>
        $"\n    {node.Target}\n      {node.Html}\n      {string.Join("; ", node.Any.Concat(node.All).Concat(node.None).Select(check => check.Message))}";
}
