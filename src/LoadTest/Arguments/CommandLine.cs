using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace AkkaChat.LoadTest.Arguments;

/// <summary>The command line: its options, and what is wrong with the arguments.</summary>
internal sealed class CommandLine
{
    private readonly Option<Uri> _url = new("--url", "-u")
    {
        Description = "The server: of a cluster its load balancer.",
        HelpName = "URL",
        DefaultValueFactory = _ => new Uri("http://localhost:8080"),
        CustomParser = ParseUrl,
    };

    private readonly Option<Scenario?> _scenario = new("--scenario", "-s")
    {
        Description = "What is played, with its own defaults:\n" + string.Join('\n', Scenario.All.Select(scenario => $"{scenario.Name}: {scenario.Description} ({scenario.Size})")),
        HelpName = "NAME",
        CustomParser = ParseScenario,
    };

    private readonly Option<int?> _users = Number("--users", "Users, each with a connection of its own.", 1, 100_000);
    private readonly Option<int?> _rooms = Number("--rooms", "Rooms that the users are spread over.", 1, 100_000);
    private readonly Option<int?> _roomsPerUser = Number("--rooms-per-user", "Rooms that each user is a member of.", 1, 1_000);
    private readonly Option<double?> _rate = Real("--rate", "Messages a second, of all users together; 0 sends only at the end, one into each room.", 0, 100_000);
    private readonly Option<TimeSpan?> _duration = Time("--duration", "Time at the full rate: 90, 90s, 5m or 1h. Default: 60 s.", 1, 86_400);
    private readonly Option<TimeSpan?> _ramp = Time("--ramp", "Time before it, in which the rate grows; not in the figures. Default: 5 s.", 0, 3_600);
    private readonly Option<int?> _payload = Number("--payload", "Bytes of a message's text.", LoadOptions.MinPayload, LoadOptions.MaxPayload);
    private readonly Option<TimeSpan?> _settle = Time("--settle", "Longest time to wait for the last replies and deliveries. Default: 20 s.", 1, 600);
    private readonly Option<double?> _maxP99 = Real("--max-p99", "Fail where the 99th percentile from due to delivered is above this, in ms.", 0, 1e6);
    private readonly Option<double?> _maxAckP99 = Real("--max-ack-p99", "Fail where the 99th percentile from due to acknowledged is above this, in ms.", 0, 1e6);
    private readonly Option<double?> _maxErrors = Real("--max-errors", "Fail where more than this share of the sends failed, in percent. Default: 1.", 0, 100);
    private readonly Option<string?> _json = new("--json") { Description = "Write the figures to this file.", HelpName = "FILE" };
    private readonly Option<string?> _html = new("--html") { Description = "Write a report with plots to this file.", HelpName = "FILE" };
    private readonly Option<bool> _plain = new("--plain") { Description = "Progress as plain lines, also in a terminal." };

    public CommandLine(Func<LoadOptions, Task<int>> run)
    {
        Root = new RootCommand(
            "Plays chat users against an AkkaChat server at a fixed rate, checks every delivery, and reports.\n"
            + "It registers accounts and makes rooms, which stay: use a server that is for tests.\n"
            + "Exit code: 0 fine; 1 something was lost, doubled or out of order, or a bound was missed; 2 no run was possible.")
        {
            _url, _scenario, _users, _rooms, _roomsPerUser, _rate, _duration, _ramp, _payload, _settle,
            _maxP99, _maxAckP99, _maxErrors, _json, _html, _plain,
        };
        Root.SetAction((parsed, _) => run(Options(parsed.CommandResult)));
    }

    public RootCommand Root { get; }

    /// <summary>What arguments without errors ask for.</summary>
    public LoadOptions Options(CommandResult arguments)
    {
        var scenario = arguments.GetValue(_scenario) ?? Scenario.Default;
        var users = arguments.GetValue(_users) ?? scenario.Users;
        // Fewer users than a scenario has of its own leave no room empty.
        var roomsPerUser = arguments.GetValue(_roomsPerUser) ?? Math.Min(scenario.RoomsPerUser, arguments.GetValue(_rooms) ?? scenario.RoomsPerUser);
        return new LoadOptions
        {
            Url = arguments.GetValue(_url)!,
            Scenario = scenario,
            Users = users,
            Rooms = arguments.GetValue(_rooms) ?? (int)Math.Min(scenario.Rooms, (long)users * roomsPerUser),
            RoomsPerUser = roomsPerUser,
            Rate = arguments.GetValue(_rate) ?? scenario.Rate,
            Duration = arguments.GetValue(_duration) ?? TimeSpan.FromSeconds(60),
            Ramp = arguments.GetValue(_ramp) ?? TimeSpan.FromSeconds(5),
            Payload = arguments.GetValue(_payload) ?? scenario.Payload,
            Settle = arguments.GetValue(_settle) ?? TimeSpan.FromSeconds(20),
            MaxP99 = arguments.GetValue(_maxP99),
            MaxAckP99 = arguments.GetValue(_maxAckP99),
            MaxErrors = arguments.GetValue(_maxErrors) ?? 1,
            JsonFile = arguments.GetValue(_json),
            HtmlFile = arguments.GetValue(_html),
            Plain = arguments.GetValue(_plain),
        };
    }

    private static Option<int?> Number(string name, string description, int min, int max) => new(name)
    {
        Description = description,
        HelpName = "N",
        CustomParser = argument => ParseReal(argument, min, max) is { } value && value == Math.Floor(value)
            ? (int)value
            : Wrong<int?>(argument, $"{name} takes a whole number from {min} to {max:N0}, not '{Word(argument)}'."),
    };

    private static Option<double?> Real(string name, string description, double min, double max) => new(name)
    {
        Description = description,
        HelpName = "N",
        CustomParser = argument => ParseReal(argument, min, max)
            ?? Wrong<double?>(argument, $"{name} takes a number from {min} to {max:N0}, not '{Word(argument)}'."),
    };

    private static Option<TimeSpan?> Time(string name, string description, int min, int max) => new(name)
    {
        Description = description,
        HelpName = "TIME",
        CustomParser = argument => ParseTime(Word(argument)) is { } time && time.TotalSeconds >= min && time.TotalSeconds <= max
            ? time
            : Wrong<TimeSpan?>(argument, $"{name} takes a time from {min} to {max:N0} s, such as 90, 90s or 5m, not '{Word(argument)}'."),
    };

    private static double? ParseReal(ArgumentResult argument, double min, double max) =>
        double.TryParse(Word(argument), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max
            ? value
            : null;

    private static TimeSpan? ParseTime(string text)
    {
        var (digits, unit) = text.Length > 0 && !char.IsDigit(text[^1]) ? (text[..^1], text[^1]) : (text, 's');
        return double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value < 1e6
            ? unit switch
            {
                's' => TimeSpan.FromSeconds(value),
                'm' => TimeSpan.FromMinutes(value),
                'h' => TimeSpan.FromHours(value),
                _ => null,
            }
            : null;
    }

    private static Uri? ParseUrl(ArgumentResult argument) =>
        Uri.TryCreate(Word(argument), UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            ? url
            : Wrong<Uri>(argument, $"--url takes an address such as http://localhost:8080, not '{Word(argument)}'.");

    private static Scenario? ParseScenario(ArgumentResult argument) =>
        Scenario.All.FirstOrDefault(scenario => scenario.Name == Word(argument))
        ?? Wrong<Scenario>(argument, $"--scenario is one of {string.Join(", ", Scenario.All.Select(s => s.Name))}, not '{Word(argument)}'.");

    private static string Word(ArgumentResult argument) => argument.Tokens.Count == 0 ? "" : argument.Tokens[^1].Value;

    private static T? Wrong<T>(ArgumentResult argument, string error)
    {
        argument.AddError(error);
        return default;
    }
}
