using AkkaChat.Cluster.Nodes;
using Microsoft.Extensions.Configuration;

namespace AkkaChat.Cluster.Tests.Hosting;

/// <summary>Settings from files, as containers get their secrets.</summary>
public sealed class SecretFilesSpecs : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("akkachat-secrets-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void File_ShouldBeTheSettingOfItsName_WithoutTheEndOfItsLine()
    {
        File.WriteAllText(Path.Combine(_folder, "AkkaChat__Management__Token"), "of the file\n");
        File.WriteAllText(Path.Combine(_folder, "PORT"), "1");
        Directory.CreateDirectory(Path.Combine(_folder, "kubernetes.io"));

        var configuration = Read(_folder);

        Assert.Equal("of the file", configuration["AkkaChat:Management:Token"]);
        Assert.Equal("8080", configuration["PORT"]);
    }

    [Fact]
    public void Settings_ShouldBeAsTheyAre_WhenThereIsNoFolder() =>
        Assert.Equal("of the variable", Read(Path.Combine(_folder, "none"))["AkkaChat:Management:Token"]);

    private static IConfigurationRoot Read(string folder)
    {
        var builder = new ConfigurationBuilder().AddInMemoryCollection(
            new Dictionary<string, string?> { ["AkkaChat:Management:Token"] = "of the variable", ["PORT"] = "8080" });
        builder.AddSecretFiles(folder);
        return builder.Build();
    }
}
