using System.Reflection;
using System.Text.RegularExpressions;
using AkkaChat.Messages.Rooms;
using AkkaChat.Support.Processes;

namespace AkkaChat.Architecture.Tests;

/// <summary>docs/extending.md against the sources: what it tells an author to write is where it says, for every event there is.</summary>
public sealed partial class ExtendingSpecs
{
    private static readonly string Page = File.ReadAllText(Path.Combine(Product.Root, "docs", "extending.md"));

    public static TheoryData<string, string> EventsAndFiles()
    {
        var data = new TheoryData<string, string>();
        foreach (var format in RoomEventCatalogue.Formats)
        {
            foreach (var file in Files(EventTable()))
            {
                data.Add(format.Name, file);
            }
        }

        return data;
    }

    [Fact]
    public void File_ShouldExist_WhereThePageNamesIt()
    {
        var files = NamedFile().Matches(Page).Select(match => match.Groups[1].Value).Distinct().ToList();
        Assert.True(files.Count > 30);
        Assert.All(files, file => Assert.True(File.Exists(Path.Combine(Product.Root, file)), $"docs/extending.md names {file}, which is not there"));
    }

    [Theory]
    [MemberData(nameof(EventsAndFiles))]
    public void Event_ShouldStandInEachFileOfItsTable(string name, string file)
    {
        var format = RoomEventCatalogue.Formats.Single(format => format.Name == name);
        string[] names = [name, format.Type.Name, View(format), Body(format)];
        var text = File.ReadAllText(Path.Combine(Product.Root, file));
        Assert.True(
            names.Any(word => Regex.IsMatch(text, $@"(?<![\w.]){Regex.Escape(word)}(?![\w.])")),
            $"{file} has nothing of {name}, which docs/extending.md asks for");
    }

    /// <summary>The example is one: it stands in every file of its tables that every other event or command would stand in.</summary>
    [Theory]
    [InlineData("### The command", "ChangeTopic", "ct-v1")]
    [InlineData("### REST and the tables", "opic", "PATCH")]
    [InlineData("### The SPA", "opic", "opic")]
    [InlineData("## Add a consumer of rooms' events", "LinkCardConsumer", "LinkCardConsumer")]
    public void Example_ShouldStandInEachFileOfTheTable(string heading, string word, string orWord) => Assert.All(
        Files(Section(heading)),
        file =>
        {
            var text = File.ReadAllText(Path.Combine(Product.Root, file));
            Assert.True(text.Contains(word, StringComparison.Ordinal) || text.Contains(orWord, StringComparison.Ordinal), file);
        });

    private static string EventTable()
    {
        var section = Section("### The event");
        return section[..section.IndexOf("These only where", StringComparison.Ordinal)];
    }

    private static string Section(string heading)
    {
        var start = Page.IndexOf($"{heading}\n", StringComparison.Ordinal);
        Assert.True(start >= 0, $"docs/extending.md has no {heading}");
        var end = Page.IndexOf("\n#", start, StringComparison.Ordinal);
        return Page[start..(end < 0 ? Page.Length : end)];
    }

    private static IEnumerable<string> Files(string section) => FirstColumn().Matches(section).Select(row => row.Groups[1].Value);

    private static string View(RoomEventFormat format) => format.GetType().GetGenericArguments()[1].Name;

    private static string Body(RoomEventFormat format) =>
        typeof(RoomEventFormat).GetProperty("Body", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(format)!.ToString()!;

    [GeneratedRegex("`((?:src|tests|docs)/[^`]+\\.[a-z]+)`")]
    private static partial Regex NamedFile();

    [GeneratedRegex("^\\| `([^`]+)` \\|", RegexOptions.Multiline)]
    private static partial Regex FirstColumn();
}
