using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using AkkaChat.Cluster.Hosting;
using AkkaChat.Cluster.Management;
using AkkaChat.Cluster.Nodes;
using AkkaChat.Edge.Hosting;
using AkkaChat.Persistence.Settings;
using AkkaChat.Support.Processes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace AkkaChat.Architecture.Tests;

/// <summary>docs/settings.md against the options types, and the options types against what a node registers.</summary>
public sealed partial class SettingSpecs
{
    private static readonly (string Section, Type Type)[] Options =
    [
        .. from layer in new[] { "Persistence", "Cluster", "Edge" }
        from type in Assembly.Load($"AkkaChat.{layer}").GetTypes()
        where type.Name.EndsWith("Options", StringComparison.Ordinal)
        let section = type.GetField("SectionName")?.GetRawConstantValue() as string
        where section is not null
        select (section, type),
    ];

    [Fact]
    public void Document_ShouldListEveryKeyWithItsDefault()
    {
        var expected = Options.SelectMany(option => SettingKeys.Of(option.Section, option.Type)
            .Select(key => (Key: key.Pattern.Replace('*', '0'), Default: Default(option.Type, key.Pattern[(option.Section.Length + 1)..]))));
        var documented = Row().Matches(File.ReadAllText(Path.Combine(Product.Root, "docs", "settings.md")))
            .Select(row => (Key: row.Groups[1].Value, Default: row.Groups[2].Value));

        Assert.Equal(expected.OrderBy(row => row.Key, StringComparer.Ordinal), documented.OrderBy(row => row.Key, StringComparer.Ordinal));
    }

    [Fact]
    public void Edge_ShouldKnowEverySection() => Assert.Equal(
        Options.Select(option => (option.Section, (Type?)option.Type)).OrderBy(pair => pair.Item2!.Name),
        Sections(builder => builder.AddChatEdge()).Where(section => section.Type is not null).Select(section => (section.Name, section.Type)).OrderBy(pair => pair.Type!.Name));

    /// <summary>One environment serves all nodes of a cluster.</summary>
    [Fact]
    public void RoomNode_ShouldAcceptEverySection() => Assert.Equal(
        Options.Select(option => option.Section).Distinct().Order(),
        Sections(builder =>
        {
            builder.Services.AddManagement();
            builder.Services.AddChatNode(builder.Configuration, [ChatRoles.Room]);
        }).Select(section => section.Name).Distinct().Order());

    private static IEnumerable<SettingSection> Sections(Action<WebApplicationBuilder> add)
    {
        var builder = WebApplication.CreateBuilder();
        add(builder);
        return builder.Services.Select(service => service.ImplementationInstance).OfType<SettingSection>();
    }

    private static string Default(Type options, string property)
    {
        var value = property.Contains(':', StringComparison.Ordinal)
            ? null
            : options.GetProperty(property)!.GetValue(Activator.CreateInstance(options));
        return value switch
        {
            null => "none",
            bool isSet => isSet ? "`true`" : "`false`",
            _ => $"`{string.Format(CultureInfo.InvariantCulture, "{0}", value)}`",
        };
    }

    [GeneratedRegex(@"^\| `(AkkaChat:[A-Za-z0-9:]+)` \| (none|`[^`]+`) \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
