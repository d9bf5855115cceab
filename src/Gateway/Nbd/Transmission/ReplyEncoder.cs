using System.Buffers.Binary;
using System.Text;
using Replication.Actors.Buffers;
using Replication.Actors.Disk;
using Replication.Gateway.Nbd.Wire;

namespace Replication.Gateway.Nbd.Transmission;

/// <summary>
/// Turns answered requests into bytes. With structured replies a READ always gets chunks, and so does every
/// error; whatever else succeeds gets the shorter simple reply, which the protocol allows.
/// </summary>
internal sealed class ReplyEncoder(bool structured)
{
    /// <summary>Longest text of an error, in bytes.</summary>
    private const int ReasonMaxBytes = 512;

    private const int OffsetBytes = 8;
    private const int ExtentBytes = 2 * sizeof(uint);

    /// <summary>
    /// Encodes as much as the batch takes; true when the answer is complete, false to go on in the next
    /// batch.
    /// </summary>
    internal bool TryEncode(NbdRequest request, ReplyBatch batch)
    {
        if (request.Error != 0)
        {
            return structured ? TryError(request, batch) : TrySimple(request, batch, request.Error);
        }

        if (request.Header.Command == NbdCommand.BlockStatus)
        {
            return TryStatus(request, batch);
        }

        if (request.Header.Command != NbdCommand.Read)
        {
            return TrySimple(request, batch, error: 0);
        }

        return structured ? TryChunks(request, batch) : TrySimpleRead(request, batch);
    }

    private static bool TrySimple(NbdRequest request, ReplyBatch batch, uint error)
    {
        if (!batch.HasRoom(NbdProtocol.SimpleReplyBytes, reference: false))
        {
            return false;
        }

        WriteSimpleHeader(batch.Reserve(NbdProtocol.SimpleReplyBytes), error, request.Header.Cookie);
        return true;
    }

    private static bool TrySimpleRead(NbdRequest request, ReplyBatch batch)
    {
        int length = request.Data?.LengthBytes ?? 0;
        if (!HasRoomFor(batch, NbdProtocol.SimpleReplyBytes, length))
        {
            return false;
        }

        WriteSimpleHeader(batch.Reserve(NbdProtocol.SimpleReplyBytes), error: 0, request.Header.Cookie);
        AddPayload(batch, request.Data, 0, length);
        return true;
    }

    private static bool TryChunks(NbdRequest request, ReplyBatch batch)
    {
        RequestHeader header = request.Header;
        PooledBuffer? data = request.Data;
        if (data is null)
        {
            // A read of nothing: the chunk that says only "done".
            if (!batch.HasRoom(NbdProtocol.ChunkHeaderBytes, reference: false))
            {
                return false;
            }

            WriteChunkHeader(
                batch.Reserve(NbdProtocol.ChunkHeaderBytes), header.Cookie, ChunkType.None, 0, done: true);
            return true;
        }

        while (request.EncodedBytes < data.LengthBytes)
        {
            int from = request.EncodedBytes;
            (int length, bool hole) = header.Flags.HasFlag(CommandFlags.Df)
                ? (data.LengthBytes, false)
                : ZeroRuns.First(data.Span[from..], header.Offset + (ulong)from);
            Run run = new(from, length, IsLast: from + length == data.LengthBytes);
            if (!(hole ? TryHole(header, run, batch) : TryData(header, run, data, batch)))
            {
                return false;
            }

            request.EncodedBytes += length;
        }

        return true;
    }

    private static bool TryHole(in RequestHeader header, Run run, ReplyBatch batch)
    {
        const int PayloadBytes = OffsetBytes + sizeof(uint);
        if (!batch.HasRoom(NbdProtocol.ChunkHeaderBytes + PayloadBytes, reference: false))
        {
            return false;
        }

        Span<byte> chunk = batch.Reserve(NbdProtocol.ChunkHeaderBytes + PayloadBytes);
        WriteChunkHeader(chunk, header.Cookie, ChunkType.OffsetHole, PayloadBytes, run.IsLast);
        BinaryPrimitives.WriteUInt64BigEndian(
            chunk[NbdProtocol.ChunkHeaderBytes..], header.Offset + (ulong)run.From);
        BinaryPrimitives.WriteUInt32BigEndian(
            chunk[(NbdProtocol.ChunkHeaderBytes + OffsetBytes)..], (uint)run.LengthBytes);
        return true;
    }

    private static bool TryData(in RequestHeader header, Run run, PooledBuffer data, ReplyBatch batch)
    {
        const int HeadBytes = NbdProtocol.ChunkHeaderBytes + OffsetBytes;
        if (!HasRoomFor(batch, HeadBytes, run.LengthBytes))
        {
            return false;
        }

        Span<byte> chunk = batch.Reserve(HeadBytes);
        uint payloadBytes = (uint)(OffsetBytes + run.LengthBytes);
        WriteChunkHeader(chunk, header.Cookie, ChunkType.OffsetData, payloadBytes, run.IsLast);
        BinaryPrimitives.WriteUInt64BigEndian(
            chunk[NbdProtocol.ChunkHeaderBytes..], header.Offset + (ulong)run.From);
        AddPayload(batch, data, run.From, run.LengthBytes);
        return true;
    }

    private static bool TryStatus(NbdRequest request, ReplyBatch batch)
    {
        const int HeadBytes = NbdProtocol.ChunkHeaderBytes + sizeof(uint);
        int wanted = request.Header.Flags.HasFlag(CommandFlags.ReqOne) ? 1 : NbdRequest.ExtentsMax;
        IReadOnlyList<DiskExtent> extents = request.Extents!;
        if (!batch.HasRoom(HeadBytes + (Math.Min(wanted, extents.Count) * ExtentBytes), reference: false))
        {
            return false;
        }

        Span<byte> head = batch.Reserve(HeadBytes);
        int count = 0;
        long left = request.Header.Length;
        int next = 0;
        while (next < extents.Count && left > 0 && count < wanted)
        {
            // Neighbours of one kind are one extent to the client.
            bool hole = extents[next].IsHole;
            long length = 0;
            while (next < extents.Count && extents[next].IsHole == hole)
            {
                length += extents[next].LengthBytes;
                next++;
            }

            length = Math.Min(length, left);
            left -= length;
            WriteExtent(batch.Reserve(ExtentBytes), (uint)length, hole);
            count++;
        }

        uint payloadBytes = (uint)(sizeof(uint) + (count * ExtentBytes));
        WriteChunkHeader(head, request.Header.Cookie, ChunkType.BlockStatus, payloadBytes, done: true);
        BinaryPrimitives.WriteUInt32BigEndian(
            head[NbdProtocol.ChunkHeaderBytes..], NbdProtocol.AllocationContextId);
        return true;
    }

    private static void WriteExtent(Span<byte> target, uint length, bool hole)
    {
        BinaryPrimitives.WriteUInt32BigEndian(target, length);
        BinaryPrimitives.WriteUInt32BigEndian(
            target[4..], (uint)(hole ? ExtentFlags.Hole | ExtentFlags.Zero : ExtentFlags.None));
    }

    private static bool TryError(NbdRequest request, ReplyBatch batch)
    {
        const int HeadBytes = NbdProtocol.ChunkHeaderBytes + sizeof(uint) + sizeof(ushort);
        if (!batch.HasRoom(HeadBytes + ReasonMaxBytes, reference: false))
        {
            return false;
        }

        Span<byte> text = stackalloc byte[ReasonMaxBytes];
        Encoding.UTF8.GetEncoder().Convert(
            request.Reason, text, flush: true, out _, out int textBytes, out _);
        Span<byte> chunk = batch.Reserve(HeadBytes + textBytes);
        uint payloadBytes = (uint)(chunk.Length - NbdProtocol.ChunkHeaderBytes);
        WriteChunkHeader(chunk, request.Header.Cookie, ChunkType.Error, payloadBytes, done: true);
        BinaryPrimitives.WriteUInt32BigEndian(chunk[NbdProtocol.ChunkHeaderBytes..], request.Error);
        BinaryPrimitives.WriteUInt16BigEndian(
            chunk[(NbdProtocol.ChunkHeaderBytes + sizeof(uint))..], (ushort)textBytes);
        text[..textBytes].CopyTo(chunk[HeadBytes..]);
        return true;
    }

    private static bool HasRoomFor(ReplyBatch batch, int headBytes, int payloadBytes) =>
        payloadBytes <= ReplyBatch.CopyMaxBytes
            ? batch.HasRoom(headBytes + payloadBytes, reference: false)
            : batch.HasRoom(headBytes, reference: true);

    private static void AddPayload(ReplyBatch batch, PooledBuffer? data, int from, int length)
    {
        if (length > ReplyBatch.CopyMaxBytes)
        {
            batch.Reference(data!, from, length);
        }
        else if (length > 0)
        {
            data!.Span.Slice(from, length).CopyTo(batch.Reserve(length));
        }
    }

    private static void WriteSimpleHeader(Span<byte> target, uint error, ulong cookie)
    {
        BinaryPrimitives.WriteUInt32BigEndian(target, NbdProtocol.SimpleReplyMagic);
        BinaryPrimitives.WriteUInt32BigEndian(target[4..], error);
        BinaryPrimitives.WriteUInt64BigEndian(target[8..], cookie);
    }

    private static void WriteChunkHeader(
        Span<byte> target, ulong cookie, ChunkType type, uint payloadBytes, bool done)
    {
        const ushort DoneFlag = 1;
        BinaryPrimitives.WriteUInt32BigEndian(target, NbdProtocol.StructuredReplyMagic);
        BinaryPrimitives.WriteUInt16BigEndian(target[4..], done ? DoneFlag : (ushort)0);
        BinaryPrimitives.WriteUInt16BigEndian(target[6..], (ushort)type);
        BinaryPrimitives.WriteUInt64BigEndian(target[8..], cookie);
        BinaryPrimitives.WriteUInt32BigEndian(target[16..], payloadBytes);
    }

    /// <summary>
    /// One chunk's part of a read: where it starts in the data, and whether the read ends with it.
    /// </summary>
    private readonly record struct Run(int From, int LengthBytes, bool IsLast);
}
