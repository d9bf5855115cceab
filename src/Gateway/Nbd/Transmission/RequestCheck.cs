using Replication.Actors.Disk;
using Replication.Gateway.Exports;
using Replication.Gateway.Nbd.Wire;

namespace Replication.Gateway.Nbd.Transmission;

/// <summary>Whether a request may reach the volume: the protocol's error and a reason, or no error.</summary>
internal readonly record struct RequestCheck(uint Error, string Reason)
{
    private static readonly RequestCheck Fine = new(0, string.Empty);

    /// <summary>Judges one request by what was negotiated and by the export's size.</summary>
    internal static RequestCheck Of(in RequestHeader header, Session session)
    {
        CommandFlags allowed = AllowedFlags(header.Command, session);
        if (header.Command is not (NbdCommand.Read or NbdCommand.Write or NbdCommand.Flush or NbdCommand.Trim
            or NbdCommand.Cache or NbdCommand.WriteZeroes or NbdCommand.BlockStatus))
        {
            return new RequestCheck(Errno.Invalid, $"command {(ushort)header.Command} is unknown");
        }

        if ((header.Flags & ~allowed) != CommandFlags.None)
        {
            return new RequestCheck(
                Errno.Invalid,
                $"flags {(ushort)header.Flags:x} are not all known to command {header.Command}");
        }

        return header.Command == NbdCommand.Flush ? Fine : OfRange(header, session);
    }

    private static RequestCheck OfRange(in RequestHeader header, Session session)
    {
        Export export = session.Attachment.Export;
        bool changes = header.Command is NbdCommand.Write or NbdCommand.Trim or NbdCommand.WriteZeroes;
        if (changes && export.ReadOnly)
        {
            return new RequestCheck(Errno.NotPermitted, "the export is read-only");
        }

        bool carriesData = header.Command is NbdCommand.Read or NbdCommand.Write;
        if (carriesData && header.Length > NbdProtocol.PayloadMaxBytes)
        {
            return new RequestCheck(
                Errno.Invalid,
                $"{header.Length} bytes are more than the {NbdProtocol.PayloadMaxBytes} of one request");
        }

        ulong size = (ulong)export.SizeBytes;
        if (header.Offset > size || header.Length > size - header.Offset)
        {
            bool fills = header.Command is NbdCommand.Write or NbdCommand.WriteZeroes;
            return new RequestCheck(
                (uint)(fills ? Errno.NoSpace : Errno.Invalid),
                $"{header.Length} bytes at {header.Offset} reach past the end, {size}");
        }

        return OfKind(header, session);
    }

    private static RequestCheck OfKind(in RequestHeader header, Session session) => header.Command switch
    {
        NbdCommand.BlockStatus when !session.Allocation =>
            new RequestCheck(Errno.Invalid, "no metadata context was negotiated"),
        NbdCommand.BlockStatus when header.Length == 0 =>
            new RequestCheck(Errno.Invalid, "a block status of no bytes says nothing"),

        // Zeroes that may be holes are punched, which is fast; zeroes that must be allocated are written.
        NbdCommand.WriteZeroes when header.Flags.HasFlag(CommandFlags.FastZero | CommandFlags.NoHole) =>
            new RequestCheck(Errno.NotSupported, "allocated zeroes are not faster than a write"),
        _ => Fine,
    };

    /// <summary>FUA is known to every command, since it was offered.</summary>
    private static CommandFlags AllowedFlags(NbdCommand command, Session session) => command switch
    {
        NbdCommand.Read when session.Structured => CommandFlags.Fua | CommandFlags.Df,
        NbdCommand.WriteZeroes => CommandFlags.Fua | CommandFlags.NoHole | CommandFlags.FastZero,
        NbdCommand.BlockStatus => CommandFlags.Fua | CommandFlags.ReqOne,
        _ => CommandFlags.Fua,
    };
}
