namespace Replication.Coordinator.Observing;

/// <summary>What a request was: those of clients first, then those of the owner itself.</summary>
public enum RequestKind
{
    /// <summary>A client's read.</summary>
    Read,

    /// <summary>A client's write.</summary>
    Write,

    /// <summary>A client's write-zeroes.</summary>
    Zero,

    /// <summary>A client's discard, which to the volume is the same (P15).</summary>
    Trim,

    /// <summary>A client's flush.</summary>
    Flush,

    /// <summary>A client's block status.</summary>
    Extents,

    /// <summary>The owner makes children agree after a failure (P18).</summary>
    Reconcile,

    /// <summary>The owner's flush that lets hot marks go (P16).</summary>
    Checkpoint,

    /// <summary>A region is copied to a child that is resynced (P20).</summary>
    Copy,
}
