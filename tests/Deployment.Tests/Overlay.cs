using System.Diagnostics;
using k8s;
using k8s.Models;

namespace AkkaChat.Deployment.Tests;

/// <summary>The objects of an overlay, as <c>kubectl kustomize</c> makes them, each read by its strict schema: an unknown field throws.</summary>
internal sealed class Overlay
{
    private readonly IReadOnlyList<object> _objects;

    private Overlay(IReadOnlyList<object> objects) => _objects = objects;

    public static IReadOnlyList<string> Names => ["dev", "production"];

    public IEnumerable<V1Deployment> Deployments => _objects.OfType<V1Deployment>();

    public IEnumerable<V1StatefulSet> StatefulSets => _objects.OfType<V1StatefulSet>();

    public IEnumerable<V1Service> Services => _objects.OfType<V1Service>();

    public IEnumerable<V1Job> Jobs => _objects.OfType<V1Job>();

    public IEnumerable<T> All<T>() => _objects.OfType<T>();

    /// <summary>The pods' templates of all workloads, by the workload's name.</summary>
    public IReadOnlyDictionary<string, V1PodTemplateSpec> Templates =>
        Deployments.Select(item => (item.Metadata.Name, item.Spec.Template))
            .Concat(StatefulSets.Select(item => (item.Metadata.Name, item.Spec.Template)))
            .Concat(Jobs.Select(item => (item.Metadata.Name, item.Spec.Template)))
            .ToDictionary();

    /// <summary>Those of AkkaChat's own nodes.</summary>
    public IEnumerable<V1PodTemplateSpec> Nodes =>
        Templates.Where(item => item.Key is "akkachat-room" or "akkachat-edge").Select(item => item.Value);

    public static Task<Overlay> BuildAsync(string name) => BuildFolderAsync(Path.Combine(Product.Root, "k8s", "overlays", name));

    /// <summary>The overlay with a component that is not in it, as an operator adds it.</summary>
    public static async Task<Overlay> BuildWithAsync(string name, string component)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Product.Root, "artifacts", $"kustomize-{Guid.NewGuid():N}"));
        try
        {
            var lines = await File.ReadAllLinesAsync(Path.Combine(Product.Root, "k8s", "overlays", name, "kustomization.yaml"));
            await File.WriteAllTextAsync(
                Path.Combine(folder.FullName, "kustomization.yaml"),
                $"""
                apiVersion: kustomize.config.k8s.io/v1beta1
                kind: Kustomization
                {lines.Single(line => line.StartsWith("namespace: ", StringComparison.Ordinal))}
                resources: [../../k8s/overlays/{name}]
                components: [../../k8s/components/{component}]
                """);
            return await BuildFolderAsync(folder.FullName);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<Overlay> BuildFolderAsync(string folder)
    {
        var (exitCode, yaml, errors) = await Programs.RunAsync(new ProcessStartInfo("kubectl") { ArgumentList = { "kustomize", folder } });
        Assert.True(exitCode == 0, $"kubectl with Kustomize 5 is needed: {errors}");
        return new Overlay([.. KubernetesYaml.LoadAllFromString(yaml, ServiceMonitor.Types, strict: true)]);
    }
}
