using System.Text.RegularExpressions;
using AkkaChat.LocalCluster.Nodes;
using AkkaChat.Support.Processes;

namespace AkkaChat.Cmd.Tests;

internal static partial class Document
{
    /// <summary>The commands in the tables of docs/pbm.md, as palette and name.</summary>
    public static IEnumerable<string> Commands() =>
        Row().Matches(File.ReadAllText(Path.Combine(Product.Root, "docs/pbm.md"))).Select(row => row.Groups[1].Value);

    [GeneratedRegex(@"^\| `([a-z-]+ [a-z-]+)[^`]*` \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}

internal static class CatalogueOf
{
    public static async Task<Catalogue> CatalogueAsync(this PbmCluster cluster, NodeProcess node)
    {
        using var client = new NodeClient(node.Management!, token: null);
        return await client.GetCatalogueAsync(CancellationToken.None);
    }
}
