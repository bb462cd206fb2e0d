using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using AkkaChat.Support;

namespace AkkaChat.Chaos.Histories;

/// <summary>A history on disk: one JSON object a line, appended by one process.</summary>
public sealed class HistoryWriter(string path) : IDisposable
{
    private readonly StreamWriter _file = new(path, append: true, new UTF8Encoding(false), 1 << 16);
    private readonly Lock _lock = new();

    public void Write(Entry entry)
    {
        var line = JsonSerializer.Serialize(entry, HistoryFile.Json);
        lock (_lock)
        {
            _file.Write(line);
            _file.Write('\n');
        }
    }

    public void Flush()
    {
        lock (_lock)
        {
            _file.Flush();
        }
    }

    public void Dispose() => _file.Dispose();
}

public static class HistoryFile
{
    public static readonly JsonSerializerOptions Json = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault };

    /// <summary>All lines of all files, by time. A line cut short by the end of its process is left out.</summary>
    public static List<Entry> ReadAll(IEnumerable<string> paths)
    {
        var entries = new List<Entry>();
        foreach (var path in paths)
        {
            foreach (var line in File.ReadLines(path))
            {
                if (line.EndsWith('}'))
                {
                    entries.Add(JsonSerializer.Deserialize<Entry>(line, Json)!);
                }
            }
        }

        // Stable, so that what one client wrote in one microsecond stays in its order.
        return [.. entries.OrderBy(entry => entry.Time)];
    }

    /// <summary>Names a body without storing it: the text and the files that it comes with.</summary>
    public static string Hash(string text, IReadOnlyCollection<string> files) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(files.Count == 0 ? text : $"{text}\n{string.Join(' ', files)}")).AsSpan(0, 8));
}

/// <summary>The machine's monotonic clock, which all processes on it share.</summary>
public static class Clock
{
    public static long Now => Machine.Now;

    public static long Of(TimeSpan span) => (long)span.TotalMicroseconds;

    public static long Seconds(double seconds) => (long)(seconds * 1_000_000);
}
