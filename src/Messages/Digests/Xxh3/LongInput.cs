using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static Replication.Messages.Digests.Xxh3.Constants;

namespace Replication.Messages.Digests.Xxh3;

/// <summary>
/// XXH128 of more than 240 bytes: blocks of 16 stripes of 64 bytes are taken into eight accumulators, which
/// are scrambled after each block and merged at the end. Hot path: allocates nothing.
/// </summary>
internal static class LongInput
{
    public const int StripeBytes = 64;

    private const int SecretBytes = 192;
    private const int StripesPerBlock = (SecretBytes - StripeBytes) / SecretStepBytes;
    private const int BlockBytes = StripeBytes * StripesPerBlock;

    // How far the secret advances from one stripe to the next, and where each step of the end reads it.
    private const int SecretStepBytes = 8;
    private const int SecretOfScramble = SecretBytes - StripeBytes;
    private const int SecretOfLastStripe = SecretBytes - 71;
    private const int SecretOfLowHalf = 11;
    private const int SecretOfHighHalf = SecretBytes - 75;

    public static UInt128 Hash<TLanes>(ReadOnlySpan<byte> data)
        where TLanes : struct, ILanes<TLanes>
    {
        // The loops below do not check bounds; this does, for all of them.
        if (data.Length <= ShortInput.LengthMaxBytes)
        {
            throw new ArgumentException(
                $"A long input has more than {ShortInput.LengthMaxBytes} bytes.", nameof(data));
        }

        Span<ulong> accumulators = stackalloc ulong[8];
        Consume<TLanes>(data, accumulators);
        ulong lengthBytes = (ulong)data.Length;
        ulong low = Merge(accumulators, lengthBytes * Prime64First, SecretOfLowHalf);
        ulong high = Merge(accumulators, ~(lengthBytes * Prime64Second), SecretOfHighHalf);
        return new UInt128(high, low);
    }

    // Compiled once, in full: the first tier's code calls every vector instruction as a method, many times
    // slower, and a node digests megabytes before the tiers change.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Consume<TLanes>(ReadOnlySpan<byte> data, Span<ulong> accumulators)
        where TLanes : struct, ILanes<TLanes>
    {
        ref byte input = ref MemoryMarshal.GetReference(data);
        ref byte secret = ref MemoryMarshal.GetReference(Secret);
        TLanes lanes = TLanes.Create();

        // The last block, even a full one, is not scrambled, and the last stripe, even a full one, is taken
        // in with a secret of its own: both wait for the end.
        int lastBlock = (data.Length - 1) / BlockBytes * BlockBytes;
        int offset = 0;
        for (; offset < lastBlock; offset += BlockBytes)
        {
            AccumulateStripes(ref lanes, ref Unsafe.Add(ref input, offset), ref secret, StripesPerBlock);
            lanes.Scramble(ref Unsafe.Add(ref secret, SecretOfScramble));
        }

        int stripeCount = (data.Length - 1 - lastBlock) / StripeBytes;
        AccumulateStripes(ref lanes, ref Unsafe.Add(ref input, offset), ref secret, stripeCount);
        lanes.Accumulate(
            ref Unsafe.Add(ref input, data.Length - StripeBytes),
            ref Unsafe.Add(ref secret, SecretOfLastStripe));
        lanes.Store(accumulators);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AccumulateStripes<TLanes>(
        ref TLanes lanes, ref byte input, ref byte secret, int count)
        where TLanes : struct, ILanes<TLanes>
    {
        for (int stripe = 0; stripe < count; stripe++)
        {
            lanes.Accumulate(
                ref Unsafe.Add(ref input, stripe * StripeBytes),
                ref Unsafe.Add(ref secret, stripe * SecretStepBytes));
        }
    }

    // The specification's finalMerge.
    private static ulong Merge(ReadOnlySpan<ulong> accumulators, ulong start, int secretOffset)
    {
        ReadOnlySpan<byte> secret = Secret.Slice(secretOffset, StripeBytes);
        ulong result = start;
        for (int lane = 0; lane < 8; lane += 2)
        {
            result += MultiplyAndFold(
                accumulators[lane] ^ BinaryPrimitives.ReadUInt64LittleEndian(secret[(lane * 8)..]),
                accumulators[lane + 1] ^ BinaryPrimitives.ReadUInt64LittleEndian(secret[((lane * 8) + 8)..]));
        }

        return Avalanche(result);
    }
}
