using System.Globalization;
using System.Text.RegularExpressions;
using AkkaChat.Chaos.Checking;
using AkkaChat.Chaos.Histories;

namespace AkkaChat.Chaos.Stage;

/// <summary>Reads out of the nodes' logs what the clients cannot see.</summary>
internal static partial class NodeLogs
{
    /// <summary>What Akka says to its own actors.</summary>
    public const string OfTheSystem = "(to an actor of Akka's own)";

    public static NodeLogFacts Read(string folder, IEnumerable<string> nodes)
    {
        var rejections = 0;
        var repairs = new List<long>();
        var letters = new Dictionary<string, int>();
        var ends = new Dictionary<string, int>();
        // The logs have wall-clock times, all else is monotonic.
        var offset = Clock.Now - (TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() * 1000);
        foreach (var file in nodes.Select(node => Path.Combine(folder, $"{node}.log")).Where(File.Exists))
        {
            foreach (var line in File.ReadLines(file))
            {
                if (line.Contains("A write of ", StringComparison.Ordinal) && line.Contains("journal_fence", StringComparison.Ordinal))
                {
                    rejections++;
                }
                else if (line.Contains("reading them from the journal", StringComparison.Ordinal))
                {
                    var time = Regex.Match(line, @"^\S+Z").Value;
                    if (DateTimeOffset.TryParse(time, CultureInfo.InvariantCulture, out var at))
                    {
                        repairs.Add((at.ToUnixTimeMilliseconds() * 1000) + offset);
                    }
                }
                else if (DeadLetter().Match(line) is { Success: true } letter)
                {
                    var type = letter.Groups[2].Value.Contains("/system/", StringComparison.Ordinal) ? OfTheSystem : letter.Groups[1].Value;
                    letters[type] = letters.GetValueOrDefault(type) + 1;
                }
                else if (line.Contains("Terminating this node", StringComparison.Ordinal))
                {
                    var why = line[(line.IndexOf("this node: ", StringComparison.Ordinal) + 11)..];
                    why = Regex.Replace(why, @"akka\.tcp://\S+", "a node");
                    ends[why] = ends.GetValueOrDefault(why) + 1;
                }
            }
        }

        return new NodeLogFacts { FenceRejections = rejections, Repairs = repairs, DeadLetters = letters, SelfEnded = ends };
    }

    [GeneratedRegex(@"Message \[(?:[\w.+`]*[.+])?(\w+)[^\]]*\].*? to \[([^\]]*)\].*(?:dead letters|was not delivered)")]
    private static partial Regex DeadLetter();
}
