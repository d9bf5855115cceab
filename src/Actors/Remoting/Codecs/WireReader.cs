using System.Buffers.Binary;
using System.Text;

namespace Replication.Actors.Remoting.Codecs;

/// <summary>
/// Reads what a <see cref="WireWriter"/> wrote. Every length is checked against a bound and against what is
/// there before anything is allocated for it; whatever does not fit throws
/// <see cref="MalformedMessageException"/>.
/// </summary>
public ref struct WireReader
{
    private static readonly UTF8Encoding StrictUtf8 =
        new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private ReadOnlySpan<byte> _rest;

    public WireReader(ReadOnlySpan<byte> body) => _rest = body;

    /// <summary>Bytes not yet read.</summary>
    public readonly int LeftBytes => _rest.Length;

    public byte ReadByte() => ReadRaw(1)[0];

    /// <summary>One byte, 0 or 1.</summary>
    public bool ReadBoolean() => ReadByte() switch
    {
        0 => false,
        1 => true,
        byte other => throw new MalformedMessageException($"a flag is {other}; 0 or 1 was expected"),
    };

    /// <summary>One byte from 0 to <paramref name="max"/>: an enumeration without gaps.</summary>
    public byte ReadByteUpTo(byte max, string what)
    {
        byte value = ReadByte();
        return value <= max
            ? value
            : throw new MalformedMessageException($"{what} is {value}; 0 to {max} was expected");
    }

    public ushort ReadUInt16() => BinaryPrimitives.ReadUInt16LittleEndian(ReadRaw(2));

    public int ReadInt32() => BinaryPrimitives.ReadInt32LittleEndian(ReadRaw(4));

    public uint ReadUInt32() => BinaryPrimitives.ReadUInt32LittleEndian(ReadRaw(4));

    public long ReadInt64() => BinaryPrimitives.ReadInt64LittleEndian(ReadRaw(8));

    public ulong ReadUInt64() => BinaryPrimitives.ReadUInt64LittleEndian(ReadRaw(8));

    public Guid ReadGuid() => new(ReadRaw(16));

    /// <summary>A count of 4 bytes, of items that take at least <paramref name="itemBytes"/> each.</summary>
    public int ReadCount(int countMax, int itemBytes, string what)
    {
        int count = ReadInt32();
        if (count < 0 || count > countMax || (long)count * itemBytes > _rest.Length)
        {
            throw new MalformedMessageException(
                $"{what}: a count of {count}, with {_rest.Length} bytes left");
        }

        return count;
    }

    /// <summary>Bytes of a known length; valid as long as the body is.</summary>
    public ReadOnlySpan<byte> ReadRaw(int countBytes)
    {
        if (countBytes > _rest.Length)
        {
            throw new MalformedMessageException($"{countBytes} bytes were expected, {_rest.Length} are left");
        }

        ReadOnlySpan<byte> taken = _rest[..countBytes];
        _rest = _rest[countBytes..];
        return taken;
    }

    /// <summary>What WriteBytes wrote; valid as long as the body is.</summary>
    public ReadOnlySpan<byte> ReadBytes(int lengthMaxBytes, string what) =>
        ReadRaw(ReadCount(lengthMaxBytes, itemBytes: 1, what));

    /// <summary>What WriteString wrote.</summary>
    public string ReadString(int lengthMaxBytes, string what)
    {
        ReadOnlySpan<byte> utf8 = ReadBytes(lengthMaxBytes, what);
        try
        {
            return StrictUtf8.GetString(utf8);
        }
        catch (DecoderFallbackException cause)
        {
            throw new MalformedMessageException($"{what} is not UTF-8", cause);
        }
    }

    /// <summary>Nothing may be left over.</summary>
    public readonly void ExpectEnd(string what)
    {
        if (_rest.Length != 0)
        {
            throw new MalformedMessageException($"{what}: {_rest.Length} bytes are left over");
        }
    }
}
