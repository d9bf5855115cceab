using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;

namespace Replication.Cluster.Embedded;

/// <summary>
/// The bytes of a journal file, little-endian: a header, the frames of the snapshot, then a frame for each
/// batch of changes.
/// <code>
/// header  magic "RPLSTORE" | u32 format | u32 snapshot entries | i64 snapshot revision | u32 zero
///         | u32 checksum
/// frame   u32 magic "FRAM" | u32 body length | u32 changes
///         | u32 checksum of the 12 bytes before it and the body | changes
/// change  u8 kind | u8 zero | u16 key length | u32 value length | i64 revision | key | value
/// </code>
/// </summary>
/// <remarks>
/// A batch is one frame under one checksum because the pages of an unsynced write reach the disk in any
/// order: with a checksum per change a crash could leave a bad change before good ones, which is what real
/// damage looks like. The writer syncs each frame before the next one, so a crash can spoil the last frame
/// only, and that one whole.
/// </remarks>
internal static class JournalFormat
{
    public const uint FormatVersion = 1;
    public const int HeaderLengthBytes = 32;
    public const int FrameHeaderLengthBytes = 16;
    public const int ChangeHeaderLengthBytes = 16;
    public const uint FrameMagic = 0x4D415246;

    /// <summary>The first eight bytes of every journal.</summary>
    public static ReadOnlySpan<byte> Magic => "RPLSTORE"u8;

    /// <summary>What a change takes within a frame.</summary>
    public static int ChangeLengthBytes(string key, int valueLengthBytes) =>
        ChangeHeaderLengthBytes + key.Length + valueLengthBytes;

    /// <summary>One frame with these changes, ready to be appended.</summary>
    public static byte[] EncodeFrame(IReadOnlyList<JournalChange> changes)
    {
        int bodyLengthBytes = changes.Sum(static c => ChangeLengthBytes(c.Key, c.Value.Length));
        byte[] frame = new byte[FrameHeaderLengthBytes + bodyLengthBytes];
        if (frame.Length > JournalLimits.FrameLengthMaxBytes)
        {
            throw new InvalidOperationException(
                $"a frame of {frame.Length} bytes is longer than a frame may be");
        }

        BinaryPrimitives.WriteUInt32LittleEndian(frame, FrameMagic);
        BinaryPrimitives.WriteUInt32LittleEndian(frame.AsSpan(4), (uint)bodyLengthBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(frame.AsSpan(8), (uint)changes.Count);
        Span<byte> rest = frame.AsSpan(FrameHeaderLengthBytes);
        foreach (JournalChange change in changes)
        {
            rest[0] = (byte)change.Kind;
            BinaryPrimitives.WriteUInt16LittleEndian(rest[2..], (ushort)change.Key.Length);
            BinaryPrimitives.WriteUInt32LittleEndian(rest[4..], (uint)change.Value.Length);
            BinaryPrimitives.WriteInt64LittleEndian(rest[8..], change.Revision);
            rest = rest[ChangeHeaderLengthBytes..];
            int keyLengthBytes = Encoding.ASCII.GetBytes(change.Key, rest);
            change.Value.Span.CopyTo(rest[keyLengthBytes..]);
            rest = rest[(keyLengthBytes + change.Value.Length)..];
        }

        BinaryPrimitives.WriteUInt32LittleEndian(frame.AsSpan(12), FrameChecksum(frame));
        return frame;
    }

    /// <summary>A whole file that holds this state and nothing else.</summary>
    public static byte[] EncodeSnapshot(StoreState state)
    {
        MemoryStream file = new();
        file.Write(EncodeHeader(state.Entries.Count, state.Revision));
        List<JournalChange> batch = [];
        long batchLengthBytes = 0;
        foreach (StoreEntry entry in state.Entries.Values)
        {
            batch.Add(new JournalChange(JournalChangeKind.Snapshot, entry.Key, entry.Value, entry.Revision));
            batchLengthBytes += ChangeLengthBytes(entry.Key, entry.Value.Length);
            if (batchLengthBytes >= JournalLimits.BatchLengthMaxBytes)
            {
                file.Write(EncodeFrame(batch));
                batch.Clear();
                batchLengthBytes = 0;
            }
        }

        if (batch.Count > 0)
        {
            file.Write(EncodeFrame(batch));
        }

        return file.ToArray();
    }

    /// <summary>
    /// The checksum a whole frame should carry: of everything in it but the checksum itself.
    /// </summary>
    public static uint FrameChecksum(ReadOnlySpan<byte> frame) =>
        Checksum(Checksum(0, frame[..12]), frame[FrameHeaderLengthBytes..]);

    /// <summary>CRC-32C, continued from an earlier one.</summary>
    public static uint Checksum(uint checksum, ReadOnlySpan<byte> data)
    {
        uint crc = ~checksum;
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(data);
        foreach (ulong word in words)
        {
            crc = BitOperations.Crc32C(crc, BitConverter.IsLittleEndian
                ? word
                : BinaryPrimitives.ReverseEndianness(word));
        }

        foreach (byte value in data[(words.Length * sizeof(ulong))..])
        {
            crc = BitOperations.Crc32C(crc, value);
        }

        return ~crc;
    }

    private static byte[] EncodeHeader(int snapshotEntries, long snapshotRevision)
    {
        byte[] header = new byte[HeaderLengthBytes];
        Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(8), FormatVersion);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(12), (uint)snapshotEntries);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(16), snapshotRevision);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(28), Checksum(0, header.AsSpan(0, 28)));
        return header;
    }
}
