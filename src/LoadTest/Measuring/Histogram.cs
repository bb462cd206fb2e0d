using System.Numerics;

namespace AkkaChat.LoadTest.Measuring;

/// <summary>
/// Counts of values in µs with a relative error below 1 %, whatever their size: 128 equal steps between each power of two and the next,
/// as in HdrHistogram. Any number of threads record without a lock; a reading taken meanwhile is of some moment in between.
/// </summary>
internal sealed class Histogram
{
    private const int StepBits = 7;
    private const int Steps = 1 << StepBits;

    /// <summary>A little over a day; what is above counts as this.</summary>
    private const long Largest = (1L << 37) - 1;

    private readonly long[] _counts = new long[IndexOf(Largest) + 1];
    private long _sum;
    private long _max;

    public long Count => _counts.Sum(static count => count);

    public long Max => Interlocked.Read(ref _max);

    public double Mean => Count is var count and > 0 ? (double)Interlocked.Read(ref _sum) / count : 0;

    public void Record(long value)
    {
        value = Math.Clamp(value, 0, Largest);
        Interlocked.Increment(ref _counts[IndexOf(value)]);
        Interlocked.Add(ref _sum, value);
        for (var max = Max; value > max; max = Max)
        {
            Interlocked.CompareExchange(ref _max, value, max);
        }
    }

    /// <summary>The smallest recorded value that at least this share of the values does not exceed, as the upper end of its step; 0 without values.</summary>
    /// <param name="percent">0 to 100.</param>
    public long Percentile(double percent)
    {
        var wanted = Math.Max(1, (long)Math.Ceiling(Count * percent / 100));
        long seen = 0;
        for (var i = 0; i < _counts.Length; i++)
        {
            seen += _counts[i];
            if (seen >= wanted)
            {
                return Math.Min(UpperEndOf(i), Max);
            }
        }

        return 0;
    }

    public void Clear()
    {
        Array.Clear(_counts);
        _sum = 0;
        _max = 0;
    }

    private static int IndexOf(long value)
    {
        var shift = Math.Max(0, BitOperations.Log2((ulong)value) - StepBits);
        return (shift * Steps) + (int)(value >> shift);
    }

    private static long UpperEndOf(int index)
    {
        var shift = Math.Max(0, (index / Steps) - 1);
        return ((index - ((long)shift * Steps) + 1) << shift) - 1;
    }
}
