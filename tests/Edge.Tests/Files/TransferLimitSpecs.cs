using AkkaChat.Edge.Tests.Hosting;
using AkkaChat.Messages.Ids;
using AkkaChat.Persistence.Files;
using AkkaChat.Support;
using Microsoft.Extensions.DependencyInjection;

namespace AkkaChat.Edge.Tests.Files;

/// <summary>A node receives a few uploads at once, and holds something for each file it sends. One user cannot take it all.</summary>
public sealed class TransferLimitSpecs : IAsyncLifetime
{
    private static readonly HttpClient Http = new();
    private ChatHost _host = null!;

    public async Task InitializeAsync() => _host = await ChatHost.StartAsync(new()
    {
        ["AkkaChat:Files:MaxConcurrentUploads"] = "3",
        ["AkkaChat:Limits:ConcurrentUploads"] = "2",
        ["AkkaChat:Limits:ConcurrentDownloads"] = "1",
    });

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Uploads_ShouldBeReceived_WhileAnotherUsersNeverEnd()
    {
        var (ana, bob) = (await _host.PersonAsync(), await _host.PersonAsync());
        var room = await ana.CreateRoomAsync();
        var gate = new TaskCompletionSource();
        var paths = new List<string>();
        for (var i = 0; i < 6; i++)
        {
            paths.Add(await ana.BeginAsync(room, 10));
        }

        var slow = paths.ConvertAll(path => ana.SendAsync(
            "PATCH", path, new GatedContent("12345"u8.ToArray(), "67890"u8.ToArray(), gate.Task), ("Upload-Offset", "0")));
        await Eventually.AssertAsync(async () =>
        {
            var store = _host.Services.GetRequiredService<UploadStore>();
            var files = await Task.WhenAll(paths.Select(path => store.FindAsync(new FileId(path.Split('/')[^1]), CancellationToken.None)));
            Assert.Equal(2, files.Count(file => file!.LeasedUntil > TimeProvider.System.GetUtcNow()));
        });

        await bob.UploadAsync(await bob.CreateRoomAsync(), "a file"u8.ToArray());

        gate.SetResult();
        foreach (var answer in await Task.WhenAll(slow))
        {
            await Tus.AssertStatusAsync(204, answer);
        }
    }

    [Fact]
    public async Task Downloads_ShouldWait_WhileAsManyOfTheUserAreNotRead_AndOthersGetTheirs()
    {
        var (ana, bob) = (await _host.PersonAsync(), await _host.PersonAsync());
        // More than fits into the buffers of a connection.
        var bytes = new byte[20 * 1024 * 1024];
        var (anas, bobs) = (await ana.UploadAsync(await ana.CreateRoomAsync(), bytes), await bob.UploadAsync(await bob.CreateRoomAsync(), bytes));
        using var stalled = await OpenAsync(ana, anas);

        var waiting = OpenAsync(ana, anas);
        using (var others = await OpenAsync(bob, bobs))
        {
            Assert.Equal(bytes.Length, (await others.Content.ReadAsByteArrayAsync()).Length);
        }

        Assert.False(waiting.IsCompleted);
        stalled.Dispose();
        using var next = await waiting.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(200, (int)next.StatusCode);
    }

    /// <summary>Up to the headers: the content is read by nobody.</summary>
    private async Task<HttpResponseMessage> OpenAsync(Person person, string file)
    {
        using var view = await person.SendAsync("GET", $"/api/files/{file}");
        return await Http.GetAsync(new Uri(_host.Url, view.Headers.Location!), HttpCompletionOption.ResponseHeadersRead);
    }
}
