using System.Text.Json;
using AkkaChat.LoadTest.Checking;
using AkkaChat.LoadTest.Driving;
using AkkaChat.LoadTest.Limits;
using AkkaChat.LoadTest.Reports;

namespace AkkaChat.LoadTest.Tests.Reports;

public sealed class ReportSpecs : IDisposable
{
    private readonly RunContext _context = new(
        Options.Of("--scenario", "reconnect-storm", "--users", "4", "--rooms", "2", "--rate", "10", "--duration", "8", "--ramp", "2", "--max-p99", "50"),
        TimeProvider.System,
        _ => { });

    public void Dispose() => _context.Api.Dispose();

    [Fact]
    public void Html_ShouldStandByItself_InLightAndDark()
    {
        var html = HtmlReport.Render(Result());

        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("src=", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("href=", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("url(", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("@import", html, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("prefers-color-scheme: dark", html, StringComparison.Ordinal);
        Assert.Equal(5, html.Split("<svg ").Length - 1);
        Assert.DoesNotContain("NaN", html, StringComparison.Ordinal);
        Assert.Contains("Passed.", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Html_ShouldEncodeWhatAServerSaid()
    {
        _context.Findings.Add(Fault.Lost, "<img onerror=alert(1)>");
        _context.Notices.Add(Limit.Sends, "<b>slow</b> down");
        var html = HtmlReport.Render(Result());

        Assert.DoesNotContain("<img", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>slow", html, StringComparison.Ordinal);
        Assert.Contains("&lt;img", html, StringComparison.Ordinal);
        Assert.Contains("AkkaChat:Sockets:SendPerSecond", html, StringComparison.Ordinal);
        Assert.Contains("Failed.", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Html_ShouldBeDrawn_WhenTheRunEndedBeforeASecondWasOver()
    {
        var html = HtmlReport.Render(new RunResult(_context, default, default, default, true, 0, 4, [], null));

        Assert.DoesNotContain("NaN", html, StringComparison.Ordinal);
        Assert.Contains("interrupted", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Json_ShouldHaveTheFigures()
    {
        _context.Measurements.CountFailed("busy");
        var json = JsonSerializer.SerializeToElement(JsonReport.Of(Result()), JsonReportContext.Default.JsonReport);

        Assert.Equal("reconnect-storm", json.GetProperty("scenario").GetString());
        Assert.Equal(90, json.GetProperty("messages").GetProperty("due").GetInt32());
        Assert.Equal(1, json.GetProperty("messages").GetProperty("errors").GetProperty("busy").GetInt32());
        Assert.Equal(10, json.GetProperty("seconds").GetArrayLength());
        Assert.InRange(json.GetProperty("latencyMs").GetProperty("delivery").GetProperty("p99").GetDouble(), 20, 20.2);
        Assert.True(json.GetProperty("latencyMs").TryGetProperty("generatorLag", out _));
        Assert.Equal(0, json.GetProperty("faults").GetProperty("ackedButMissing").GetInt32());
    }

    [Fact]
    public void Failure_ShouldBeAMissedBound()
    {
        Assert.Empty(Result().Failures());
        Assert.Contains("--max-p99", Assert.Single(Result(deliveryMs: 80).Failures()), StringComparison.Ordinal);
    }

    [Fact]
    public void Failure_ShouldBeTooManyErrors()
    {
        Assert.Empty((Result() with { Unanswered = 0 }).Failures());
        Assert.Contains("--max-errors", Assert.Single((Result() with { Unanswered = 2 }).Failures()), StringComparison.Ordinal);
    }

    [Fact]
    public void Failure_ShouldBeAUserWithoutConnection_AndARunWithoutAcknowledgement()
    {
        Assert.Contains("handshake answered 503", Assert.Single((Result() with { ConnectedAtEnd = 3, DisconnectedBecause = "handshake answered 503" }).Failures()), StringComparison.Ordinal);
        var nothing = new RunResult(_context, default, default, default, false, 10, 4, [], null);
        Assert.NotEmpty((nothing with { Unanswered = 10 }).Failures());
    }

    /// <summary>Ten seconds, each with ten messages.</summary>
    private RunResult Result(int deliveryMs = 20)
    {
        var measured = _context.Measurements;
        for (var second = 1; second <= 10; second++)
        {
            for (var i = 0; i < 10; i++)
            {
                var due = (second - 1) * 1_000_000L;
                measured.CountSent(due, due + 300, again: false);
                measured.CountAck(due, due + 10_000);
                measured.CountDelivery(due, due + (deliveryMs * 1000), timed: true);
            }

            measured.EndSecond(second * 1_000_000L);
        }

        return new RunResult(_context, DateTimeOffset.UnixEpoch, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10), false, 90, 4, [new Storm(6, 4, 0.5)], null)
        {
            ExpectedDeliveries = 180,
            Measured = measured.Samples,
        };
    }
}
