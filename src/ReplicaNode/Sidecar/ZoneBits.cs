using System.Numerics;

namespace Replication.ReplicaNode.Sidecar;

/// <summary>One bit for every zone of a volume, and how many are set.</summary>
internal sealed class ZoneBits(int wordCount)
{
    private readonly ulong[] _words = new ulong[wordCount];

    /// <summary>Bits that are set.</summary>
    internal int Count { get; private set; }

    internal bool Has(int zone) => (_words[zone / 64] & (1UL << (zone % 64))) != 0;

    /// <summary>Sets a bit; false when it was set before.</summary>
    internal bool Set(int zone)
    {
        if (Has(zone))
        {
            return false;
        }

        _words[zone / 64] |= 1UL << (zone % 64);
        Count++;
        return true;
    }

    /// <summary>Clears a bit; false when it was clear before.</summary>
    internal bool Clear(int zone)
    {
        if (!Has(zone))
        {
            return false;
        }

        _words[zone / 64] &= ~(1UL << (zone % 64));
        Count--;
        return true;
    }

    /// <summary>The first zone from this one on whose bit is set; −1 when there is none.</summary>
    internal int NextFrom(int zone)
    {
        int word = zone / 64;
        if (word >= _words.Length)
        {
            return -1;
        }

        ulong rest = _words[word] & (ulong.MaxValue << (zone % 64));
        while (rest == 0)
        {
            if (++word == _words.Length)
            {
                return -1;
            }

            rest = _words[word];
        }

        return (word * 64) + BitOperations.TrailingZeroCount(rest);
    }

    /// <summary>Neighbouring words.</summary>
    internal ReadOnlySpan<ulong> Words(int first, int count) => _words.AsSpan(first, count);

    /// <summary>Sets these words' bits as well.</summary>
    internal void Include(int firstWord, ReadOnlySpan<ulong> words)
    {
        for (int i = 0; i < words.Length; i++)
        {
            Replace(firstWord + i, _words[firstWord + i] | words[i]);
        }
    }

    /// <summary>Keeps only those bits of these words that are set in <paramref name="words"/>.</summary>
    internal void Restrict(int firstWord, ReadOnlySpan<ulong> words)
    {
        for (int i = 0; i < words.Length; i++)
        {
            Replace(firstWord + i, _words[firstWord + i] & words[i]);
        }
    }

    private void Replace(int word, ulong value)
    {
        Count += BitOperations.PopCount(value) - BitOperations.PopCount(_words[word]);
        _words[word] = value;
    }
}
