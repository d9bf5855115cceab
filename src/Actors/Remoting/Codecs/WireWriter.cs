using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;

namespace Replication.Actors.Remoting.Codecs;

/// <summary>
/// Little-endian fields into an array that grows as needed and is used again and again. Not safe for two
/// threads.
/// </summary>
public sealed class WireWriter : IBufferWriter<byte>
{
    private byte[] _buffer;

    /// <param name="capacityBytes">Room before the first growth.</param>
    public WireWriter(int capacityBytes = 1024) => _buffer = new byte[capacityBytes];

    /// <summary>Bytes written so far.</summary>
    public int LengthBytes { get; private set; }

    /// <summary>What was written so far; valid until more is written.</summary>
    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, LengthBytes);

    internal int CapacityBytes => _buffer.Length;

    public void WriteByte(byte value) => Take(1)[0] = value;

    public void WriteBoolean(bool value) => Take(1)[0] = value ? (byte)1 : (byte)0;

    public void WriteUInt16(ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(Take(2), value);

    public void WriteInt32(int value) => BinaryPrimitives.WriteInt32LittleEndian(Take(4), value);

    public void WriteUInt32(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Take(4), value);

    public void WriteInt64(long value) => BinaryPrimitives.WriteInt64LittleEndian(Take(8), value);

    public void WriteUInt64(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Take(8), value);

    public void WriteGuid(Guid value) => value.TryWriteBytes(Take(16));

    /// <summary>Bytes without a length: the reader knows it.</summary>
    public void WriteRaw(ReadOnlySpan<byte> value) => value.CopyTo(Take(value.Length));

    /// <summary>A length of 4 bytes, then the bytes.</summary>
    public void WriteBytes(ReadOnlySpan<byte> value)
    {
        WriteInt32(value.Length);
        WriteRaw(value);
    }

    /// <summary>A length of 4 bytes, then UTF-8.</summary>
    public void WriteString(string value)
    {
        int lengthBytes = Encoding.UTF8.GetByteCount(value);
        WriteInt32(lengthBytes);
        Encoding.UTF8.GetBytes(value, Take(lengthBytes));
    }

    /// <inheritdoc/>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _buffer.Length - LengthBytes);
        LengthBytes += count;
    }

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 256));
        return _buffer.AsMemory(LengthBytes);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <summary>
    /// Room for that many bytes, counted as written; to be filled before anything else is written.
    /// </summary>
    internal Span<byte> Take(int countBytes)
    {
        Reserve(countBytes);
        Span<byte> taken = _buffer.AsSpan(LengthBytes, countBytes);
        LengthBytes += countBytes;
        return taken;
    }

    internal Span<byte> At(int offset, int countBytes) => _buffer.AsSpan(offset, countBytes);

    internal ArraySegment<byte> Segment(int offset, int countBytes) => new(_buffer, offset, countBytes);

    /// <summary>Takes back what was written behind <paramref name="lengthBytes"/>.</summary>
    internal void Truncate(int lengthBytes) => LengthBytes = lengthBytes;

    /// <summary>Starts over, and gives a buffer back that has grown beyond what is worth keeping.</summary>
    public void Reset(int keepMaxBytes)
    {
        LengthBytes = 0;
        if (_buffer.Length > keepMaxBytes)
        {
            _buffer = new byte[keepMaxBytes];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Reserve(int countBytes)
    {
        if (_buffer.Length - LengthBytes < countBytes)
        {
            Array.Resize(ref _buffer, checked(Math.Max(_buffer.Length * 2, LengthBytes + countBytes)));
        }
    }
}
