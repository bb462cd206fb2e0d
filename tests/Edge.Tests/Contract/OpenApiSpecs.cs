using System.Text.Json;
using System.Text.RegularExpressions;
using AkkaChat.Edge.Tests.Hosting;
using AkkaChat.Support.Processes;

namespace AkkaChat.Edge.Tests.Contract;

[Collection(OnSqlite.Name)]
public sealed partial class OpenApiSpecs(SqliteChat chat)
{
    private static readonly string Contract = File.ReadAllText(Path.Combine(Product.Root, "docs", "rest.md"));

    [Fact]
    public async Task Document_ShouldListTheContractsPathsAndVerbs_WhenServed()
    {
        var answer = await chat.Host.SendAsync("GET", "/openapi/v1.json");
        Assert.Equal(200, answer.Status);
        var served = answer.Json.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(verb => $"{verb.Name.ToUpperInvariant()} {path.Name.TrimEnd('/')}"));

        Assert.Equal(Row().Matches(Contract).Select(row => $"{row.Groups[1].Value} {row.Groups[2].Value}").Order(), served.Order());
    }

    [Fact]
    public async Task Document_ShouldDescribeEachOperation_WhenServed()
    {
        var paths = (await chat.Host.SendAsync("GET", "/openapi/v1.json")).Json.GetProperty("paths");
        foreach (var operation in paths.EnumerateObject().SelectMany(path => path.Value.EnumerateObject()).Select(verb => verb.Value))
        {
            Assert.NotEmpty(operation.GetProperty("operationId").GetString()!);
            Assert.NotEmpty(operation.GetProperty("summary").GetString()!);
            Assert.Contains(operation.GetProperty("responses").EnumerateObject(), response => response.Name[0] is '2' or '3');
        }
    }

    [GeneratedRegex("^\\| (GET|HEAD|POST|PATCH|PUT|DELETE) (/api/[^ ]+) \\|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
