using Microsoft.Playwright;

namespace AkkaChat.EndToEnd.Tests;

/// <summary>What is wrong in the views that a spec shows it. All of it is told at the end.</summary>
internal abstract class ViewReport
{
    private readonly List<string> _problems = [];

    /// <summary>The view as it is on the person's screen, in every way that the report is about.</summary>
    public abstract Task CheckAsync(Person person, string view);

    /// <summary>Opens something over the view, checks it, and closes it by Escape.</summary>
    public Task CheckOpenedAsync(Person person, string opener, string testId) => CheckOpenedAsync(person, person.Page.GetByTestId(opener), testId);

    public async Task CheckOpenedAsync(Person person, ILocator opener, string testId)
    {
        await opener.First.ClickAsync();
        await CheckOverlayAsync(person, testId);
    }

    /// <summary>Checks what is over the view, and closes it by Escape.</summary>
    public async Task CheckOverlayAsync(Person person, string testId)
    {
        var overlay = person.Page.GetByTestId(testId);
        await Assertions.Expect(overlay.First).ToBeVisibleAsync();
        await CheckOpenAsync(person, testId);
        await person.Page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(overlay).ToHaveCountAsync(0);
    }

    public void AssertClean() => Assert.True(_problems.Count == 0, string.Join("\n", _problems));

    /// <summary>What is open over the view, where it is: a menu closes when the window changes its size.</summary>
    protected abstract Task CheckOpenAsync(Person person, string view);

    protected void Add(string problem) => _problems.Add(problem);
}
