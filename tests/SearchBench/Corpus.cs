using System.Text;

namespace AkkaChat.SearchBench;

/// <summary>A message to be.</summary>
internal readonly record struct Sample(int Room, long N, int Author, long Ts, string Text);

/// <summary>
/// Messages as people in many countries would write them, always the same: eleven languages, a few words to a few pages, some words far more
/// often than others. Rooms are as unequal. Some words are planted, so that how often they are there is known.
/// </summary>
internal sealed class Corpus(int messages)
{
    public const int Rooms = 300;

    /// <summary>The reader is in these, the largest among them.</summary>
    public const int OwnRooms = 250;

    public const int Authors = 200;

    public const long FirstTs = 1_700_000_000_000;

    /// <summary>Between two messages.</summary>
    public const long Step = 60_000;

    private const int WordsOfALanguage = 20_000;

    private static readonly string[] English =
        ("the of and to in is you that it he was for on are as with his they I at be this have from or one had by word but not what all were we when "
        + "your can said there use an each which she do how their if will up other about out many then them these so some her would make like him "
        + "into time has look two more write go see number no way could people my than first water been call who oil its now find long down day did "
        + "get come made may part build deploy test server meeting release project review issue merge branch client message room database").Split(' ');

    private static readonly (int Share, Func<Random, int, string> Word, bool HasBlanks)[] Languages =
    [
        (34, (random, rank) => rank < English.Length ? English[rank] : Syllables(random, rank, "bcdfghklmnprstvw", "aeiou", 1), true),
        (12, (_, rank) => Syllables(Seeded(rank), rank, "bcdfglmnprstv", "aeiouãéçíó", 2), true),
        (8, (_, rank) => Syllables(Seeded(rank), rank, "bdfghklmnrstwz", "aeiouäöü", 3), true),
        (8, (_, rank) => Syllables(Seeded(rank), rank, "бвгджзклмнпрст", "аеиоуыя", 4), true),
        (5, (_, rank) => Syllables(Seeded(rank), rank, "بتجدرسشعفقكلمن", "اوي", 5), true),
        (3, (_, rank) => Syllables(Seeded(rank), rank, "בגדהזחטכלמנסע", "אוי", 6), true),
        (4, (_, rank) => Syllables(Seeded(rank), rank, "कखगघचजटडतदनपबमर", "ािीुेो", 7), true),
        (3, (_, rank) => Syllables(Seeded(rank), rank, "กขคงจชดตนบปพมรลส", "ะาิีุเ", 8), false),
        (10, (_, rank) => Char(0x4E00, rank % 3_500), false),
        (8, (_, rank) => rank % 3 == 0 ? Char(0x4E00, rank % 2_000) : Char(0x3042, rank % 80), false),
        (5, (_, rank) => Char(0xAC00, (rank * 7) % 11_000), true),
    ];

    /// <summary>How many messages each of these is in.</summary>
    public static readonly (string Word, int Every)[] Planted =
        [("zanzibar", 100_000), ("quixotic", 10_000), ("marmalade", 1_000), ("umbrella", 100), ("鳳凰", 20_000), ("龍", 5_000), ("жёлудь", 50_000)];

    public IEnumerable<Sample> Samples()
    {
        var random = new Random(42);
        var n = new long[Rooms];
        for (var i = 0; i < messages; i++)
        {
            var room = Math.Min(Rooms - 1, (int)(Rooms * Math.Pow(random.NextDouble(), 2.5)));
            yield return new Sample(room, ++n[room], (room + random.Next(20)) % Authors, FirstTs + (i * Step), Text(random, i));
        }
    }

    private static string Text(Random random, int i)
    {
        var (_, word, hasBlanks) = Language(random);
        var words = Math.Min(600, (int)Math.Exp((random.NextDouble() + random.NextDouble() + random.NextDouble()) * 1.6));
        var text = new StringBuilder();
        for (var w = 0; w < Math.Max(1, words); w++)
        {
            text.Append(hasBlanks && w > 0 ? " " : "").Append(word(random, (int)(WordsOfALanguage * Math.Pow(random.NextDouble(), 4))));
        }

        foreach (var (planted, every) in Planted)
        {
            if (i % every == every / 2)
            {
                text.Append(' ').Append(planted);
            }
        }

        return random.Next(30) switch
        {
            0 => text.Append(" https://example.org/").Append(random.Next(100_000)).ToString(),
            1 => text.Append(" 👍").ToString(),
            2 => text.Append("?!").ToString(),
            _ => text.ToString(),
        };
    }

    private static (int Share, Func<Random, int, string> Word, bool HasBlanks) Language(Random random)
    {
        var at = random.Next(Languages.Sum(language => language.Share));
        return Languages.First(language => (at -= language.Share) < 0);
    }

    /// <summary>A word is the same wherever it is used.</summary>
    private static Random Seeded(int rank) => new(rank);

    private static string Syllables(Random _, int rank, string consonants, string vowels, int language)
    {
        var random = new Random((language * WordsOfALanguage) + rank);
        var word = new StringBuilder();
        for (var i = random.Next(rank < 100 ? 1 : 2, rank < 100 ? 3 : 5); i > 0; i--)
        {
            word.Append(consonants[random.Next(consonants.Length)]).Append(vowels[random.Next(vowels.Length)]);
            if (random.Next(3) == 0)
            {
                word.Append(consonants[random.Next(consonants.Length)]);
            }
        }

        return word.ToString();
    }

    private static string Char(int first, int rank) => char.ConvertFromUtf32(first + rank);
}
