using AkkaChat.Edge.Tests.Hosting;
using AkkaChat.Edge.Tests.Wire;

namespace AkkaChat.Edge.Tests.Files;

/// <summary>What pages ask of files besides their bytes.</summary>
[Collection(OnSqlite.Name)]
public sealed class FileDownloadSpecs(SqliteChat chat)
{
    [Theory]
    [InlineData("", "inline")]
    [InlineData("?download=1", "attachment")]
    [InlineData("?download=0", "inline")]
    public async Task File_ShouldBeSaved_WhenItIsAskedForAsADownload(string query, string disposition)
    {
        var ana = await chat.Host.PersonAsync();
        var id = await ana.UploadAsync(await ana.CreateRoomAsync(), "%PDF-1.7"u8.ToArray(), "a.pdf", "application/pdf");

        using var answer = await ana.ViewAsync(id, query);

        Assert.Equal((disposition, "a.pdf"), (
            answer.Content.Headers.ContentDisposition!.DispositionType, answer.Content.Headers.ContentDisposition.FileName));
        await Tus.AssertContentAsync("%PDF-1.7"u8.ToArray(), answer);
    }

    [Fact]
    public async Task Image_ShouldBeWaitedFor_WhenItIsAskedForWhileItIsProcessed()
    {
        var ana = await chat.Host.PersonAsync();
        var id = await ana.UploadAsync(await ana.CreateRoomAsync(), TestImages.Encoded(2400, 1800), "a.jpg", "image/jpeg");

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => ana.ViewAsync(id, i % 2 == 0 ? "?thumb=small" : "")));

        Assert.All(answers, answer => Assert.Equal(200, (int)answer.StatusCode));
    }

    [Fact]
    public async Task Hello_ShouldTellTheLimitsOfFiles()
    {
        var ana = await chat.Host.PersonAsync();
        await using var socket = await Socket.ConnectAsync(ana.Host, ana.Token);

        var limits = (await socket.HelloAsync()).GetProperty("limits");

        Assert.Equal((104_857_600, 0, 10), (
            limits.GetProperty("fileBytes").GetInt64(), limits.GetProperty("fileTypes").GetArrayLength(), limits.GetProperty("messageFiles").GetInt32()));
    }
}
