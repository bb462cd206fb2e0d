using System.Diagnostics;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace AkkaChat.Deployment.Tests;

/// <summary>What must hold of <c>docker-compose.yml</c>, whoever edits it.</summary>
public sealed partial class ComposeSpecs
{
    private static readonly Dictionary<object, object> Compose = Read("docker-compose.yml");
    private static readonly Dictionary<object, object> Services = Section(Compose, "services");

    private static readonly string[] RequiredSecrets =
        ["AKKACHAT_POSTGRES_PASSWORD", "AKKACHAT_REDIS_PASSWORD", "AKKACHAT_SIGNING_KEY", "AKKACHAT_S3_SECRET_KEY"];

    private static IEnumerable<string> Nodes => Services.Keys.Cast<string>().Where(name => name.StartsWith("edge", StringComparison.Ordinal)
        || name.StartsWith("room", StringComparison.Ordinal));

    /// <summary>By Compose's own schema and rules, which need no engine. <c>./test</c> says which program that is.</summary>
    [Theory]
    [InlineData("docker-compose.yml")]
    [InlineData("docker-compose.yml", "containers/offline.yml")]
    [InlineData("docker-compose.yml", "containers/cluster-tls.yml")]
    public async Task Compose_ShouldAcceptItsFiles(params string[] files)
    {
        var program = (Environment.GetEnvironmentVariable("AKKACHAT_COMPOSE") ?? "docker compose").Split(' ');
        var (exitCode, _, errors) = await ConfigAsync(program, files, withSecrets: true);
        Assert.True(exitCode == 0, $"Compose 2 is needed, and accepts the files: {errors}");

        (exitCode, _, errors) = await ConfigAsync(program, files, withSecrets: false);
        Assert.NotEqual(0, exitCode);
        Assert.Contains("set it in .env, or start with ./run compose", errors, StringComparison.Ordinal);
    }

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
        foreach (var secret in RequiredSecrets)
        {
            Assert.Contains($"${{{secret}:?", text, StringComparison.Ordinal);
            Assert.DoesNotContain($"${{{secret}:-", text, StringComparison.Ordinal);
        }
    }

    /// <summary>The name of the file is the setting's (docs/settings.md).</summary>
    [Fact]
    public void ManagementToken_ShouldBeAFileOfEveryNode()
    {
        var sources = Section(Compose, "secrets");
        Assert.All(sources.Values.Cast<Dictionary<object, object>>(), source => Assert.Equal("file", Assert.Single(source).Key));
        Assert.All(Nodes, name =>
        {
            var secret = (Dictionary<object, object>)((List<object>)Section(Services, name)["secrets"]).Single();
            Assert.Equal(("management-token", "AkkaChat__Management__Token"), ((string)secret["source"], (string)secret["target"]));
            Assert.Contains("management-token", sources.Keys);
        });
        Assert.DoesNotContain("Management__Token:", File.ReadAllText(Path.Combine(Product.Root, "docker-compose.yml")), StringComparison.Ordinal);
    }

    /// <summary>Built images have one of their own, in the Dockerfile.</summary>
    [Fact]
    public void Service_ShouldSayWhetherItIsHealthy()
    {
        Assert.All(
            Services.Where(service => !((Dictionary<object, object>)service.Value).ContainsKey("build")),
            service => Assert.True(((Dictionary<object, object>)service.Value).ContainsKey("healthcheck"), (string)service.Key));
        Assert.Equal(2, Regex.Count(File.ReadAllText(Path.Combine(Product.Root, "Dockerfile")), "^HEALTHCHECK ", RegexOptions.Multiline));
    }

    /// <summary>Everything else is reached through HAProxy or not at all; figures and dashboards from this machine.</summary>
    [Fact]
    public void Port_ShouldBePublishedForHaproxyOnly()
    {
        var published = Services.Where(service => ((Dictionary<object, object>)service.Value).ContainsKey("ports"))
            .ToDictionary(service => (string)service.Key, service => Strings(((Dictionary<object, object>)service.Value)["ports"]).Single());

        Assert.Equal(["grafana", "haproxy", "prometheus"], published.Keys.Order());
        Assert.All(published.Where(port => port.Key != "haproxy"), port => Assert.StartsWith("127.0.0.1:", port.Value));
    }

    [Fact]
    public void Files_ShouldBeInTheStoreThatIsThere()
    {
        var environment = Section(Section(Services, "edge1"), "environment");
        var store = Section(Section(Services, "s3"), "environment");

        Assert.Equal(("s3", "false"), ((string)environment["AkkaChat__Objects__Store"], (string)environment["AkkaChat__S3__Presign"]));
        Assert.Equal("http://s3:7070", environment["AkkaChat__S3__Endpoint"]);
        Assert.Equal(store["ROOT_ACCESS_KEY"], environment["AkkaChat__S3__AccessKey"]);
        Assert.Equal(store["ROOT_SECRET_KEY"], environment["AkkaChat__S3__SecretKey"]);
        Assert.Contains($"mkdir -p /data/{environment["AkkaChat__S3__Bucket"]} ", Strings(Section(Services, "s3")["entrypoint"]).Last());
        Assert.All(Nodes, name => Assert.Equal("service_healthy", Section(Section(Section(Services, name), "depends_on"), "s3")["condition"]));
    }

    [Fact]
    public void Mount_ShouldBeOfAFileOrAFolderThatIsThere()
    {
        var mounts = Services.Values.Cast<Dictionary<object, object>>().Where(service => service.ContainsKey("volumes"))
            .SelectMany(service => Strings(service["volumes"])).Where(mount => mount.StartsWith("./", StringComparison.Ordinal)).ToList();

        Assert.True(mounts.Count >= 4);
        Assert.All(mounts, mount => Assert.True(Path.Exists(Path.Combine(Product.Root, mount.Split(':')[0])), mount));
        Assert.All(mounts, mount => Assert.EndsWith(":ro", mount));
    }

    /// <summary>What Grafana and Prometheus read at their start, against where compose puts it.</summary>
    [Fact]
    public void Monitoring_ShouldFindItsParts()
    {
        var source = ((List<object>)Read("ops/grafana/provisioning/datasources/prometheus.yml")["datasources"]).Cast<Dictionary<object, object>>().Single();
        var provider = ((List<object>)Read("ops/grafana/provisioning/dashboards/akkachat.yml")["providers"]).Cast<Dictionary<object, object>>().Single();
        var jobs = ((List<object>)Read("ops/prometheus/prometheus.yml")["scrape_configs"]).Cast<Dictionary<object, object>>().ToList();
        var targets = jobs.SelectMany(job => (List<object>)job["static_configs"]).Cast<Dictionary<object, object>>().SelectMany(config => Strings(config["targets"]));

        Assert.Equal(("prometheus", "http://prometheus:9090"), ((string)source["type"], (string)source["url"]));
        Assert.Contains($"./ops/grafana:{Section(provider, "options")["path"]}:ro", Strings(Section(Services, "grafana")["volumes"]));
        Assert.Equal([.. Nodes.Select(name => $"{name}:9110").Append("haproxy:8404").Order()], targets.Order());
        Assert.Equal("*:8404", Section(Section(Services, "haproxy"), "environment")["AKKACHAT_STATS"]);
    }

    /// <summary>A service that the override names but compose does not would start as a container of its own.</summary>
    [Fact]
    public void OfflineOverride_ShouldNameEveryBuiltService_AndNoneThatIsNotThere()
    {
        var named = Section(Read("containers/offline.yml"), "services").Keys.Cast<string>().ToList();
        Assert.Empty(Nodes.Except(named));
        Assert.Empty(named.Except(Services.Keys.Cast<string>()));
    }

    /// <summary>The nodes of a cluster have TLS or none has.</summary>
    [Fact]
    public void ClusterTlsOverride_ShouldBeOfEveryNode_WithFilesThatItMounts()
    {
        var named = Section(Read("containers/cluster-tls.yml"), "services");

        Assert.Equal(Nodes.Order(), named.Keys.Cast<string>().Order());
        Assert.All(named.Keys.Cast<string>(), name =>
        {
            var mount = Assert.Single(Strings(Section(named, name)["volumes"])).Split(':');
            Assert.Equal("ro", mount[^1]);
            var files = Section(Section(named, name), "environment");
            Assert.Equal(["Authority", "Certificate", "Key"], files.Keys.Cast<string>().Select(key => key.Split("__")[^1]).Order());
            Assert.All(files.Values.Cast<string>(), file => Assert.StartsWith($"{mount[^2]}/", file));
        });
    }

    /// <summary>
    /// The offline stand-ins must carry the names of the public images, or a build would look for a registry. Debian has no Grafana, so
    /// <c>containers/offline.yml</c> leaves it out.
    /// </summary>
    [Fact]
    public void OfflineStandIns_ShouldCoverEveryPublicImage()
    {
        var standIns = File.ReadAllText(Path.Combine(Product.Root, "containers/offline.sh"));
        var fromBuild = BaseImage().Matches(File.ReadAllText(Path.Combine(Product.Root, "Dockerfile"))).Select(match => match.Groups["image"].Value);
        var images = Services.Values.Cast<Dictionary<object, object>>().Select(service => (string)service["image"])
            .Where(image => !image.StartsWith("akkachat/", StringComparison.Ordinal) && !image.StartsWith("grafana/", StringComparison.Ordinal))
            .Concat(fromBuild.Where(image => image is not "node")).Distinct().ToList();

        Assert.True(images.Count >= 8, string.Join(' ', images));
        Assert.All(images, image => Assert.Contains($"image {image} ", standIns, StringComparison.Ordinal));
    }

    private static Task<(int ExitCode, string Output, string Errors)> ConfigAsync(string[] program, string[] files, bool withSecrets)
    {
        // An .env of the person who runs the specs must not decide.
        var start = new ProcessStartInfo(program[0], [.. program[1..], "--env-file", "/dev/null", .. files.SelectMany(file => new[] { "-f", file }), "config", "-q"])
        {
            WorkingDirectory = Product.Root,
        };
        foreach (var secret in RequiredSecrets)
        {
            start.Environment[secret] = withSecrets ? "c2VjcmV0" : "";
        }

        return Programs.RunAsync(start);
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
