using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using AkkaChat.Support;
using AkkaChat.Support.Chat;
using AkkaChat.Support.Processes;

namespace AkkaChat.MultiNode.Tests;

/// <summary>
/// What a large file does to a node's memory. AKKACHAT_TEST_UPLOAD_MIB=1024 makes it larger.
/// </summary>
public sealed class UploadMemorySpecs
{
    private const long MiB = 1024 * 1024;

    private static readonly long Size =
        MiB * (int.TryParse(Environment.GetEnvironmentVariable("AKKACHAT_TEST_UPLOAD_MIB"), CultureInfo.InvariantCulture, out var mib) ? mib : 192);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Memory_ShouldStayFlat_WhileALargeFileComesAndGoes(bool isS3)
    {
        var settings = new Dictionary<string, string> { ["AkkaChat__Files__MaxBytes"] = $"{8192 * MiB}", ["AkkaChat__Files__QuotaBytes"] = $"{16384 * MiB}" };
        if (isS3)
        {
            var s3 = new S3Fixture();
            await s3.InitializeAsync();
            foreach (var (key, value) in s3.Server.Settings)
            {
                settings[key.Replace(":", "__", StringComparison.Ordinal)] = value!;
            }
        }

        await using var node = await SingleNode.StartAsync(settings);
        await using var cast = new Cast();
        var ana = await cast.PersonAsync("ana", node.Url);
        var room = await Cast.RoomAsync("Files", ana);
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = node.Url, Timeout = TimeSpan.FromMinutes(10) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", ana.Rest.AccessToken);
        http.DefaultRequestHeaders.Add("Tus-Resumable", "1.0.0");
        await DownloadAsync(http, await UploadAsync(http, room, 24 * MiB), 24 * MiB); // what is compiled and pooled once

        var before = await ResetPeakAsync(node.Process.ProcessId!.Value);
        var file = await UploadAsync(http, room, Size);
        var uploaded = Peak(node.Process.ProcessId!.Value) - before;
        before = await ResetPeakAsync(node.Process.ProcessId!.Value);
        await DownloadAsync(http, file, Size);
        var downloaded = Peak(node.Process.ProcessId!.Value) - before;

        Console.WriteLine($"{Size / MiB} MiB, S3 {isS3}: upload moved RSS by {uploaded / MiB} MiB at most, download by {downloaded / MiB} MiB");
        Assert.True(uploaded <= 64 * MiB, $"the upload moved RSS by {uploaded} bytes"); // below zero when the collector has given memory back meanwhile
        Assert.True(downloaded <= 64 * MiB, $"the download moved RSS by {downloaded} bytes");
    }

    private static async Task<string> UploadAsync(HttpClient http, string room, long size)
    {
        using var creation = new HttpRequestMessage(HttpMethod.Post, "api/uploads");
        creation.Headers.Add("Upload-Length", size.ToString(CultureInfo.InvariantCulture));
        creation.Headers.Add("Upload-Metadata", $"filename {Base64("a.bin")},room {Base64(room)}");
        using var created = await http.SendAsync(creation);
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        using var patch = new HttpRequestMessage(HttpMethod.Patch, created.Headers.Location) { Content = new StreamContent(new Zeros(size), 64 * 1024) };
        patch.Content.Headers.ContentType = new MediaTypeHeaderValue("application/offset+octet-stream");
        patch.Headers.Add("Upload-Offset", "0");
        using var answer = await http.SendAsync(patch);
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        return created.Headers.Location!.ToString().Split('/')[^1];
    }

    private static async Task DownloadAsync(HttpClient http, string file, long size)
    {
        using var found = await http.GetAsync(new Uri($"api/files/{file}", UriKind.Relative));
        using var anonymous = new HttpClient { BaseAddress = http.BaseAddress, Timeout = TimeSpan.FromMinutes(10) };
        await using var content = await anonymous.GetStreamAsync(found.Headers.Location);
        var (buffer, total) = (new byte[64 * 1024], 0L);
        while (await content.ReadAsync(buffer) is > 0 and var read)
        {
            total += read;
        }

        Assert.Equal(size, total);
    }

    private static async Task<long> ResetPeakAsync(int process)
    {
        await File.WriteAllTextAsync($"/proc/{process}/clear_refs", "5");
        return Read(process, "VmRSS");
    }

    private static long Peak(int process) => Read(process, "VmHWM");

    private static long Read(int process, string name) => 1024 * long.Parse(
        File.ReadLines($"/proc/{process}/status").First(line => line.StartsWith(name, StringComparison.Ordinal)).Split(':')[1].Replace("kB", "", StringComparison.Ordinal),
        CultureInfo.InvariantCulture);

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private sealed class Zeros(long length) : Stream
    {
        private long _read;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => length;

        public override long Position
        {
            get => _read;
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var read = (int)Math.Min(count, length - _read);
            Array.Clear(buffer, offset, read);
            _read += read;
            return read;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
