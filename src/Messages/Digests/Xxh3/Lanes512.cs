using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Replication.Messages.Digests.Xxh3;

/// <summary>
/// The accumulators in one register of 512 bits: AVX-512, where using it does not slow the processor down.
/// </summary>
internal struct Lanes512 : ILanes<Lanes512>
{
    private Vector512<ulong> _lanes;

    public static bool IsSupported => Vector512.IsHardwareAccelerated && Avx512F.IsSupported;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Create() => new()
    {
        _lanes = Vector512.LoadUnsafe(ref MemoryMarshal.GetReference(Constants.InitialAccumulators)),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Accumulate(ref byte stripe, ref byte secret)
    {
        Vector512<ulong> value = Vector512.LoadUnsafe(ref stripe).AsUInt64();
        Vector512<ulong> keyed = value ^ Vector512.LoadUnsafe(ref secret).AsUInt64();
        Vector512<ulong> swapped = Avx512F.Shuffle(value.AsUInt32(), 0b01_00_11_10).AsUInt64();
        _lanes += MultiplyLow(keyed, keyed >>> 32) + swapped;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Scramble(ref byte secret)
    {
        Vector512<ulong> prime = Vector512.Create(Constants.Prime32First);
        Vector512<ulong> lanes = _lanes ^ (_lanes >>> 47) ^ Vector512.LoadUnsafe(ref secret).AsUInt64();
        _lanes = MultiplyLow(lanes, prime) + (MultiplyLow(lanes >>> 32, prime) << 32);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store(Span<ulong> accumulators) => _lanes.CopyTo(accumulators);

    // The product of the low 32 bits of each lane, in 64 bits.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> MultiplyLow(Vector512<ulong> left, Vector512<ulong> right) =>
        Avx512F.Multiply(left.AsUInt32(), right.AsUInt32());
}
