using System.Buffers;
using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using Replication.Gateway.Nbd.Wire;

namespace Replication.Gateway.Nbd.Handshake;

/// <summary>Collects what the server says in the handshake until <see cref="FlushAsync"/>.</summary>
internal sealed class OptionWriter(Socket socket)
{
    private readonly ArrayBufferWriter<byte> _queued = new();

    /// <summary>Bytes that wait for a flush: whoever lists much flushes in between.</summary>
    internal int QueuedBytes => _queued.WrittenCount;

    internal void AddUInt16(ushort value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(_queued.GetSpan(sizeof(ushort)), value);
        _queued.Advance(sizeof(ushort));
    }

    internal void AddUInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(_queued.GetSpan(sizeof(uint)), value);
        _queued.Advance(sizeof(uint));
    }

    internal void AddUInt64(ulong value)
    {
        BinaryPrimitives.WriteUInt64BigEndian(_queued.GetSpan(sizeof(ulong)), value);
        _queued.Advance(sizeof(ulong));
    }

    internal void AddZeroes(int count)
    {
        _queued.GetSpan(count)[..count].Clear();
        _queued.Advance(count);
    }

    internal void AddText(string text) => Encoding.UTF8.GetBytes(text, _queued);

    /// <summary>The head of a reply; the caller adds exactly that many bytes of payload.</summary>
    internal void AddReply(NbdOption option, OptionReply reply, int payloadBytes = 0)
    {
        AddUInt64(NbdProtocol.OptionReplyMagic);
        AddUInt32((uint)option);
        AddUInt32((uint)reply);
        AddUInt32((uint)payloadBytes);
    }

    /// <summary>An error with a sentence for a person.</summary>
    internal void AddError(NbdOption option, OptionReply error, string text)
    {
        AddReply(option, error, Encoding.UTF8.GetByteCount(text));
        AddText(text);
    }

    /// <summary>Sends what is queued.</summary>
    internal async Task FlushAsync(CancellationToken stop)
    {
        ReadOnlyMemory<byte> left = _queued.WrittenMemory;
        while (!left.IsEmpty)
        {
            left = left[await socket.SendAsync(left, SocketFlags.None, stop)..];
        }

        _queued.ResetWrittenCount();
    }
}
