namespace Replication.ReplicaNode.Observing;

/// <summary>What a replica was asked.</summary>
public enum ReplicaOperation
{
    /// <summary>The bytes of a range.</summary>
    Read,

    /// <summary>The digest of a range, or those of its blocks.</summary>
    Digest,

    /// <summary>To write a range.</summary>
    Write,

    /// <summary>To make a range read zero.</summary>
    Zero,

    /// <summary>To raise the stamps of a range alone (P6).</summary>
    Stamp,

    /// <summary>To make everything durable (P16).</summary>
    Flush,

    /// <summary>What is data and what is a hole.</summary>
    Extents,

    /// <summary>Which regions are later than a stamp (P20).</summary>
    Regions,

    /// <summary>To keep a copy of the volume's record (P4).</summary>
    StoreRecord,

    /// <summary>To count as continuous from now on (P9).</summary>
    Settle,

    /// <summary>Whether it still works for its owner (P14).</summary>
    Confirm,

    /// <summary>To end the session.</summary>
    Close,
}
