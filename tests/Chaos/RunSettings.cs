using System.Globalization;
using AkkaChat.Chaos.Nemesis;
using AkkaChat.Chaos.Planted;
using AkkaChat.Support.Processes;

namespace AkkaChat.Chaos;

/// <summary>One run of the harness, as the command line asks for it.</summary>
internal sealed record RunSettings
{
    public const string Usage = """
        usage: chaos [run] [--minutes N] [--seed S] [--faults a,b,…] [--edges 2] [--rooms 3] [--clients 3] [--users 10] [--store s3|disk] [--plain] [--soak] [--rate 1000]
               chaos prove [bug…] [--runs 3]
               chaos sum folder…
               chaos work [--runs 3] [--edges 2] [--rooms 3]
               chaos hostile [attack…] [--runs 3] [--edges 2] [--rooms 3] [--small]
        """;

    public double Minutes { get; init; } = 10;

    public int Seed { get; init; }

    public int Edges { get; init; } = 2;

    public int Rooms { get; init; } = 3;

    public int Clients { get; init; } = 3;

    public int UsersPerClient { get; init; } = 10;

    /// <summary>Messages a second of a soak.</summary>
    public int Rate { get; init; } = 1_000;

    /// <summary>How many messages a user mostly sends without waiting for an acknowledgement.</summary>
    public int SendAtOnce => IsSoak ? 10 : 1;

    /// <summary>One user in ten waits for something else at any time, and one pause in fifteen ends with something else than new messages.</summary>
    public double SendEverySeconds => IsSoak ? 0.9 * Clients * UsersPerClient * 0.93 * SendAtOnce / Rate : 2;

    public IReadOnlyList<string> Faults { get; init; } = FaultSource.All;

    /// <summary>The folder with the product's projects, each with its build in it.</summary>
    public string Binaries { get; init; } = Path.Combine(Product.Root, "src");

    /// <summary>The bugs that <see cref="PlantedCopy"/> was last built with, which the run is then played with.</summary>
    public string? Planted { get; init; }

    /// <summary>Whether files are in a folder that the edges share; else in a bucket, as in production.</summary>
    public bool OnDisk { get; init; }

    /// <summary>Without network namespaces, even where they are allowed.</summary>
    public bool Plain { get; init; }

    /// <summary>
    /// Whether to drive many messages a second (<see cref="Rate"/>): more people who talk all the time, in small rooms, so that what is delivered stays in
    /// proportion, and who do little else. Faults follow each other closely. Trials beside hostile clients are left to the other runs: what they
    /// compare, how long others' sends take, needs a machine that is not full.
    /// </summary>
    public bool IsSoak { get; init; }

    /// <summary>Rooms in which everybody talks.</summary>
    public int BusyRooms => IsSoak ? 40 : 12;

    public int RoomsPerUser => IsSoak ? 2 : 5;

    /// <summary>Of the pauses between faults, every how many is a long one.</summary>
    public int CalmRest => IsSoak ? 8 : 3;

    /// <summary>The least and the most seconds of a short one.</summary>
    public (double From, double To) ShortRest => IsSoak ? (2, 4) : (5, 11);

    /// <summary>The least and the most seconds that a network is cut: longer than others take to decide that a node is gone.</summary>
    public (double From, double To) Cut => IsSoak ? (15, 18) : (15, 30);

    /// <summary>The least and the most seconds without Redis.</summary>
    public (double From, double To) NoRedis => IsSoak ? (10, 12) : (12, 18);

    /// <summary>Where the report goes.</summary>
    public string Output => Path.Combine(Product.Root, "artifacts/chaos", Planted is null ? $"{Seed}" : $"{Planted.Replace(',', '+')}-{Seed}");

    public int Runs { get; init; } = 3;

    /// <summary>Whether attacks are of a size that only shows that they run.</summary>
    public bool IsSmall { get; init; }

    public IReadOnlyList<string> Names { get; init; } = [];

    public static RunSettings Parse(IReadOnlyList<string> arguments)
    {
        var settings = new RunSettings { Seed = Random.Shared.Next(1, 100_000) };
        var names = new List<string>();
        for (var i = 0; i < arguments.Count; i++)
        {
            settings = arguments[i] switch
            {
                "--minutes" => settings with { Minutes = double.Parse(Next(), CultureInfo.InvariantCulture) },
                "--seed" => settings with { Seed = Number() },
                "--edges" => settings with { Edges = Number() },
                "--rooms" => settings with { Rooms = Number() },
                "--clients" => settings with { Clients = Number() },
                "--users" => settings with { UsersPerClient = Number() },
                "--runs" => settings with { Runs = Number() },
                "--faults" => settings with { Faults = Kinds(Next()) },
                "--planted" => settings with { Planted = Next(), Binaries = PlantedCopy.Binaries },
                "--binaries" => settings with { Binaries = Next() },
                "--store" => settings with { OnDisk = IsDisk(Next()) },
                "--soak" => settings with { IsSoak = true, UsersPerClient = 20, Faults = [.. settings.Faults.Except(HostileTrials.All)] },
                "--rate" => settings with { Rate = Number() },
                "--plain" => settings with { Plain = true },
                "--small" => settings with { IsSmall = true },
                ['-', ..] => throw new ArgumentException($"unknown argument '{arguments[i]}'\n{Usage}"),
                _ => Named(arguments[i]),
            };

            string Next() => ++i < arguments.Count ? arguments[i] : throw new ArgumentException($"{arguments[i - 1]} needs a value\n{Usage}");

            int Number() => int.Parse(Next(), CultureInfo.InvariantCulture);

            RunSettings Named(string name)
            {
                names.Add(name);
                return settings;
            }
        }

        return settings with { Names = names };
    }

    private static bool IsDisk(string store) => store switch
    {
        "disk" => true,
        "s3" => false,
        _ => throw new ArgumentException($"'{store}' is no store; there are s3 and disk.\n{Usage}"),
    };

    private static string[] Kinds(string list)
    {
        var kinds = list.Split(',', StringSplitOptions.RemoveEmptyEntries);
        return kinds.FirstOrDefault(kind => !FaultSource.All.Contains(kind)) is { } unknown
            ? throw new ArgumentException($"'{unknown}' is no kind of fault; there are {string.Join(", ", FaultSource.All)}.")
            : kinds;
    }
}
