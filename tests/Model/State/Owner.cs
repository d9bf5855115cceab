using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Replication.Model.State;

/// <summary>The two places for owners.</summary>
[InlineArray(2)]
internal struct Owners
{
    private Owner _first;
}

/// <summary>
/// A gateway that is, or was, the volume's owner. What it knows of a child is in the child's link.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct Owner
{
    /// <summary>How far it is: <see cref="State.Phase"/>.</summary>
    public byte Phase;

    /// <summary>The epoch it raised.</summary>
    public byte Epoch;

    /// <summary>The counter of its last stamp.</summary>
    public byte Counter;

    /// <summary>A bit for each block to be reconciled (P17).</summary>
    public byte Reconcile;

    /// <summary>A bit for each block that the continuous children it opened remember as under way.</summary>
    public byte Underway;

    /// <summary>
    /// A bit for each block of whose version a reconcile may make the volume's, majority or not (I1).
    /// </summary>
    public byte Exempt;

    /// <summary>A change of the record with an unknown outcome (P3): <see cref="Change"/>.</summary>
    public byte Change;

    /// <summary>1 while a flush is under way.</summary>
    public byte Flushing;

    /// <summary>The checkpoint that the flush carries (P16).</summary>
    public byte FlushStamp;

    /// <summary>
    /// Per block, the values that may be found after power loss once the flush is acknowledged.
    /// </summary>
    public PerBlock FlushValues;

    /// <summary>What is being written in each block: <see cref="OpKind"/>.</summary>
    public PerBlock Op;

    /// <summary>The value being written.</summary>
    public PerBlock OpValue;

    /// <summary>Its stamp; 0 writes none.</summary>
    public PerBlock OpStamp;

    /// <summary>The values that an acknowledgement makes impossible.</summary>
    public PerBlock OpOlder;
}

/// <summary>How far an owner is.</summary>
internal static class Phase
{
    public const byte None = 0;
    public const byte Opening = 1;
    public const byte Serving = 2;
    public const byte Settled = 3;
    public const byte Suspended = 4;
}

/// <summary>A change of the record whose outcome its owner does not know.</summary>
internal static class Change
{
    public const byte None = 0;
    public const byte Sent = 1;
    public const byte Landed = 2;
}

/// <summary>Who writes.</summary>
internal static class OpKind
{
    public const byte None = 0;
    public const byte Client = 1;
    public const byte Reconcile = 2;
}
