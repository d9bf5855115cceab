using System.Buffers.Binary;
using Replication.Gateway.Nbd.Wire;

namespace Replication.Gateway.Nbd.Handshake;

/// <summary>Reads the fields of an option's data, each of them checked against what is left.</summary>
internal ref struct OptionData(ReadOnlySpan<byte> data)
{
    private ReadOnlySpan<byte> _left = data;

    /// <summary>True when every byte was read.</summary>
    internal readonly bool IsAtEnd => _left.IsEmpty;

    internal bool TryReadUInt16(out ushort value)
    {
        bool there = BinaryPrimitives.TryReadUInt16BigEndian(_left, out value);
        _left = there ? _left[sizeof(ushort)..] : _left;
        return there;
    }

    internal bool TryReadUInt32(out uint value)
    {
        bool there = BinaryPrimitives.TryReadUInt32BigEndian(_left, out value);
        _left = there ? _left[sizeof(uint)..] : _left;
        return there;
    }

    /// <summary>
    /// A length, then that much UTF-8; false when it is cut short, too long, not UTF-8, or holds a NUL.
    /// </summary>
    internal bool TryReadString(out string value)
    {
        value = string.Empty;
        if (!TryReadUInt32(out uint length) || length > NbdProtocol.StringMaxBytes || length > _left.Length)
        {
            return false;
        }

        string? decoded = Text.Decode(_left[..(int)length]);
        _left = _left[(int)length..];
        value = decoded ?? string.Empty;
        return decoded is not null;
    }
}
