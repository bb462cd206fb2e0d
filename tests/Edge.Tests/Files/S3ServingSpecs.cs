using System.Globalization;
using AkkaChat.Edge.Tests.Hosting;
using AkkaChat.Support;
using Microsoft.AspNetCore.WebUtilities;

namespace AkkaChat.Edge.Tests.Files;

/// <summary>What is different where the object store serves the bytes itself.</summary>
[Collection(OnS3.Name)]
public sealed class S3ServingSpecs(S3Chat chat)
{
    [Theory]
    [InlineData("img-src 'self' data: blob:")]
    [InlineData("media-src 'self' blob:")]
    [InlineData("connect-src 'self'")]
    public async Task Page_ShouldBeAllowedToReadFiles_FromTheStore(string directive)
    {
        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri(chat.Host.Url, "/health/live"));

        Assert.Contains($"{directive} {chat.Endpoint}", answer.Header("Content-Security-Policy"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Url_ShouldBeOneOfTheStore_ForAMinuteOnly()
    {
        var ana = await chat.Host.PersonAsync();
        var id = await ana.UploadAsync(await ana.CreateRoomAsync(), "<script>"u8.ToArray(), "a.html", "text/html");

        using var found = await ana.SendAsync("GET", $"/api/files/{id}");
        using var view = await ana.ViewAsync(id, range: "bytes=1-6");

        var url = found.Headers.Location!;
        Assert.Equal(new Uri(chat.Endpoint).Authority, url.Authority);
        Assert.InRange(int.Parse(QueryHelpers.ParseQuery(url.Query)["X-Amz-Expires"]!, CultureInfo.InvariantCulture), 30, 60);
        Assert.True(found.Headers.CacheControl is { NoStore: true, Private: true });
        Assert.Equal((206, "script", "attachment", "application/octet-stream"), (
            (int)view.StatusCode,
            await view.Content.ReadAsStringAsync(),
            view.Content.Headers.ContentDisposition!.DispositionType,
            view.Content.Headers.ContentType!.MediaType));
    }

    /// <summary>As in compose, where the store has no address outside.</summary>
    [Fact]
    public async Task Edge_ShouldServeTheBytesItself_WhenBrowsersCannotReachTheStore()
    {
        var s3 = new S3Fixture();
        await s3.InitializeAsync();
        await using var host = await ChatHost.StartAsync(new(s3.Server.Settings) { ["AkkaChat:S3:Presign"] = "false" });
        var ana = await host.PersonAsync();
        var id = await ana.UploadAsync(await ana.CreateRoomAsync(), "<script>"u8.ToArray(), "a.html", "text/html");

        using var found = await ana.SendAsync("GET", $"/api/files/{id}");
        using var whole = await ana.ViewAsync(id);
        using var part = await ana.ViewAsync(id, range: "bytes=1-6");
        using var end = await ana.ViewAsync(id, range: "bytes=-2");

        Assert.StartsWith($"/api/files/{id}/content?", found.Headers.Location!.OriginalString, StringComparison.Ordinal);
        Assert.DoesNotContain(s3.Server.Endpoint, found.Header("Content-Security-Policy"), StringComparison.Ordinal);
        Assert.Equal((200, "<script>"), ((int)whole.StatusCode, await whole.Content.ReadAsStringAsync()));
        Assert.Equal((206, "script"), ((int)part.StatusCode, await part.Content.ReadAsStringAsync()));
        Assert.Equal((206, "t>"), ((int)end.StatusCode, await end.Content.ReadAsStringAsync()));
    }
}
