using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace AkkaChat.Deployment.Tests;

/// <summary>What must hold of <c>docker-compose.yml</c>, whoever edits it.</summary>
public sealed partial class ComposeSpecs
{
    private static readonly Dictionary<object, object> Services = Section(Read("docker-compose.yml"), "services");

    private static IEnumerable<string> Nodes => Services.Keys.Cast<string>().Where(name => name.StartsWith("edge", StringComparison.Ordinal)
        || name.StartsWith("room", StringComparison.Ordinal));

    [Fact]
    public void Cluster_ShouldHaveFourEdgesAndAnOddNumberOfRoomNodes()
    {
        Assert.Equal(4, Nodes.Count(name => name.StartsWith("edge", StringComparison.Ordinal)));
        Assert.Equal(3, Nodes.Count(name => name.StartsWith("room", StringComparison.Ordinal)));
    }

    [Fact]
    public void Node_ShouldHaveNoMoreRightsThanItNeeds()
    {
        Assert.All(Nodes, name =>
        {
            var node = Section(Services, name);
            Assert.Equal("true", node["read_only"]);
            Assert.Equal(["ALL"], Strings(node["cap_drop"]));
            Assert.Equal(["no-new-privileges:true"], Strings(node["security_opt"]));
            Assert.False(node.ContainsKey("privileged") || node.ContainsKey("user") || node.ContainsKey("ports"), name);
        });
    }

    /// <summary>The host's own limit is 45 s.</summary>
    [Fact]
    public void Node_ShouldHaveTimeToDrain()
    {
        Assert.All(Nodes, name => Assert.Equal("60s", Section(Services, name)["stop_grace_period"]));
        Assert.Equal("60s", Section(Services, "haproxy")["stop_grace_period"]);
        Assert.Equal("SIGUSR1", Section(Services, "haproxy")["stop_signal"]);
    }

    [Fact]
    public void Node_ShouldBeReachedByItsOwnName()
    {
        Assert.All(Nodes, name => Assert.Equal(name, Section(Section(Services, name), "environment")["AkkaChat__Cluster__Hostname"]));
        var seeds = Section(Section(Services, "edge1"), "environment").Where(setting => setting.Key is string key && key.Contains("SeedNodes"));
        Assert.All(seeds, seed => Assert.Contains(SeedNode().Match((string)seed.Value).Groups["name"].Value, Nodes));
    }

    [Fact]
    public void Haproxy_ShouldKnowEveryEdge()
    {
        var environment = Section(Section(Services, "haproxy"), "environment");
        var known = environment.Where(setting => setting.Key is string key && EdgeVariable().IsMatch(key)).Select(setting => (string)setting.Value);
        Assert.Equal(Nodes.Where(name => name.StartsWith("edge", StringComparison.Ordinal)).Select(name => $"{name}:8080").Order(), known.Order());
    }

    [Fact]
    public void Secrets_ShouldHaveNoDefault()
    {
        var text = File.ReadAllText(Path.Combine(Product.Root, "docker-compose.yml"));
        foreach (var secret in new[] { "AKKACHAT_POSTGRES_PASSWORD", "AKKACHAT_REDIS_PASSWORD", "AKKACHAT_SIGNING_KEY" })
        {
            Assert.Contains($"${{{secret}:?", text, StringComparison.Ordinal);
            Assert.DoesNotContain($"${{{secret}:-", text, StringComparison.Ordinal);
        }
    }

    /// <summary>A service that the override names but compose does not would start as a container of its own.</summary>
    [Fact]
    public void OfflineOverride_ShouldNameEveryBuiltService_AndNoOther() =>
        Assert.Equal(Nodes.Order(), Section(Read("containers/offline.yml"), "services").Keys.Cast<string>().Order());

    /// <summary>The offline stand-ins must carry the names of the public images, or a build would look for a registry.</summary>
    [Fact]
    public void OfflineStandIns_ShouldCoverEveryPublicImage()
    {
        var standIns = File.ReadAllText(Path.Combine(Product.Root, "containers/offline.sh"));
        var fromBuild = BaseImage().Matches(File.ReadAllText(Path.Combine(Product.Root, "Dockerfile"))).Select(match => match.Groups["image"].Value);
        var images = Services.Values.Cast<Dictionary<object, object>>().Select(service => (string)service["image"])
            .Where(image => !image.StartsWith("akkachat/", StringComparison.Ordinal))
            .Concat(fromBuild.Where(image => image is not "node")).Distinct().ToList();

        Assert.True(images.Count >= 6, string.Join(' ', images));
        Assert.All(images, image => Assert.Contains($"image {image} ", standIns, StringComparison.Ordinal));
    }

    private static Dictionary<object, object> Read(string file)
    {
        using var reader = File.OpenText(Path.Combine(Product.Root, file));
        return new DeserializerBuilder().Build().Deserialize<Dictionary<object, object>>(new MergingParser(new Parser(reader)));
    }

    private static Dictionary<object, object> Section(Dictionary<object, object> parent, string name) => (Dictionary<object, object>)parent[name];

    private static IEnumerable<string> Strings(object list) => ((List<object>)list).Cast<string>();

    [GeneratedRegex(@"^akka\.tcp://chat@(?<name>\w+):5100$")]
    private static partial Regex SeedNode();

    [GeneratedRegex(@"^AKKACHAT_EDGE\d$")]
    private static partial Regex EdgeVariable();

    [GeneratedRegex(@"^FROM (?<image>\S+) AS", RegexOptions.Multiline)]
    private static partial Regex BaseImage();
}
