using System.Buffers.Binary;
using System.Numerics;
using static Replication.Messages.Digests.Xxh3.Constants;

namespace Replication.Messages.Digests.Xxh3;

/// <summary>
/// XXH128 of 0 to 240 bytes (the specification's small and medium inputs), with seed 0, for which the terms
/// of the seed vanish. Every read is little-endian and bounds-checked.
/// </summary>
internal static class ShortInput
{
    public const int LengthMaxBytes = 240;

    public static UInt128 Hash(ReadOnlySpan<byte> data) => data.Length switch
    {
        0 => HashEmpty(),
        <= 3 => HashUpTo3(data),
        <= 8 => HashUpTo8(data),
        <= 16 => HashUpTo16(data),
        <= 128 => HashUpTo128(data),
        <= LengthMaxBytes => HashUpTo240(data),
        _ => throw new ArgumentException($"A short input has at most {LengthMaxBytes} bytes.", nameof(data)),
    };

    private static UInt128 HashEmpty() =>
        new(AvalancheXxh64(SecretWord(80) ^ SecretWord(88)), AvalancheXxh64(SecretWord(64) ^ SecretWord(72)));

    private static UInt128 HashUpTo3(ReadOnlySpan<byte> data)
    {
        int length = data.Length;
        uint combined = data[length - 1] | ((uint)length << 8) | ((uint)data[0] << 16)
            | ((uint)data[length >> 1] << 24);
        uint turned = BitOperations.RotateLeft(BinaryPrimitives.ReverseEndianness(combined), 13);
        ulong low = SecretHalfWord(0) ^ SecretHalfWord(4) ^ combined;
        ulong high = SecretHalfWord(8) ^ SecretHalfWord(12) ^ turned;
        return new UInt128(AvalancheXxh64(high), AvalancheXxh64(low));
    }

    private static UInt128 HashUpTo8(ReadOnlySpan<byte> data)
    {
        ulong first = BinaryPrimitives.ReadUInt32LittleEndian(data);
        ulong last = BinaryPrimitives.ReadUInt32LittleEndian(data[^4..]);
        ulong value = SecretWord(16) ^ SecretWord(24) ^ (first | (last << 32));
        ulong high = Math.BigMul(value, Prime64First + ((ulong)data.Length << 2), out ulong low);
        high += low << 1;
        low ^= high >> 3;
        low = (low ^ (low >> 35)) * PrimeMixSecond;
        low ^= low >> 28;
        return new UInt128(Avalanche(high), low);
    }

    private static UInt128 HashUpTo16(ReadOnlySpan<byte> data)
    {
        ulong first = Word(data, 0);
        ulong last = Word(data, data.Length - 8);
        ulong both = SecretWord(32) ^ SecretWord(40) ^ first ^ last;
        ulong tail = SecretWord(48) ^ SecretWord(56) ^ last;
        ulong high = Math.BigMul(both, Prime64First, out ulong low);
        low += (ulong)(data.Length - 1) << 54;
        high += tail + ((uint)tail * (Prime32Second - 1));
        low ^= BinaryPrimitives.ReverseEndianness(high);

        // {high, low} times the second prime, modulo 2^128.
        ulong carried = Math.BigMul(low, Prime64Second, out low);
        high = carried + (high * Prime64Second);
        return new UInt128(Avalanche(high), Avalanche(low));
    }

    private static UInt128 HashUpTo128(ReadOnlySpan<byte> data)
    {
        (ulong Low, ulong High) state = ((ulong)data.Length * Prime64First, 0);
        for (int round = (data.Length - 1) >> 5; round >= 0; round--)
        {
            Mix(ref state, data, round * 16, data.Length - (round * 16) - 16, round * 32);
        }

        return Finish(state, data.Length);
    }

    private static UInt128 HashUpTo240(ReadOnlySpan<byte> data)
    {
        (ulong Low, ulong High) state = ((ulong)data.Length * Prime64First, 0);
        for (int offset = 0; offset < 128; offset += 32)
        {
            Mix(ref state, data, offset, offset + 16, offset);
        }

        state = (Avalanche(state.Low), Avalanche(state.High));
        for (int offset = 128; offset + 32 <= data.Length; offset += 32)
        {
            Mix(ref state, data, offset, offset + 16, offset - 128 + 3);
        }

        // The last 32 bytes, in part a second time, and their halves in the other order.
        Mix(ref state, data, data.Length - 16, data.Length - 32, 103);
        return Finish(state, data.Length);
    }

    // The specification's mixTwoChunks: 16 bytes at each of two offsets, and 32 bytes of the secret.
    private static void Mix(
        ref (ulong Low, ulong High) state, ReadOnlySpan<byte> data, int first, int second, int secret)
    {
        ulong firstLow = Word(data, first);
        ulong firstHigh = Word(data, first + 8);
        ulong secondLow = Word(data, second);
        ulong secondHigh = Word(data, second + 8);
        ulong low = MultiplyAndFold(firstLow ^ SecretWord(secret), firstHigh ^ SecretWord(secret + 8));
        ulong high = MultiplyAndFold(
            secondLow ^ SecretWord(secret + 16), secondHigh ^ SecretWord(secret + 24));
        state = ((state.Low + low) ^ (secondLow + secondHigh), (state.High + high) ^ (firstLow + firstHigh));
    }

    private static UInt128 Finish((ulong Low, ulong High) state, int lengthBytes)
    {
        ulong high = (state.Low * Prime64First) + (state.High * Prime64Fourth)
            + ((ulong)lengthBytes * Prime64Second);
        return new UInt128(0 - Avalanche(high), Avalanche(state.Low + state.High));
    }

    private static ulong AvalancheXxh64(ulong value)
    {
        value = (value ^ (value >> 33)) * Prime64Second;
        value = (value ^ (value >> 29)) * Prime64Third;
        return value ^ (value >> 32);
    }

    private static ulong Word(ReadOnlySpan<byte> data, int offset) =>
        BinaryPrimitives.ReadUInt64LittleEndian(data[offset..]);

    private static ulong SecretWord(int offset) => Word(Secret, offset);

    private static uint SecretHalfWord(int offset) =>
        BinaryPrimitives.ReadUInt32LittleEndian(Secret[offset..]);
}
