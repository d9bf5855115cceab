namespace Replication.Model.Steps;

/// <summary>How far a search goes: every run within these bounds is looked at, none beyond.</summary>
internal sealed record Bounds
{
    /// <summary>Children, 1 to 4; all are Synced at first.</summary>
    public int Children { get; init; } = 2;

    /// <summary>t, 1 or 2.</summary>
    public int Threshold { get; init; } = 1;

    /// <summary>Blocks in use, 1 or 2.</summary>
    public int Blocks { get; init; } = 1;

    /// <summary>Client writes, at most 3.</summary>
    public int Writes { get; init; } = 1;

    /// <summary>Power losses (and failed syncs, with <see cref="FailedSyncs"/>) of single children.</summary>
    public int Losses { get; init; }

    /// <summary>Owners that are killed.</summary>
    public int Stops { get; init; }

    /// <summary>Times that a gateway takes the volume over; the first owner is there at the start.</summary>
    public int Takeovers { get; init; }

    /// <summary>May a gateway take over while another one still serves?</summary>
    public bool Split { get; init; }

    /// <summary>Requests that time out at a child that is up.</summary>
    public int Outs { get; init; }

    /// <summary>May a request time out that is not a write?</summary>
    public bool IdleOuts { get; init; }

    /// <summary>Changes of the record whose outcome is unknown at first.</summary>
    public int Unknowns { get; init; }

    /// <summary>Client flushes.</summary>
    public int Flushes { get; init; }

    /// <summary>Blocks that rot on one child.</summary>
    public int Rots { get; init; }

    /// <summary>Are reads made? Without, only what is on the disks is checked.</summary>
    public bool Reads { get; init; } = true;

    /// <summary>Does what is on the disks break an invariant, or only what clients are told?</summary>
    public bool Disks { get; init; } = true;

    /// <summary>Is each answer to a read a step of its own?</summary>
    public bool ReadSteps { get; init; }

    /// <summary>Are Stale children resynced?</summary>
    public bool Resync { get; init; }

    /// <summary>Are hot marks cleared?</summary>
    public bool Clearing { get; init; }

    /// <summary>
    /// Do single blocks and stamps reach the disk at any time, not only when the power goes?
    /// </summary>
    public bool WriteBack { get; init; }

    /// <summary>Are children that lose a vote repaired?</summary>
    public bool Repair { get; init; }

    /// <summary>Can a sync fail?</summary>
    public bool FailedSyncs { get; init; }

    /// <summary>Can two writes be under way at once?</summary>
    public bool Concurrent { get; init; }
}
