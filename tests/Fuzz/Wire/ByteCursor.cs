using System.Buffers.Binary;

namespace Replication.Fuzz.Wire;

/// <summary>
/// Reads fields one after the other; false when too little is left, and nothing is read then.
/// </summary>
internal sealed class ByteCursor(ReadOnlyMemory<byte> bytes)
{
    private int _at;

    public int Left => bytes.Length - _at;

    public bool TryTake(long count, out ReadOnlyMemory<byte> taken)
    {
        bool there = count <= Left;
        taken = there ? bytes.Slice(_at, (int)count) : default;
        _at += there ? (int)count : 0;
        return there;
    }

    public bool TryUInt16(out ushort value)
    {
        bool there = TryTake(sizeof(ushort), out ReadOnlyMemory<byte> taken);
        value = there ? BinaryPrimitives.ReadUInt16BigEndian(taken.Span) : default;
        return there;
    }

    public bool TryUInt32(out uint value)
    {
        bool there = TryTake(sizeof(uint), out ReadOnlyMemory<byte> taken);
        value = there ? BinaryPrimitives.ReadUInt32BigEndian(taken.Span) : default;
        return there;
    }

    public bool TryUInt64(out ulong value)
    {
        bool there = TryTake(sizeof(ulong), out ReadOnlyMemory<byte> taken);
        value = there ? BinaryPrimitives.ReadUInt64BigEndian(taken.Span) : default;
        return there;
    }
}
