using Replication.Actors.Buffers;
using Replication.Actors.Remoting.Codecs;
using Replication.Actors.Remoting.Links;

namespace Replication.Actors.Remoting.Frames;

/// <summary>
/// Frames on their way into one send: headers, bodies and small payloads in one array, large payloads in
/// their own buffers in between. Holds a reference of each large payload until the send is over. Used by one
/// writer at a time.
/// </summary>
internal sealed class OutboundBatch
{
    private const int ScratchKeepMaxBytes = RemotingLimits.BatchBytesMax + (64 * 1024);

    private readonly WireWriter _scratch = new(capacityBytes: 16 * 1024);
    private readonly List<(int ScratchEnd, PooledBuffer Payload)> _payloads = [];
    private readonly List<ArraySegment<byte>> _segments = [];
    private int _payloadBytes;

    internal bool IsEmpty => _scratch.LengthBytes == 0;

    internal bool IsFull =>
        _scratch.LengthBytes + _payloadBytes >= RemotingLimits.BatchBytesMax
        || _payloads.Count >= RemotingLimits.BatchPayloadsMax;

    /// <summary>Adds a frame that is complete already.</summary>
    internal void AddRaw(ReadOnlySpan<byte> frame) => _scratch.WriteRaw(frame);

    /// <summary>
    /// Encodes a message; its payload's reference is the batch's from here on. When this throws, nothing was
    /// added and the reference is still the message's.
    /// </summary>
    /// <exception cref="InvalidOperationException">Body or payload are longer than a frame
    /// allows.</exception>
    internal void Add(in OutboundMessage outbound)
    {
        int frameStart = _scratch.LengthBytes;
        try
        {
            PooledBuffer? payload = WriteFrame(in outbound, frameStart);
            if (payload is null)
            {
                return;
            }

            if (payload.LengthBytes <= RemotingLimits.PayloadCopyMaxBytes)
            {
                _scratch.WriteRaw(payload.Span);
                payload.Release();
                return;
            }

            _payloads.Add((_scratch.LengthBytes, payload));
            _payloadBytes += payload.LengthBytes;
        }
        catch
        {
            _scratch.Truncate(frameStart);
            throw;
        }
    }

    /// <summary>What is to be sent, in order. Nothing may be added until <see cref="Reset"/>.</summary>
    internal IList<ArraySegment<byte>> Segments()
    {
        int start = 0;
        foreach ((int scratchEnd, PooledBuffer payload) in _payloads)
        {
            _segments.Add(_scratch.Segment(start, scratchEnd - start));
            _segments.Add(payload.Segment);
            start = scratchEnd;
        }

        if (start < _scratch.LengthBytes)
        {
            _segments.Add(_scratch.Segment(start, _scratch.LengthBytes - start));
        }

        return _segments;
    }

    /// <summary>The send is over: payloads go back, and the next batch may begin.</summary>
    internal void Reset()
    {
        foreach ((int _, PooledBuffer payload) in _payloads)
        {
            payload.Release();
        }

        _payloads.Clear();
        _segments.Clear();
        _payloadBytes = 0;
        _scratch.Reset(ScratchKeepMaxBytes);
    }

    private PooledBuffer? WriteFrame(in OutboundMessage outbound, int frameStart)
    {
        _scratch.Take(FrameHeader.LengthBytes);
        FrameFlags flags = FrameFlags.None;
        ulong targetId = 0;
        if (outbound.Target is NamedRemoteRef named)
        {
            flags |= FrameFlags.TargetByName;
            _scratch.WriteByte((byte)named.NameUtf8.Length);
            _scratch.WriteRaw(named.NameUtf8);
        }
        else if (outbound.Target is RemoteActorRef remote)
        {
            targetId = remote.Id;
        }

        outbound.Codec.Write(outbound.Message, _scratch);
        PooledBuffer? payload = outbound.Codec.PayloadOf(outbound.Message);
        int bodyLengthBytes = _scratch.LengthBytes - frameStart - FrameHeader.LengthBytes;
        if (bodyLengthBytes > RemotingLimits.BodyMaxBytes
            || payload?.LengthBytes > RemotingLimits.PayloadMaxBytes)
        {
            throw new InvalidOperationException(
                $"{outbound.Message.GetType().Name} takes {bodyLengthBytes} + {payload?.LengthBytes ?? 0} "
                + $"bytes; a frame holds {RemotingLimits.BodyMaxBytes} + {RemotingLimits.PayloadMaxBytes}");
        }

        FrameHeader header = new(
            bodyLengthBytes,
            payload?.LengthBytes ?? 0,
            outbound.Codec.TypeId,
            flags,
            targetId,
            outbound.SenderId);
        header.WriteTo(_scratch.At(frameStart, FrameHeader.LengthBytes));
        return payload;
    }
}
