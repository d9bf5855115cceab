using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Replication.Messages.Digests.Xxh3;

/// <summary>The accumulators in two registers of 256 bits: AVX2.</summary>
internal struct Lanes256 : ILanes<Lanes256>
{
    private Vector256<ulong> _lanes0To3;
    private Vector256<ulong> _lanes4To7;

    public static bool IsSupported => Avx2.IsSupported;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Create()
    {
        ref ulong initial = ref MemoryMarshal.GetReference(Constants.InitialAccumulators);
        return new Lanes256
        {
            _lanes0To3 = Vector256.LoadUnsafe(ref initial, 0),
            _lanes4To7 = Vector256.LoadUnsafe(ref initial, 4),
        };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Accumulate(ref byte stripe, ref byte secret)
    {
        _lanes0To3 += Term(ref stripe, ref secret, 0);
        _lanes4To7 += Term(ref stripe, ref secret, 32);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Scramble(ref byte secret)
    {
        _lanes0To3 = Scrambled(_lanes0To3, ref secret, 0);
        _lanes4To7 = Scrambled(_lanes4To7, ref secret, 32);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store(Span<ulong> accumulators)
    {
        _lanes0To3.CopyTo(accumulators);
        _lanes4To7.CopyTo(accumulators[4..]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ulong> Term(ref byte stripe, ref byte secret, nuint offset)
    {
        Vector256<ulong> value = Vector256.LoadUnsafe(ref stripe, offset).AsUInt64();
        Vector256<ulong> keyed = value ^ Vector256.LoadUnsafe(ref secret, offset).AsUInt64();
        Vector256<ulong> swapped = Avx2.Shuffle(value.AsUInt32(), 0b01_00_11_10).AsUInt64();
        return MultiplyLow(keyed, keyed >>> 32) + swapped;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ulong> Scrambled(Vector256<ulong> lanes, ref byte secret, nuint offset)
    {
        Vector256<ulong> prime = Vector256.Create(Constants.Prime32First);
        lanes ^= (lanes >>> 47) ^ Vector256.LoadUnsafe(ref secret, offset).AsUInt64();
        return MultiplyLow(lanes, prime) + (MultiplyLow(lanes >>> 32, prime) << 32);
    }

    // The product of the low 32 bits of each lane, in 64 bits.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ulong> MultiplyLow(Vector256<ulong> left, Vector256<ulong> right) =>
        Avx2.Multiply(left.AsUInt32(), right.AsUInt32());
}
