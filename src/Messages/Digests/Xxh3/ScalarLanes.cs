using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Replication.Messages.Digests.Xxh3;

/// <summary>
/// The accumulators as eight words, for any processor and either byte order; the other lanes' yardstick.
/// </summary>
internal struct ScalarLanes : ILanes<ScalarLanes>
{
    private const int LaneCount = 8;

    private Words _words;

    public static bool IsSupported => true;

    public static ScalarLanes Create()
    {
        ScalarLanes lanes = default;
        Constants.InitialAccumulators.CopyTo(lanes._words);
        return lanes;
    }

    public void Accumulate(ref byte stripe, ref byte secret)
    {
        for (int lane = 0; lane < LaneCount; lane++)
        {
            ulong value = Word(ref stripe, lane);
            ulong keyed = value ^ Word(ref secret, lane);
            _words[lane ^ 1] += value;
            _words[lane] += (uint)keyed * (keyed >> 32);
        }
    }

    public void Scramble(ref byte secret)
    {
        for (int lane = 0; lane < LaneCount; lane++)
        {
            ulong word = _words[lane];
            _words[lane] = (word ^ (word >> 47) ^ Word(ref secret, lane)) * Constants.Prime32First;
        }
    }

    public readonly void Store(Span<ulong> accumulators) =>
        ((ReadOnlySpan<ulong>)_words).CopyTo(accumulators);

    private static ulong Word(ref byte start, int lane) =>
        BinaryPrimitives.ReadUInt64LittleEndian(
            MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref start, lane * sizeof(ulong)), sizeof(ulong)));

    [InlineArray(LaneCount)]
    private struct Words
    {
        private ulong _first;
    }
}
