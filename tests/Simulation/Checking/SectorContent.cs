using System.Buffers.Binary;

namespace Replication.Simulation.Checking;

/// <summary>
/// What a simulated write puts into a 512-byte sector: its own number, the sector's, and words made of both,
/// so that a sector read back says which write it is from, or that it is from none. Number 0 is all zeroes.
/// </summary>
internal static class SectorContent
{
    internal const int LengthBytes = 512;

    /// <summary>What <see cref="Decode"/> says of bytes that no write wrote.</summary>
    internal const long Garbage = -1;

    internal static void Encode(long write, long sector, Span<byte> into)
    {
        if (write == 0)
        {
            into.Clear();
            return;
        }

        BinaryPrimitives.WriteInt64LittleEndian(into, write);
        BinaryPrimitives.WriteInt64LittleEndian(into[8..], sector);
        for (int offset = 16; offset < LengthBytes; offset += 8)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(into[offset..], Mix(write, sector, offset));
        }
    }

    internal static long Decode(long sector, ReadOnlySpan<byte> bytes)
    {
        long write = BinaryPrimitives.ReadInt64LittleEndian(bytes);
        Span<byte> expected = stackalloc byte[LengthBytes];
        if (write < 0)
        {
            return Garbage;
        }

        Encode(write, sector, expected);
        return bytes.SequenceEqual(expected) ? write : Garbage;
    }

    private static ulong Mix(long write, long sector, int offset)
    {
        ulong mixed =
            ((ulong)write * 0x9E3779B97F4A7C15) ^ ((ulong)sector * 0xC2B2AE3D27D4EB4F) ^ (ulong)offset;
        mixed ^= mixed >> 29;
        return mixed * 0x165667B19E3779F9;
    }
}
