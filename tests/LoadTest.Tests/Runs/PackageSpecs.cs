using AkkaChat.LocalCluster.Processes;
using AkkaChat.Support.Processes;

namespace AkkaChat.LoadTest.Tests.Runs;

public sealed class PackageSpecs
{
    /// <summary>Packed, installed from a folder as docs/load-test.md says, and started under its name.</summary>
    [Fact]
    public async Task Package_ShouldInstallAsATool_FromAFolder()
    {
        var folder = Directory.CreateTempSubdirectory("akkachat-load-tool-");
        try
        {
            var (packages, tools, config) = (Path.Combine(folder.FullName, "packages"), Path.Combine(folder.FullName, "tools"), Path.Combine(folder.FullName, "nuget.config"));
            await File.WriteAllTextAsync(
                config, $"<configuration><packageSources><clear/><add key=\"folder\" value=\"{packages}\"/></packageSources></configuration>");
            await RunAsync(
                folder, "dotnet", "pack", Path.Combine(Product.Root, "src", "LoadTest"), "-c", Product.Configuration, "--no-build", "--nologo", "-o", packages);
            Assert.Single(Directory.GetFiles(packages, "AkkaChat.LoadTest.*.nupkg"));
            await RunAsync(folder, "dotnet", "tool", "install", "AkkaChat.LoadTest", "--tool-path", tools, "--configfile", config);

            var help = await RunAsync(folder, Path.Combine(tools, "akkachat-load"), "--help");

            Assert.Contains("--scenario", help, StringComparison.Ordinal);
            Assert.Contains("slow-readers", help, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>With a cache of its own: another version of the tool may be in the user's.</summary>
    private static Task<string> RunAsync(DirectoryInfo folder, params string[] command) =>
        Command.RunAsync(["env", $"NUGET_PACKAGES={Path.Combine(folder.FullName, "cache")}", "DOTNET_NOLOGO=1", .. command]);
}
