using System.Globalization;
using CsCheck;
using Xunit.Sdk;

namespace AkkaChat.Support;

/// <summary>
/// Property tests all of whose cases follow from one seed: <c>./test</c> draws and prints it, and takes it back in
/// <see cref="SeedVariable"/>. Without that variable each process draws its own, which a failure names. The case that fails goes to CsCheck,
/// which looks for a smaller one.
/// </summary>
public static class Property
{
    public const string SeedVariable = "AKKACHAT_TEST_SEED";

    /// <summary>How many cases CsCheck may try in search of a smaller one that fails.</summary>
    private const int ShrinkingCases = 20_000;

    public static uint Seed { get; } = ReadSeed(Environment.GetEnvironmentVariable(SeedVariable));

    /// <summary>Asserts for each of <paramref name="cases"/> values.</summary>
    /// <exception cref="XunitException">A case fails: with the seed, CsCheck's smallest case, and what was wrong with that.</exception>
    public static void ForAll<T>(this Gen<T> gen, Action<T> assert, int cases, Func<T, string>? print = null)
    {
        foreach (var (value, number, state) in Cases(gen, cases))
        {
            try
            {
                assert(value);
            }
            catch (Exception failure)
            {
                throw Failed(number, cases, Smaller(gen, assert, state, print) ?? failure);
            }
        }
    }

    public static void ForAll<T1, T2>(this Gen<(T1, T2)> gen, Action<T1, T2> assert, int cases) =>
        gen.ForAll(value => assert(value.Item1, value.Item2), cases);

    /// <summary>As <see cref="ForAll{T}"/>, one case after the other; the case that fails is not made smaller.</summary>
    public static async Task ForAllAsync<T>(this Gen<T> gen, Func<T, Task> assert, int cases)
    {
        foreach (var (value, number, _) in Cases(gen, cases))
        {
            try
            {
                await assert(value);
            }
            catch (Exception failure)
            {
                throw Failed(number, cases, failure);
            }
        }
    }

    private static IEnumerable<(T Value, int Number, string State)> Cases<T>(Gen<T> gen, int cases)
    {
        var random = new PCG(0, Seed);
        for (var number = 1; number <= cases; number++)
        {
            var state = random.ToString();
            yield return (gen.Generate(random, null, out _), number, state);
        }
    }

    /// <summary>What CsCheck says of the smallest case that fails; null where not even the one of that state does again.</summary>
    private static CsCheckException? Smaller<T>(Gen<T> gen, Action<T> assert, string state, Func<T, string>? print)
    {
        try
        {
            gen.Sample(assert, seed: state, iter: ShrinkingCases, print: print);
            return null;
        }
        catch (CsCheckException found)
        {
            return found;
        }
    }

    private static XunitException Failed(int number, int cases, Exception why) => new(string.Create(
        CultureInfo.InvariantCulture, $"Case {number} of {cases} with {SeedVariable}={Seed}: {why.Message}"), why);

    private static uint ReadSeed(string? text) => text switch
    {
        null or "" => (uint)Random.Shared.NextInt64(1L + uint.MaxValue),
        _ => uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seed)
            ? seed
            : throw new InvalidOperationException($"{SeedVariable} is \"{text}\"; it must be a whole number from 0 to {uint.MaxValue}."),
    };
}
