using System.Reflection;
using System.Text.RegularExpressions;
using AkkaChat.Support.Processes;
using Xunit.Abstractions;

namespace AkkaChat.Architecture.Tests;

public sealed partial class SourceSpecs(ITestOutputHelper output)
{
    private const int LongFile = 400;
    private const int TooLongFile = 600;

    /// <summary>Manifests stand in every journal row; two types of one serializer with the same one could not be told apart on read.</summary>
    [Fact]
    public void Manifest_ShouldBeUniqueAndShort_InEachSerializer()
    {
        var serializers = SourceFiles("Messages", "*Serializer.cs").Select(file => (File: file, Manifests: Manifests(file))).Where(s => s.Manifests.Count > 0).ToList();
        Assert.NotEmpty(serializers);
        Assert.All(serializers, serializer => Assert.Equal(serializer.Manifests.Distinct(), serializer.Manifests));
        var all = serializers.SelectMany(s => s.Manifests).ToList();
        Assert.Equal(all.Distinct(), all);
    }

    [Fact]
    public void SerializerId_ShouldBeUnique()
    {
        var ids = Assembly.Load("AkkaChat.Messages").GetType("AkkaChat.Messages.Serialization.SerializerIds", throwOnError: true)!
            .GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(field => (int)field.GetRawConstantValue()!)
            .ToList();
        Assert.NotEmpty(ids);
        Assert.Equal(ids.Distinct(), ids);
    }

    [Fact]
    public void ProtoField_ShouldHaveANumberOfItsOwn()
    {
        foreach (var file in SourceFiles("Messages", "*.proto"))
        {
            foreach (Match message in ProtoMessage().Matches(File.ReadAllText(file)))
            {
                var numbers = ProtoField().Matches(message.Value).Select(field => field.Groups[1].Value).ToList();
                Assert.True(numbers.Distinct().Count() == numbers.Count, $"{Path.GetFileName(file)}: a field number twice in {message.Value}");
            }
        }
    }

    [Fact]
    public void SourceFile_ShouldNotBeTooLong()
    {
        var files = new[] { "Messages", "Persistence", "Cluster", "Edge", "LocalCluster", "LoadTest", "Cmd", "Web/src" }
            .SelectMany(project => SourceFiles(project, "*.cs").Concat(SourceFiles(project, "*.ts")).Concat(SourceFiles(project, "*.tsx")))
            .Select(file => (Path: Path.GetRelativePath(Product.Root, file), Lines: File.ReadLines(file).Count()))
            .Where(file => file.Lines > LongFile)
            .OrderByDescending(file => file.Lines)
            .ToList();
        foreach (var (path, lines) in files)
        {
            output.WriteLine($"{path}: {lines} lines");
        }

        // The texts of a language are one file, a table that nobody has to hold in mind.
        Assert.DoesNotContain(files, file => file.Lines > TooLongFile && !file.Path.Contains("/locales/", StringComparison.Ordinal));
    }

    [Fact]
    public void Source_ShouldHoldNoPrivateKeys()
    {
        var keys = SourceFiles("", "*").Where(file => Path.GetExtension(file) is ".cs" or ".json" or ".ts" or ".tsx" or ".conf" or ".sql" or ".cfg")
            .Where(file => File.ReadAllText(file).Contains("PRIVATE KEY-----", StringComparison.Ordinal));
        Assert.Empty(keys);
    }

    /// <summary>The bugs that prove the fault harness are patches beside it; the product has no switch for them, and no second build.</summary>
    [Fact]
    public void Source_ShouldHoldNoPlantedBugs()
    {
        var files = SourceFiles("", "*.cs").Concat(SourceFiles("", "*.csproj")).Concat(Directory.GetFiles(Product.Root, "*.props")).ToList();
        Assert.NotEmpty(files);
        Assert.DoesNotContain(files, file => PlantedBug().IsMatch(File.ReadAllText(file)));
    }

    private static IReadOnlyList<string> Manifests(string file) =>
        [.. ManifestConstant().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value)];

    private static IEnumerable<string> SourceFiles(string project, string pattern)
    {
        var folder = Path.Combine(Product.Root, "src", project);
        return Directory.Exists(folder) ? Walk(folder, pattern) : [];
    }

    private static IEnumerable<string> Walk(string folder, string pattern) =>
        Directory.GetFiles(folder, pattern).Concat(
            Directory.GetDirectories(folder)
                .Where(child => Path.GetFileName(child) is not ("bin" or "obj" or "node_modules" or "dist"))
                .SelectMany(child => Walk(child, pattern)));

    [GeneratedRegex("\"([a-z]{2,4}-v[0-9]+)\"")]
    private static partial Regex ManifestConstant();

    [GeneratedRegex(@"planted|^\s*#if\b", RegexOptions.IgnoreCase | RegexOptions.Multiline)]
    private static partial Regex PlantedBug();

    [GeneratedRegex(@"message\s+\w+\s*\{[^{}]*\}")]
    private static partial Regex ProtoMessage();

    [GeneratedRegex(@"=\s*([0-9]+)\s*[;\[]")]
    private static partial Regex ProtoField();
}
