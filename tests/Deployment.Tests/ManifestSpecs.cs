using k8s.Models;

namespace AkkaChat.Deployment.Tests;

/// <summary>What must hold of each overlay in <c>k8s</c>, whoever edits it.</summary>
public sealed class ManifestSpecs
{
    /// <summary>The host's own limit of a shutdown.</summary>
    private const int ShutdownSeconds = 45;

    public static TheoryData<string> Overlays => [.. Overlay.Names];

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task Selectors_ShouldMatchTheirPods(string overlay)
    {
        var objects = await Overlay.BuildAsync(overlay);
        Assert.All(objects.Deployments, item => AssertMatches(item.Spec.Selector.MatchLabels, item.Spec.Template));
        Assert.All(objects.StatefulSets, item => AssertMatches(item.Spec.Selector.MatchLabels, item.Spec.Template));
        Assert.All(objects.Services, item => Assert.Contains(objects.Templates.Values, pods => Matches(item.Spec.Selector, pods)));
        Assert.All(
            objects.All<V1PodDisruptionBudget>(),
            item => Assert.Contains(objects.Templates.Values, pods => Matches(item.Spec.Selector.MatchLabels, pods)));
        Assert.All(
            objects.All<V1NetworkPolicy>(),
            item => Assert.Contains(objects.Templates.Values, pods => Matches(item.Spec.PodSelector.MatchLabels, pods)));
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task NamedPorts_ShouldExist(string overlay)
    {
        var objects = await Overlay.BuildAsync(overlay);
        Assert.All(objects.Services, service => Assert.All(service.Spec.Ports, port => Assert.Contains(
            Pods(objects, service).SelectMany(Ports), name => name == port.TargetPort.Value)));
        Assert.All(objects.Templates.Values.SelectMany(pods => pods.Spec.Containers), container =>
        {
            var probes = new[] { container.StartupProbe, container.ReadinessProbe, container.LivenessProbe }.OfType<V1Probe>();
            var ports = probes.Select(probe => probe.HttpGet?.Port ?? probe.TcpSocket?.Port).OfType<IntOrString>();
            Assert.All(ports, port => Assert.Contains(container.Ports, own => own.Name == port.Value));
        });
        Assert.All(objects.All<V1NetworkPolicy>().SelectMany(policy => policy.Spec.Ingress ?? []).SelectMany(rule => rule.Ports), port =>
            Assert.Contains(objects.Nodes.SelectMany(Ports), name => name == port.Port.Value));
        Assert.All(
            from ingress in objects.All<V1Ingress>() from rule in ingress.Spec.Rules from path in rule.Http.Paths select path.Backend.Service,
            backend => Assert.Contains(objects.Services, service => service.Metadata.Name == backend.Name
                && service.Spec.Ports.Any(port => port.Name == backend.Port.Name)));
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task Grace_ShouldCoverTheShutdown(string overlay)
    {
        var objects = await Overlay.BuildAsync(overlay);
        Assert.Equal(2, objects.Nodes.Count());
        Assert.All(objects.Nodes, pods =>
        {
            var preStop = pods.Spec.Containers.Single().Lifecycle?.PreStop?.Exec.Command;
            var wait = preStop is ["sleep", var seconds] ? int.Parse(seconds, System.Globalization.CultureInfo.InvariantCulture) : 0;
            Assert.True(pods.Spec.TerminationGracePeriodSeconds > ShutdownSeconds + wait);
        });
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task Pod_ShouldHaveNoMoreRightsThanItNeeds(string overlay)
    {
        var objects = await Overlay.BuildAsync(overlay);
        foreach (var pods in objects.Nodes.Concat(objects.Jobs.Select(job => job.Spec.Template)))
        {
            var container = Assert.Single(pods.Spec.Containers);
            Assert.True(pods.Spec.SecurityContext.RunAsNonRoot);
            Assert.Equal("RuntimeDefault", pods.Spec.SecurityContext.SeccompProfile.Type);
            Assert.False(container.SecurityContext.AllowPrivilegeEscalation);
            Assert.True(container.SecurityContext.ReadOnlyRootFilesystem);
            Assert.Equal(["ALL"], container.SecurityContext.Capabilities.Drop);
            Assert.Null(container.SecurityContext.Privileged);
            Assert.DoesNotContain(pods.Spec.Volumes, volume => volume.HostPath is not null);
            Assert.True(container.Resources.Requests.ContainsKey("cpu") && container.Resources.Limits.ContainsKey("memory"));
            Assert.False(container.Resources.Limits.ContainsKey("cpu"), "a limit of CPU throttles heartbeats");
        }

        Assert.All(objects.All<V1ServiceAccount>(), account => Assert.False(account.AutomountServiceAccountToken));
    }

    /// <summary>A node that cannot reach the database or the cluster must be left alone: it is the only one that knows what it still holds.</summary>
    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task Liveness_ShouldNotAskForMoreThanTheProcess(string overlay) =>
        Assert.All((await Overlay.BuildAsync(overlay)).Nodes.Select(pods => pods.Spec.Containers.Single()), container =>
        {
            Assert.Equal("/health/live", container.LivenessProbe.HttpGet.Path);
            Assert.Equal("/health/ready", container.ReadinessProbe.HttpGet.Path);
        });

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task Secrets_ShouldComeByReferenceOnly(string overlay)
    {
        var objects = await Overlay.BuildAsync(overlay);
        Assert.Empty(objects.All<V1Secret>());
        var plain = from pods in objects.Templates.Values
                    from container in pods.Spec.Containers
                    from variable in container.Env ?? []
                    where variable.Value is not null && IsSecret(variable.Name)
                    select variable.Name;
        Assert.Empty(plain);
        Assert.DoesNotContain(objects.All<V1ConfigMap>().SelectMany(map => map.Data.Keys), IsSecret);
    }

    /// <summary>The seeds are pods of the StatefulSet, under its headless service, which must publish them before they are ready.</summary>
    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task Seeds_ShouldBeRoomNodes(string overlay)
    {
        var objects = await Overlay.BuildAsync(overlay);
        var rooms = objects.StatefulSets.Single(item => item.Metadata.Name == "akkachat-room");
        var headless = objects.Services.Single(item => item.Metadata.Name == rooms.Spec.ServiceName);
        var seeds = objects.All<V1ConfigMap>().Single().Data.Where(item => item.Key.Contains("SeedNodes", StringComparison.Ordinal));

        Assert.Equal("None", headless.Spec.ClusterIP);
        Assert.True(headless.Spec.PublishNotReadyAddresses);
        Assert.True(rooms.Spec.Replicas % 2 == 1);
        Assert.Equal(
            Enumerable.Range(0, 2).Select(i => $"akka.tcp://chat@akkachat-room-{i}.{headless.Metadata.Name}:5100"),
            seeds.Select(seed => seed.Value));
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task ManagementToken_ShouldBeEveryNodes_FromTheSecret(string overlay) =>
        Assert.All((await Overlay.BuildAsync(overlay)).Nodes.Select(pods => pods.Spec.Containers.Single()), container => Assert.Equal(
            ("akkachat", "management-token"),
            container.Env.Single(variable => variable.Name == "AkkaChat__Management__Token").ValueFrom.SecretKeyRef is var key ? (key.Name, key.Key) : default));

    /// <summary>All nodes write to one store.</summary>
    [Fact]
    public async Task Files_ShouldBeInOneBucket_WithItsKeysFromTheSecret() =>
        Assert.All((await Overlay.BuildAsync("production")).Nodes.Select(pods => pods.Spec.Containers.Single()), container =>
        {
            Assert.Equal("s3", container.Env.Single(variable => variable.Name == "AkkaChat__Objects__Store").Value);
            Assert.Equal(
                ["s3-access-key", "s3-secret-key"],
                container.Env.Where(variable => variable.Name.StartsWith("AkkaChat__S3__", StringComparison.Ordinal) && variable.ValueFrom is not null)
                    .Select(variable => variable.ValueFrom.SecretKeyRef.Key).Order());
        });

    /// <summary>The operator finds the service by its labels, and its endpoints by the pods' labels and a named port.</summary>
    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task ServiceMonitor_ShouldFindEveryNode_UnderTheJobOfTheAlerts(string overlay)
    {
        var objects = await Overlay.BuildWithAsync(overlay, "monitoring");
        var monitor = Assert.Single(objects.All<ServiceMonitor>());
        var endpoint = Assert.Single(monitor.Spec.Endpoints);
        var service = Assert.Single(objects.Services, service =>
            monitor.Spec.Selector.MatchLabels.All(label => service.Metadata.Labels?.TryGetValue(label.Key, out var value) == true && value == label.Value));

        Assert.Equal(objects.Services.First(other => other.Metadata.Name == "akkachat").Metadata.NamespaceProperty, monitor.Metadata.NamespaceProperty);
        Assert.Equal(monitor.Metadata.NamespaceProperty, service.Metadata.NamespaceProperty);
        Assert.Equal("akkachat", service.Metadata.Labels[monitor.Spec.JobLabel!]);
        Assert.Equal("/metrics", endpoint.Path);
        Assert.Equal("management", service.Spec.Ports.Single(port => port.Name == endpoint.Port).TargetPort.Value);
        Assert.All(objects.Nodes, pods => Assert.True(Matches(service.Spec.Selector, pods)));
        Assert.True(service.Spec.PublishNotReadyAddresses);
    }

    [Fact]
    public async Task Autoscaler_ShouldScaleTheEdges_AndScaleDownSlowly()
    {
        var autoscaler = (await Overlay.BuildAsync("production")).All<V2HorizontalPodAutoscaler>().Single();

        Assert.Equal("akkachat-edge", autoscaler.Spec.ScaleTargetRef.Name);
        Assert.True(autoscaler.Spec.Behavior.ScaleDown.StabilizationWindowSeconds >= 600);
    }

    /// <summary>Which metric it is and how it gets to Kubernetes is in two files: the autoscaler's and the adapter's.</summary>
    [Fact]
    public async Task Autoscaler_ShouldScaleByConnections_AndByCpu_WithTheComponent()
    {
        var autoscaler = (await Overlay.BuildWithAsync("production", "autoscale-connections")).All<V2HorizontalPodAutoscaler>().Single();
        var ofPods = Assert.Single(autoscaler.Spec.Metrics, metric => metric.Type == "Pods").Pods;
        var rule = Assert.Single(AdapterRules.Read());

        Assert.Contains(autoscaler.Spec.Metrics, metric => metric.Resource?.Name == "cpu");
        Assert.Equal(("AverageValue", "5k"), (ofPods.Target.Type, ofPods.Target.AverageValue.ToString()));
        Assert.Equal(ofPods.Metric.Name, rule.Metric);
        Assert.Equal(["namespace", "pod"], rule.Resources.Order());
    }

    /// <summary>Whoever reads the settings must have the files, or it would end at its start.</summary>
    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task ClusterTls_ShouldBeMountedWhereverItIsSet_FromTheSecret(string overlay)
    {
        var objects = await Overlay.BuildWithAsync(overlay, "cluster-tls");
        var files = objects.All<V1ConfigMap>().Single().Data.Where(item => item.Key.StartsWith("AkkaChat__Cluster__Tls__", StringComparison.Ordinal))
            .ToDictionary(item => item.Key.Split("__")[^1], item => item.Value);
        var readers = objects.Templates.Values.Where(pods => pods.Spec.Containers.Any(
            container => container.EnvFrom?.Any(source => source.ConfigMapRef?.Name == "akkachat") == true)).ToList();

        Assert.Equal(["Authority", "Certificate", "Key"], files.Keys.Order());
        Assert.Equal(3, readers.Count);
        Assert.Empty(objects.All<V1Secret>());
        Assert.All(readers, pods =>
        {
            var mount = Assert.Single(pods.Spec.Containers.Single().VolumeMounts, mount => mount.Name == "cluster-tls");
            Assert.True(mount.ReadOnlyProperty);
            Assert.Equal("akkachat-cluster-tls", pods.Spec.Volumes.Single(volume => volume.Name == mount.Name).Secret.SecretName);
            Assert.Equal(
                new[] { "ca.crt", "tls.crt", "tls.key" }.Select(file => $"{mount.MountPath}/{file}"), files.Values.Order(StringComparer.Ordinal));
        });
        Assert.DoesNotContain((await Overlay.BuildAsync(overlay)).All<V1ConfigMap>().Single().Data.Keys, key => key.Contains("__Tls__", StringComparison.Ordinal));
    }

    private static bool IsSecret(string name) =>
        name.EndsWith("ConnectionString", StringComparison.Ordinal) || name.EndsWith("Redis", StringComparison.Ordinal)
        || name.EndsWith("__Key", StringComparison.Ordinal) || name.EndsWith("__Token", StringComparison.Ordinal)
        || name.EndsWith("SecretKey", StringComparison.Ordinal) || name.EndsWith("AccessKey", StringComparison.Ordinal) || name.EndsWith("PASSWORD", StringComparison.Ordinal);

    private static IEnumerable<V1PodTemplateSpec> Pods(Overlay objects, V1Service service) =>
        objects.Templates.Values.Where(pods => Matches(service.Spec.Selector, pods));

    private static IEnumerable<string> Ports(V1PodTemplateSpec pods) =>
        pods.Spec.Containers.SelectMany(container => container.Ports ?? []).Select(port => port.Name);

    private static void AssertMatches(IDictionary<string, string> selector, V1PodTemplateSpec pods) => Assert.True(Matches(selector, pods));

    private static bool Matches(IDictionary<string, string> selector, V1PodTemplateSpec pods) =>
        selector.Count > 0 && selector.All(label => pods.Metadata.Labels.TryGetValue(label.Key, out var value) && value == label.Value);
}
