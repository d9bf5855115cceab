using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Replication.Messages.Digests.Xxh3;

/// <summary>The accumulators in four registers of 128 bits: SSE2 on x86, NEON (AdvSimd) on ARM.</summary>
internal struct Lanes128 : ILanes<Lanes128>
{
    private Vector128<ulong> _lanes01;
    private Vector128<ulong> _lanes23;
    private Vector128<ulong> _lanes45;
    private Vector128<ulong> _lanes67;

    public static bool IsSupported =>
        BitConverter.IsLittleEndian && (Sse2.IsSupported || AdvSimd.IsSupported);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Create()
    {
        ref ulong initial = ref MemoryMarshal.GetReference(Constants.InitialAccumulators);
        return new Lanes128
        {
            _lanes01 = Vector128.LoadUnsafe(ref initial, 0),
            _lanes23 = Vector128.LoadUnsafe(ref initial, 2),
            _lanes45 = Vector128.LoadUnsafe(ref initial, 4),
            _lanes67 = Vector128.LoadUnsafe(ref initial, 6),
        };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Accumulate(ref byte stripe, ref byte secret)
    {
        _lanes01 += Term(ref stripe, ref secret, 0);
        _lanes23 += Term(ref stripe, ref secret, 16);
        _lanes45 += Term(ref stripe, ref secret, 32);
        _lanes67 += Term(ref stripe, ref secret, 48);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Scramble(ref byte secret)
    {
        _lanes01 = Scrambled(_lanes01, ref secret, 0);
        _lanes23 = Scrambled(_lanes23, ref secret, 16);
        _lanes45 = Scrambled(_lanes45, ref secret, 32);
        _lanes67 = Scrambled(_lanes67, ref secret, 48);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store(Span<ulong> accumulators)
    {
        _lanes01.CopyTo(accumulators);
        _lanes23.CopyTo(accumulators[2..]);
        _lanes45.CopyTo(accumulators[4..]);
        _lanes67.CopyTo(accumulators[6..]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> Term(ref byte stripe, ref byte secret, nuint offset)
    {
        Vector128<ulong> value = Vector128.LoadUnsafe(ref stripe, offset).AsUInt64();
        Vector128<ulong> keyed = value ^ Vector128.LoadUnsafe(ref secret, offset).AsUInt64();
        return MultiplyLow(keyed, keyed >>> 32) + SwapPair(value);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> Scrambled(Vector128<ulong> lanes, ref byte secret, nuint offset)
    {
        Vector128<ulong> prime = Vector128.Create(Constants.Prime32First);
        lanes ^= (lanes >>> 47) ^ Vector128.LoadUnsafe(ref secret, offset).AsUInt64();
        return MultiplyLow(lanes, prime) + (MultiplyLow(lanes >>> 32, prime) << 32);
    }

    // The product of the low 32 bits of each lane, in 64 bits.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> MultiplyLow(Vector128<ulong> left, Vector128<ulong> right) =>
        Sse2.IsSupported
            ? Sse2.Multiply(left.AsUInt32(), right.AsUInt32())
            : AdvSimd.MultiplyWideningLower(
                AdvSimd.ExtractNarrowingLower(left), AdvSimd.ExtractNarrowingLower(right));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> SwapPair(Vector128<ulong> value) =>
        Sse2.IsSupported
            ? Sse2.Shuffle(value.AsUInt32(), 0b01_00_11_10).AsUInt64()
            : AdvSimd.ExtractVector128(value, value, 1);
}
