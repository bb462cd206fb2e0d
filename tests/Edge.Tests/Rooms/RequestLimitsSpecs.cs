using System.Security.Claims;
using AkkaChat.Edge.Accounts;
using AkkaChat.Edge.Limits;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace AkkaChat.Edge.Tests.Rooms;

public sealed class RequestLimitsSpecs
{
    [Fact]
    public async Task Searches_ShouldRunAFewAtATime_AndThoseOfOthersBeside()
    {
        using var limits = new RequestLimits(Options.Create(new LimitOptions { ConcurrentSearches = 2 }));
        var end = new TaskCompletionSource();
        var begun = new List<string>();
        var all = new[] { "ana", "ana", "ana", "ben" }.Select(name => limits.RunAsync(Search(name), _ =>
        {
            begun.Add(name);
            return end.Task;
        })).ToList();

        Assert.Equal(["ana", "ana", "ben"], begun);

        end.SetResult();
        await Task.WhenAll(all).WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(4, begun.Count);
    }

    private static DefaultHttpContext Search(string name)
    {
        var context = new DefaultHttpContext
        {
            User = new ClaimsPrincipal(new ClaimsIdentity(
                [
                    new(AccessTokens.Subject, $"u_{name}"), new(AccessTokens.Session, $"s_{name}"), new(AccessTokens.Username, name),
                    new(AccessTokens.DisplayName, name), new("exp", "4102444800"),
                ])),
        };
        context.Request.Method = "GET";
        context.Request.Path = "/api/search";
        return context;
    }
}
