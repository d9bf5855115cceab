using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Replication.Model.State;

namespace Replication.Model.Search;

/// <summary>
/// 64 bits of a state's bytes: each eight of them are folded in by a multiplication to 128 bits.
/// </summary>
internal static class StateHash
{
    public static ulong Of(ref World world)
    {
        var bytes = MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(ref world, 1));
        var hash = 0x9E3779B97F4A7C15UL;
        while (bytes.Length >= 8)
        {
            hash = Fold(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes), 0xD6E8FEB86659FD93UL);
            bytes = bytes[8..];
        }

        var rest = 0UL;
        foreach (var one in bytes)
        {
            rest = (rest << 8) | one;
        }

        return Fold(hash ^ rest, 0xA0761D6478BD642FUL);
    }

    // The sum keeps a zero product, of a zero operand, from forgetting what came before.
    private static ulong Fold(ulong left, ulong right)
    {
        var high = Math.BigMul(left, right, out var low);
        return (high ^ low) + left;
    }
}
