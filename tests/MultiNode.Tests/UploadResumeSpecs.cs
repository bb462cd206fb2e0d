using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;
using AkkaChat.Support;
using AkkaChat.Support.Chat;
using AkkaChat.Support.Processes;

namespace AkkaChat.MultiNode.Tests;

/// <summary>Uploads by tus-js-client, as it is published, against real processes, broken off in the middle.</summary>
public sealed class UploadResumeSpecs
{
    private const int Size = 30_000_000;
    private const int BrokenAfter = 17_000_000;

    /// <summary>What a node has in its memory, or in the buffers of its socket.</summary>
    private const int Lost = 8_000_000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task OnSqliteAndDisk_ShouldGoOnWhereItWas_WhenTheConnectionIsLostOrTheServerKilled(bool isKilled)
    {
        await using var node = await SingleNode.StartAsync();
        await AssertResumedAsync(node.Url, node.Url, isKilled ? node.KillAndRestartAsync : () => Task.CompletedTask);
    }

    /// <summary>On the cluster another edge goes on.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task OnPostgresAndS3_ShouldGoOnAtAnotherEdge_WhenTheConnectionIsLostOrTheEdgeKilled(bool isKilled)
    {
        var s3 = new S3Fixture();
        await s3.InitializeAsync();
        var settings = s3.Server.Settings.ToDictionary(pair => pair.Key.Replace(":", "__", StringComparison.Ordinal), pair => pair.Value!);
        await using var cluster = await ChatCluster.StartAsync(new ClusterShape(Rooms: 1, Edges: 2, Redis: false) { Settings = settings });
        await cluster.WatchAsync(() => AssertResumedAsync(
            cluster.Edges[0].Url, cluster.Edges[1].Url, isKilled ? cluster.Edges[0].KillAsync : () => Task.CompletedTask));
    }

    private static async Task AssertResumedAsync(Uri first, Uri second, Func<Task> breakAsync)
    {
        await using var cast = new Cast();
        var ana = await cast.PersonAsync("ana", second);
        var room = await Cast.RoomAsync("Files", ana);
        var bytes = RandomNumberGenerator.GetBytes(Size);
        var folder = Directory.CreateTempSubdirectory("akkachat-upload-");
        try
        {
            var file = Path.Combine(folder.FullName, "film.bin");
            await File.WriteAllBytesAsync(file, bytes);
            await using var proxy = new CutProxy(first, BrokenAfter);
            using var client = Start(new Uri(proxy.Url, "api/uploads"), ana.Rest.AccessToken!, room, file);
            var errors = client.StandardError.ReadToEndAsync();
            var id = Line(await client.StandardOutput.ReadLineAsync()).GetProperty("upload").GetString()!.Split('/')[^1];
            var lines = client.StandardOutput.ReadToEndAsync();

            await proxy.Held.WaitAsync(Patience);
            using var http = Http(second, ana.Rest.AccessToken!);
            await Eventually.AssertAsync(
                async () => Assert.InRange(await OffsetAsync(http, id), BrokenAfter - Lost, BrokenAfter), Patience);
            await breakAsync();
            proxy.Target = second;
            proxy.Cut();

            await client.WaitForExitAsync().WaitAsync(Patience);
            Assert.True(client.ExitCode == 0, await errors);
            var said = (await lines).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Line).ToList();
            var offsets = said.Where(line => line.TryGetProperty("offset", out _)).Select(line => line.GetProperty("offset").GetInt64()).ToList();
            Assert.Equal(0, offsets[0]);
            Assert.InRange(offsets[1], BrokenAfter - Lost, BrokenAfter);
            // Not by its place: a retry that was under way when the upload ended may still speak after it.
            Assert.True(said.Exists(line => line.TryGetProperty("done", out _)), $"{string.Join(' ', said)} {await errors}");
            var read = await http.GetByteArrayAsync(new Uri($"api/files/{id}", UriKind.Relative));
            Assert.True(read.AsSpan().SequenceEqual(bytes), $"{read.Length} bytes that are not those of the file");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static Process Start(Uri endpoint, string token, string room, string file)
    {
        var start = new ProcessStartInfo(NodeTools.Node, [NodeTools.Script("tus-upload.mjs"), endpoint.AbsoluteUri, token, room, file])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return Process.Start(start) ?? throw new InvalidOperationException("Node did not start.");
    }

    private static JsonElement Line(string? line) => JsonDocument.Parse(line ?? "null").RootElement;

    private static HttpClient Http(Uri node, string token)
    {
        var http = new HttpClient { BaseAddress = node };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        http.DefaultRequestHeaders.Add("Tus-Resumable", "1.0.0");
        return http;
    }

    private static async Task<long> OffsetAsync(HttpClient http, string id)
    {
        using var head = await http.SendAsync(new HttpRequestMessage(HttpMethod.Head, $"api/uploads/{id}"));
        return long.Parse(head.Headers.GetValues("Upload-Offset").Single(), CultureInfo.InvariantCulture);
    }
}
