using Replication.Fuzz.Wire;

namespace Replication.Fuzz.Checking;

/// <summary>One request that the server has to answer, and how far it has.</summary>
internal sealed class SentRequest(ushort command, ushort flags, ulong offset, uint length)
{
    private const uint Invalid = 22;
    private const uint NoSpace = 28;
    private const uint NotSupported = 95;

    public ushort Command { get; } = command;

    public ushort Flags { get; } = flags;

    public ulong Offset { get; } = offset;

    public uint Length { get; } = length;

    /// <summary>Bytes of a structured read that have come.</summary>
    public ulong CoveredBytes { get; set; }

    /// <summary>The errors that the specification allows; none means that it succeeds.</summary>
    public IReadOnlyList<uint> Errors(ulong sizeBytes, bool structured, bool allocation)
    {
        if (Command > Nbd.BlockStatus || Command == Nbd.Disconnect)
        {
            return [Invalid];
        }

        List<uint> errors = [];
        int known = Nbd.Fua | Command switch
        {
            Nbd.Read when structured => Nbd.Df,
            Nbd.WriteZeroes => Nbd.NoHole | Nbd.FastZero,
            Nbd.BlockStatus => Nbd.ReqOne,
            _ => 0,
        };
        if ((Flags & ~known) != 0)
        {
            errors.Add(Invalid);
        }

        if (Command == Nbd.Flush)
        {
            return errors;
        }

        if (Command is Nbd.Read or Nbd.Write && Length > Nbd.PayloadMaxBytes)
        {
            errors.Add(Invalid);
        }

        if (Offset > sizeBytes || Length > sizeBytes - Offset)
        {
            errors.Add(Command is Nbd.Write or Nbd.WriteZeroes ? NoSpace : Invalid);
        }

        if (Command == Nbd.BlockStatus && (!allocation || Length == 0))
        {
            errors.Add(Invalid);
        }

        const int FastAndAllocated = Nbd.FastZero | Nbd.NoHole;
        if (Command == Nbd.WriteZeroes && (Flags & FastAndAllocated) == FastAndAllocated)
        {
            errors.Add(NotSupported);
        }

        return errors;
    }
}
