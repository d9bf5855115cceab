using System.Numerics;
using System.Text;
using Replication.Actors.Threading;

namespace Replication.TestKit.Simulation;

/// <summary>
/// The seeded half of the seam for randomness: xoshiro256** (Blackman and Vigna), its state filled by
/// SplitMix64. One stream serves one purpose, so that drawing once more for one of them leaves all others as
/// they were. It keeps no secret, and is for the one thread that runs a simulation.
/// </summary>
public sealed class SeededIdSource : IIdSource
{
    private readonly ulong _seed;
    private ulong _s0;
    private ulong _s1;
    private ulong _s2;
    private ulong _s3;

    /// <summary>The stream of a purpose, such as <c>network</c>, under a seed.</summary>
    public SeededIdSource(ulong seed, string purpose = "")
    {
        _seed = seed;
        ulong state = seed ^ HashOf(purpose);
        _s0 = SplitMix(ref state);
        _s1 = SplitMix(ref state);
        _s2 = SplitMix(ref state);
        _s3 = SplitMix(ref state);
    }

    /// <summary>Numbers drawn so far: two runs that drew differently differ here.</summary>
    public long DrawnCount { get; private set; }

    /// <summary>Another stream of the same seed.</summary>
    public SeededIdSource Stream(string purpose) => new(_seed, purpose);

    /// <inheritdoc/>
    public ulong NextUInt64()
    {
        DrawnCount++;
        ulong result = BitOperations.RotateLeft(_s1 * 5, 7) * 9;
        ulong shifted = _s1 << 17;
        _s2 ^= _s0;
        _s3 ^= _s1;
        _s1 ^= _s2;
        _s0 ^= _s3;
        _s2 ^= shifted;
        _s3 = BitOperations.RotateLeft(_s3, 45);
        return result;
    }

    /// <inheritdoc/>
    public Guid NewGuid()
    {
        Span<byte> bytes = stackalloc byte[16];
        NextBytes(bytes);
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }

    /// <summary>A number from 0 up to but not including <paramref name="limit"/>.</summary>
    public int NextInt(int limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        return (int)Math.BigMul(NextUInt64(), (ulong)limit, out _);
    }

    /// <summary>
    /// A number from <paramref name="from"/> up to but not including <paramref name="limit"/>.
    /// </summary>
    public long NextLong(long from, long limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(limit, from);
        return from + (long)Math.BigMul(NextUInt64(), (ulong)(limit - from), out _);
    }

    /// <summary>A fraction from 0 up to but not including 1.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>True with that probability. Draws also for 0 and 1, so that streams stay aligned.</summary>
    public bool Chance(double probability) => NextDouble() < probability;

    /// <summary>A span between both, ends included.</summary>
    public TimeSpan NextSpan(TimeSpan min, TimeSpan max) =>
        max <= min ? min : TimeSpan.FromTicks(NextLong(min.Ticks, max.Ticks + 1));

    /// <summary>Fills a buffer.</summary>
    public void NextBytes(Span<byte> buffer)
    {
        while (buffer.Length >= 8)
        {
            BitConverter.TryWriteBytes(buffer, NextUInt64());
            buffer = buffer[8..];
        }

        if (buffer.Length > 0)
        {
            Span<byte> last = stackalloc byte[8];
            BitConverter.TryWriteBytes(last, NextUInt64());
            last[..buffer.Length].CopyTo(buffer);
        }
    }

    /// <summary>A random member of a list.</summary>
    public T Pick<T>(IReadOnlyList<T> choices) => choices[NextInt(choices.Count)];

    /// <summary>FNV-1a, 64 bits: the same in every process, as string.GetHashCode is not.</summary>
    internal static ulong HashOf(string text)
    {
        ulong hash = 0xCBF29CE484222325;
        foreach (byte value in Encoding.UTF8.GetBytes(text))
        {
            hash = (hash ^ value) * 0x100000001B3;
        }

        return hash;
    }

    private static ulong SplitMix(ref ulong state)
    {
        state += 0x9E3779B97F4A7C15;
        ulong mixed = state;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }
}
