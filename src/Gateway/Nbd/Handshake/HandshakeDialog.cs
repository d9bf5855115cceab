using System.Buffers.Binary;
using Replication.Gateway.Nbd.Transmission;
using Replication.Gateway.Nbd.Wire;

namespace Replication.Gateway.Nbd.Handshake;

/// <summary>
/// The fixed newstyle handshake of one connection: greeting, flags, then options until one starts the
/// transmission.
/// </summary>
internal sealed class HandshakeDialog(
    SocketReader reader, OptionWriter writer, OptionHandlers handlers, int optionCountMax)
{
    /// <summary>
    /// Longest option data that is looked at: a name and dozens of the longest queries fit.
    /// </summary>
    private const int OptionMaxBytes = 64 << 10;

    /// <summary>Longest option data that is passed over; longer ones close the connection.</summary>
    private const int OptionSkipMaxBytes = 1 << 20;

    /// <summary>Runs to the start of the transmission; null when the client left before.</summary>
    /// <exception cref="NbdProtocolException">The client broke the protocol.</exception>
    internal async Task<Session?> RunAsync(CancellationToken stop)
    {
        writer.AddUInt64(NbdProtocol.ServerMagic);
        writer.AddUInt64(NbdProtocol.OptionMagic);
        writer.AddUInt16((ushort)(HandshakeFlags.FixedNewstyle | HandshakeFlags.NoZeroes));
        await writer.FlushAsync(stop);
        if (!await reader.WaitForAsync(sizeof(uint), stop))
        {
            return null;
        }

        HandshakeFlags flags = TakeClientFlags();
        for (int count = 0; count < optionCountMax; count++)
        {
            if (!await reader.WaitForAsync(NbdProtocol.OptionHeaderBytes, stop))
            {
                return null;
            }

            (NbdOption option, uint length) = TakeOptionHeader();
            if (option != NbdOption.ExportName && !flags.HasFlag(HandshakeFlags.FixedNewstyle))
            {
                throw new NbdProtocolException(
                    $"option {option} by a client that did not ask for fixed newstyle");
            }

            byte[]? data = await ReadDataAsync(option, length, stop);
            Session? session = data is null
                ? TooBig(option, length)
                : await handlers.HandleAsync(option, data, flags.HasFlag(HandshakeFlags.NoZeroes), stop);
            await FlushOrLeaveAsync(session, stop);
            if (session is not null || handlers.HasLeft)
            {
                return session;
            }
        }

        throw new NbdProtocolException($"more than {optionCountMax} options in one handshake");
    }

    private HandshakeFlags TakeClientFlags()
    {
        uint flags = BinaryPrimitives.ReadUInt32BigEndian(reader.Available);
        reader.Consume(sizeof(uint));
        const uint Known = (uint)(HandshakeFlags.FixedNewstyle | HandshakeFlags.NoZeroes);
        return (flags & ~Known) == 0
            ? (HandshakeFlags)flags
            : throw new NbdProtocolException($"the client's flags {flags:x} hold some that are not known");
    }

    private (NbdOption Option, uint Length) TakeOptionHeader()
    {
        ReadOnlySpan<byte> header = reader.Available;
        ulong magic = BinaryPrimitives.ReadUInt64BigEndian(header);
        if (magic != NbdProtocol.OptionMagic)
        {
            throw new NbdProtocolException($"an option starts with magic {magic:x16}, not with IHAVEOPT");
        }

        NbdOption option = (NbdOption)BinaryPrimitives.ReadUInt32BigEndian(header[8..]);
        uint length = BinaryPrimitives.ReadUInt32BigEndian(header[12..]);
        reader.Consume(NbdProtocol.OptionHeaderBytes);
        return (option, length);
    }

    /// <summary>The option's data, or null when it was too long and has been passed over.</summary>
    private async Task<byte[]?> ReadDataAsync(NbdOption option, uint length, CancellationToken stop)
    {
        if (length > OptionSkipMaxBytes
            || (option == NbdOption.ExportName && length > NbdProtocol.StringMaxBytes))
        {
            // EXPORT_NAME has no error reply: closing is the protocol's answer.
            throw new NbdProtocolException($"option {option} announces {length} bytes");
        }

        bool whole;
        byte[]? data = null;
        if (length > OptionMaxBytes)
        {
            whole = await reader.SkipAsync(length, stop);
        }
        else
        {
            data = new byte[length];
            whole = await reader.ReadAsync(data, stop);
        }

        return whole ? data : throw new NbdProtocolException($"the stream ended within option {option}");
    }

    private Session? TooBig(NbdOption option, uint length)
    {
        if (OptionHandlers.IsKnown(option))
        {
            writer.AddError(
                option, OptionReply.ErrorTooBig, $"{length} bytes are more than {OptionMaxBytes}");
        }
        else
        {
            writer.AddError(option, OptionReply.ErrorUnsupported, $"option {(uint)option} is not supported");
        }

        return null;
    }

    private async Task FlushOrLeaveAsync(Session? session, CancellationToken stop)
    {
        try
        {
            await writer.FlushAsync(stop);
        }
        catch
        {
            // Nobody else knows of the attachment yet.
            session?.Attachment.Dispose();
            throw;
        }
    }
}
