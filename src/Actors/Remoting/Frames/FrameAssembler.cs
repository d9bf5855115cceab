using Replication.Actors.Buffers;
using Replication.Actors.Remoting.Codecs;

namespace Replication.Actors.Remoting.Frames;

/// <summary>
/// Who gets the frames of a connection, in order. A payload's reference goes with the call.
/// </summary>
internal interface IFrameSink
{
    /// <exception cref="MalformedMessageException">The frame cannot be what it claims: the connection
    /// ends.</exception>
    void OnFrame(in FrameHeader header, ReadOnlySpan<byte> body, PooledBuffer? payload);
}

/// <summary>
/// Makes frames of received bytes. A frame that fits the receive buffer is taken from there, its payload
/// copied once into a rented buffer; of a larger one the rest of the payload is received in place, so that
/// only what came along with the header is copied. That is little where large frames follow each other: after
/// one, hardly more than the next one's head is asked for. Used by one receive loop.
/// </summary>
internal sealed class FrameAssembler
{
    private byte[] _buffer = new byte[RemotingLimits.ReceiveBufferBytes];
    private int _start;
    private int _end;
    private int _bodyMaxBytes = RemotingLimits.HandshakeBodyMaxBytes;
    private int _payloadMaxBytes;
    private FrameHeader _header;
    private PooledBuffer? _payload;
    private int _payloadReceivedBytes;
    private bool _largeMayFollow;

    /// <summary>Where the next bytes go.</summary>
    internal Memory<byte> ReceiveMemory =>
        _payload is not null ? _payload.Memory[_payloadReceivedBytes..]
        : _largeMayFollow ? _buffer.AsMemory(_end, RemotingLimits.ReceiveHeadBytes)
        : _buffer.AsMemory(_end);

    /// <summary>The peer is known: bodies and payloads of full length are taken from now on.</summary>
    internal void AllowFullFrames()
    {
        _bodyMaxBytes = RemotingLimits.BodyMaxBytes;
        _payloadMaxBytes = RemotingLimits.PayloadMaxBytes;
    }

    /// <summary>Hands every frame that is complete to <paramref name="sink"/>.</summary>
    /// <exception cref="MalformedMessageException">What came is no frame; nothing more can be
    /// read.</exception>
    internal void Received(int countBytes, IFrameSink sink)
    {
        if (_payload is not null)
        {
            _payloadReceivedBytes += countBytes;
            if (_payloadReceivedBytes == _payload.LengthBytes)
            {
                FinishDirectPayload(sink);
            }

            return;
        }

        _largeMayFollow = false;
        _end += countBytes;
        while (TakeFrame(sink))
        {
        }

        if (_payload is null)
        {
            MakeRoom();
        }
    }

    /// <summary>The connection is over: gives back a payload that will never be complete.</summary>
    internal void Abandon()
    {
        _payload?.Release();
        _payload = null;
    }

    private bool TakeFrame(IFrameSink sink)
    {
        int availableBytes = _end - _start;
        if (availableBytes < FrameHeader.LengthBytes)
        {
            return false;
        }

        FrameHeader header = FrameHeader.Read(_buffer.AsSpan(_start), _bodyMaxBytes, _payloadMaxBytes);
        int headBytes = FrameHeader.LengthBytes + header.BodyLengthBytes;
        if (availableBytes < headBytes)
        {
            return false;
        }

        ReadOnlySpan<byte> rest = _buffer.AsSpan(_start + headBytes, availableBytes - headBytes);
        if (rest.Length < header.PayloadLengthBytes)
        {
            if (headBytes + header.PayloadLengthBytes > RemotingLimits.ReceiveBufferBytes / 2)
            {
                BeginDirectPayload(header, rest);
            }

            return false;
        }

        PooledBuffer? payload =
            header.PayloadLengthBytes == 0 ? null : PooledBuffer.CopyOf(rest[..header.PayloadLengthBytes]);
        int bodyStart = _start + FrameHeader.LengthBytes;
        _start += headBytes + header.PayloadLengthBytes;
        sink.OnFrame(in header, _buffer.AsSpan(bodyStart, header.BodyLengthBytes), payload);
        return true;
    }

    /// <summary>Header and body stay in the buffer, untouched, until the payload is whole.</summary>
    private void BeginDirectPayload(FrameHeader header, ReadOnlySpan<byte> received)
    {
        _header = header;
        _payload = PooledBuffer.Rent(header.PayloadLengthBytes);
        received.CopyTo(_payload.Span);
        _payloadReceivedBytes = received.Length;
    }

    private void FinishDirectPayload(IFrameSink sink)
    {
        PooledBuffer payload = _payload!;
        _payload = null;
        int bodyStart = _start + FrameHeader.LengthBytes;
        _start = 0;
        _end = 0;
        _largeMayFollow = true;
        sink.OnFrame(in _header, _buffer.AsSpan(bodyStart, _header.BodyLengthBytes), payload);
        ShrinkIfEmpty();
    }

    /// <summary>
    /// After every whole frame is taken: the rest moves to the front, and gets a buffer that can hold it.
    /// </summary>
    private void MakeRoom()
    {
        int restBytes = _end - _start;
        if (_start > 0)
        {
            Buffer.BlockCopy(_buffer, _start, _buffer, 0, restBytes);
            _start = 0;
            _end = restBytes;
        }

        ShrinkIfEmpty();
        if (restBytes >= FrameHeader.LengthBytes)
        {
            FrameHeader header = FrameHeader.Read(_buffer, _bodyMaxBytes, _payloadMaxBytes);
            int neededBytes = FrameHeader.LengthBytes + header.BodyLengthBytes;
            if (neededBytes >= _buffer.Length)
            {
                // One more than the head, so that there is always room to receive into.
                Array.Resize(ref _buffer, neededBytes + 1);
            }
        }
    }

    private void ShrinkIfEmpty()
    {
        if (_end == 0 && _buffer.Length > RemotingLimits.ReceiveBufferBytes)
        {
            _buffer = new byte[RemotingLimits.ReceiveBufferBytes];
        }
    }
}
