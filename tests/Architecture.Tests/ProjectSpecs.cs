using System.Xml.Linq;
using AkkaChat.Support.Processes;

namespace AkkaChat.Architecture.Tests;

/// <summary>The house rules that a compiler does not check, read from the project files.</summary>
public sealed class ProjectSpecs
{
    /// <summary>From the inside out: a project may reference what stands before it, and the inmost references nothing.</summary>
    private static readonly string[] Layers = ["Messages", "Persistence", "Cluster", "Edge"];

    [Fact]
    public void Layer_ShouldReferenceOnlyLayersInsideIt()
    {
        for (var i = 0; i < Layers.Length; i++)
        {
            var references = References(Layers[i], "ProjectReference").Select(path => Path.GetFileNameWithoutExtension(path)!);
            Assert.Subset(Layers[..i].ToHashSet(), references.ToHashSet());
        }
    }

    /// <summary>It starts binaries: with a reference to one of them it would build the product for every test.</summary>
    [Fact]
    public void LocalCluster_ShouldReferenceNoLayer() => Assert.Empty(References("LocalCluster", "ProjectReference"));

    [Fact]
    public void Assembly_ShouldReferenceOnlyLayersInsideIt()
    {
        for (var i = 0; i < Layers.Length; i++)
        {
            var references = System.Reflection.Assembly.Load($"AkkaChat.{Layers[i]}").GetReferencedAssemblies()
                .Select(name => name.Name!)
                .Where(name => name.StartsWith("AkkaChat.", StringComparison.Ordinal));
            Assert.Subset(Layers[..i].Select(layer => $"AkkaChat.{layer}").ToHashSet(), references.ToHashSet());
        }
    }

    /// <summary>It speaks the public contract as any client does; with the server's own code it would share the server's mistakes.</summary>
    [Fact]
    public void LoadTest_ShouldReferenceNoProject() => Assert.Empty(References("LoadTest", "ProjectReference"));

    /// <summary>It learns what a node offers from the node, which may be of another version.</summary>
    [Fact]
    public void Cmd_ShouldReferenceNoProject() => Assert.Empty(References("Cmd", "ProjectReference"));

    [Fact]
    public void Messages_ShouldKnowNeitherDatabaseNorWebServer()
    {
        var references = System.Reflection.Assembly.Load("AkkaChat.Messages").GetReferencedAssemblies().Select(name => name.Name!);
        Assert.DoesNotContain(
            references,
            name => name.StartsWith("Npgsql", StringComparison.Ordinal)
                    || name.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal)
                    || name.StartsWith("Microsoft.Data", StringComparison.Ordinal));
    }

    [Fact]
    public void Product_ShouldReferenceNoTestProject() =>
        Assert.DoesNotContain(
            SourceProjects().SelectMany(file => Items(file, "ProjectReference")),
            path => path.Replace('\\', '/').Contains("/tests/", StringComparison.Ordinal));

    [Fact]
    public void PackageReference_ShouldCarryNoVersion()
    {
        var versioned =
            from file in Projects()
            from item in XDocument.Load(file).Descendants("PackageReference")
            where item.Attribute("Version") is not null || item.Attribute("VersionOverride") is not null || item.Element("Version") is not null
            select $"{Path.GetFileName(file)}: {item.Attribute("Include")?.Value}";
        Assert.Empty(versioned);
    }

    [Fact]
    public void CentralVersions_ShouldHaveOneOfAkka()
    {
        var versions = XDocument.Load(Path.Combine(Product.Root, "Directory.Packages.props")).Descendants("PackageVersion")
            .Select(item => (Id: item.Attribute("Include")!.Value, Version: item.Attribute("Version")!.Value))
            .Where(item => item.Id == "Akka" || (item.Id.StartsWith("Akka.", StringComparison.Ordinal) && item.Id != "Akka.Analyzers"))
            .ToList();
        Assert.NotEmpty(versions);
        Assert.All(versions, item => Assert.Equal("$(AkkaVersion)", item.Version));
    }

    [Fact]
    public void LoadedAkka_ShouldBeOfOneVersion()
    {
        // What was restored counts, transitive packages included: two versions in one process are how a cluster breaks in the field.
        var versions = Directory.GetFiles(AppContext.BaseDirectory, "Akka*.dll")
            .Where(file => Path.GetFileName(file) is var name && (name == "Akka.dll" || name.StartsWith("Akka.", StringComparison.Ordinal)))
            .Select(file => (File: Path.GetFileName(file), System.Reflection.AssemblyName.GetAssemblyName(file).Version))
            .ToList();
        Assert.Contains(versions, item => item.File == "Akka.dll");
        Assert.Single(versions.Select(item => item.Version).Distinct());
    }

    [Fact]
    public void Solution_ShouldHaveEveryProject()
    {
        var solution = File.ReadAllText(Path.Combine(Product.Root, "AkkaChat.sln")).Replace('\\', '/');
        Assert.All(Projects().Select(file => Path.GetRelativePath(Product.Root, file)), path => Assert.Contains($"\"{path}\"", solution));
    }

    private static IEnumerable<string> SourceProjects() => ProjectsIn("src");

    private static IEnumerable<string> Projects() => ProjectsIn("src").Concat(ProjectsIn("tests"));

    private static IEnumerable<string> ProjectsIn(string folder) =>
        Directory.GetDirectories(Path.Combine(Product.Root, folder)).SelectMany(project => Directory.GetFiles(project, "*.csproj"));

    private static IEnumerable<string> References(string project, string kind) =>
        Items(Path.Combine(Product.Root, "src", project, $"{project}.csproj"), kind);

    private static IEnumerable<string> Items(string file, string kind) =>
        XDocument.Load(file).Descendants(kind).Select(item => item.Attribute("Include")!.Value.Replace('\\', '/'));
}
