using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Playwright;

namespace AkkaChat.EndToEnd.Tests;

/// <summary>
/// Somebody at a browser, in a context of his own. What he does goes through the page as a person's hands would; what the page complained
/// about (console errors, exceptions, violations of the content security policy) is kept.
/// </summary>
public sealed class Person : IAsyncDisposable
{
    internal const float Patience = 15_000;

    // Reported by the page itself: a violation does not always reach the console.
    private const string WatchPolicy = """
        document.addEventListener('securitypolicyviolation', e =>
          console.error(`policy: ${e.violatedDirective} ${e.blockedURI} ${e.sourceFile}:${e.lineNumber}`));
        """;

    private readonly IBrowserContext _context;
    private static int _names;
    private ICDPSession? _network;

    private Person(IBrowserContext context, IPage page, Uri url)
    {
        _context = context;
        Page = page;
        Url = url;
    }

    public IPage Page { get; }

    public Uri Url { get; }

    public string Username { get; private set; } = "";

    /// <summary>Exceptions, policy violations and console errors; a connection that could not be made is kept apart.</summary>
    public ConcurrentQueue<string> Complaints { get; } = new();

    public ConcurrentQueue<string> NetworkErrors { get; } = new();

    public static async Task<Person> OpenAsync(IBrowser browser, Uri url, string locale, (int Width, int Height) size)
    {
        var context = await browser.NewContextAsync(new BrowserNewContextOptions
        {
            Locale = locale,
            ViewportSize = new ViewportSize { Width = size.Width, Height = size.Height },
            HasTouch = size.Width < 600,
        });
        context.SetDefaultTimeout(Patience);
        await context.AddInitScriptAsync(WatchPolicy);
        var page = await context.NewPageAsync();
        var person = new Person(context, page, url);
        page.PageError += (_, error) => person.Complaints.Enqueue($"exception: {error}");
        page.Console += (_, message) => person.Hear(message);
        await page.GotoAsync(url.ToString());
        return person;
    }

    /// <param name="isExact">Whether that is the username; else it is a unique one that begins so.</param>
    public async Task RegisterAsync(string name, bool isExact = false)
    {
        Username = isExact ? name : $"{name}_{Environment.ProcessId:x}{Interlocked.Increment(ref _names):x}";
        var register = Page.GetByTestId("register-form");
        // A first visit may open on either form.
        await Assertions.Expect(register.Or(Page.GetByTestId("login-form"))).ToBeVisibleAsync();
        if (!await register.IsVisibleAsync())
        {
            await Page.GetByTestId("to-register").ClickAsync();
        }

        await register.Locator("[name=username]").FillAsync(Username);
        await register.Locator("[name=email]").FillAsync($"{Username}@example.org");
        await register.Locator("[name=password]").FillAsync("a sentence nobody guesses 7");
        await register.GetByTestId("auth-submit").ClickAsync();
        await Assertions.Expect(Page.GetByTestId("create-room")).ToBeVisibleAsync();
    }

    public async Task CreateRoomAsync(string name, bool isPrivate = false)
    {
        await Page.GetByTestId("create-room").ClickAsync();
        await Page.GetByTestId("create-room-name").FillAsync(name);
        if (isPrivate)
        {
            await Page.Locator("label:has([data-testid=create-room-private])").ClickAsync();
        }

        await Page.GetByTestId("create-room-submit").ClickAsync();
        await InRoomAsync(name);
    }

    public async Task DiscoverAndJoinAsync(string name)
    {
        await Page.GetByTestId("discover-open").ClickAsync();
        await Page.GetByTestId("discover-search").FillAsync(name);
        var item = Page.GetByTestId("discover-item").Filter(new LocatorFilterOptions { HasText = name });
        await item.GetByTestId("join-room").ClickAsync();
        await InRoomAsync(name);
    }

    public Task InRoomAsync(string name) => Assertions.Expect(Page.GetByTestId("conversation-title")).ToHaveTextAsync(name);

    public async Task SayAsync(string text)
    {
        await Page.GetByTestId("composer-input").FillAsync(text);
        await Page.GetByTestId("composer-input").PressAsync("Enter");
        await Assertions.Expect(Page.GetByTestId("composer-input")).ToHaveValueAsync("");
    }

    public async Task AttachAsync(params FilePayload[] files)
    {
        await Page.GetByTestId("file-input").SetInputFilesAsync(files);
        await UploadedAsync();
    }

    /// <summary>Waits until all that is attached can be sent.</summary>
    public async Task UploadedAsync(float patience = Patience)
    {
        var attached = Page.GetByTestId("attachment");
        await Assertions.Expect(attached.First).ToBeVisibleAsync();
        await Assertions.Expect(Page.Locator("[data-testid=attachment]:not([data-state=done])")).ToHaveCountAsync(0, new() { Timeout = patience });
    }

    /// <summary>Sends what is attached, with a text or without.</summary>
    public async Task SendAsync(string text = "")
    {
        await SayAsync(text);
        await Assertions.Expect(Page.GetByTestId("attachments")).ToHaveCountAsync(0);
    }

    /// <summary>A file from the desktop, let go over an element by the browser's own drag and drop.</summary>
    public async Task DropAsync(string path, ILocator target)
    {
        var box = await target.BoundingBoxAsync() ?? throw new InvalidOperationException("Nothing can be dropped on what is not shown.");
        var session = await Page.Context.NewCDPSessionAsync(Page);
        foreach (var step in new[] { "dragEnter", "dragOver", "drop" })
        {
            await session.SendAsync("Input.dispatchDragEvent", new Dictionary<string, object>
            {
                ["type"] = step,
                ["x"] = box.X + (box.Width / 2),
                ["y"] = box.Y + (box.Height / 2),
                ["data"] = new { items = Array.Empty<object>(), files = new[] { path }, dragOperationsMask = 1 },
            });
        }

        await session.DetachAsync();
    }

    /// <summary>Ctrl+V with a file in the clipboard, as a screenshot has it.</summary>
    /// <param name="composer">Of the room, unless it is told.</param>
    public Task PasteAsync(byte[] content, string name, string type, string composer = "composer-input") => Page.GetByTestId(composer).EvaluateAsync(
        """
        (element, [content, name, type]) => {
          const data = new DataTransfer();
          data.items.add(new File([Uint8Array.from(atob(content), c => c.charCodeAt(0))], name, { type }));
          element.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
        }
        """,
        new[] { Convert.ToBase64String(content), name, type });

    /// <summary>A picture in two colours, encoded by the browser.</summary>
    public async Task<byte[]> PictureAsync(int width, int height, string type = "image/png") => Convert.FromBase64String(await Page.EvaluateAsync<string>(
        """
        ([width, height, type]) => {
          const canvas = Object.assign(document.createElement('canvas'), { width, height });
          const pen = canvas.getContext('2d');
          pen.fillStyle = '#2a6';
          pen.fillRect(0, 0, width, height);
          pen.fillStyle = '#e52';
          pen.fillRect(0, 0, width / 2, height / 2);
          return canvas.toDataURL(type).split(',')[1];
        }
        """,
        new object[] { width, height, type }));

    /// <summary>Lets this page's uploads through at a pace; null: at the network's own.</summary>
    public async Task PaceUploadsAsync(int? bytesPerSecond)
    {
        _network ??= await Page.Context.NewCDPSessionAsync(Page);
        await _network.SendAsync("Network.emulateNetworkConditions", new Dictionary<string, object>
        {
            ["offline"] = false,
            ["latency"] = 0,
            ["downloadThroughput"] = -1,
            ["uploadThroughput"] = bytesPerSecond ?? -1,
        });
    }

    /// <summary>Waits until exactly these messages are shown, confirmed, in this order.</summary>
    /// <param name="deleted">How many are shown besides them, without a text.</param>
    public async Task SeesAsync(IReadOnlyList<string> texts, float patience = Patience, int deleted = 0)
    {
        var messages = Page.GetByTestId("message");
        await Assertions.Expect(messages.GetByTestId("message-text")).ToHaveTextAsync(texts, new() { Timeout = patience });
        await Assertions.Expect(Page.Locator("[data-testid=message][data-state=confirmed]")).ToHaveCountAsync(texts.Count + deleted, new() { Timeout = patience });
        var order = await messages.EvaluateAllAsync<string[]>("rows => rows.map(row => row.dataset.seq)");
        var seqs = order.Select(seq => long.Parse(seq, CultureInfo.InvariantCulture)).ToList();
        Assert.Equal(seqs.Distinct().Order(), seqs);
    }

    public Task<string> LanguageAsync() => Page.EvaluateAsync<string>("document.documentElement.lang");

    public Task<bool> ScrollsSidewaysAsync() =>
        Page.EvaluateAsync<bool>("document.documentElement.scrollWidth > document.documentElement.clientWidth");

    public async ValueTask DisposeAsync() => await _context.CloseAsync();

    private void Hear(IConsoleMessage message)
    {
        if (message.Type != "error")
        {
            return;
        }

        var network = message.Text.Contains("net::ERR_", StringComparison.Ordinal)
                      || message.Text.Contains("WebSocket connection to", StringComparison.Ordinal)
                      || message.Text.Contains("status of 50", StringComparison.Ordinal);
        (network ? NetworkErrors : Complaints).Enqueue($"{message.Text} ({message.Location})");
    }
}
