namespace Replication.ReplicaNode.Replicas;

/// <summary>What a wait for durability was for.</summary>
internal enum SyncPurpose
{
    Open,
    Fua,
    Flush,
    Record,
    CloseFlush,
    CloseMark,

    /// <summary>A change waits for its zones' hot marks (P7).</summary>
    Marks,

    /// <summary>A target's own sync, so that marks may go; nobody is answered.</summary>
    Room,

    /// <summary>What is written lazily; nobody is answered.</summary>
    Lazy,
}

/// <summary>Somebody who is answered when one or both lanes of syncs have passed.</summary>
internal sealed class SyncWait(SyncPurpose purpose, int opening)
{
    internal SyncPurpose Purpose { get; } = purpose;

    /// <summary>The open that is answered then; null when it is something else.</summary>
    internal PendingOpen? Open { get; init; }

    /// <summary>The request that is answered then; without one for an open, or when nobody is.</summary>
    internal AskedRequest Asked { get; init; }

    /// <summary>When the disk got the request's work on the raw file, or this wait began.</summary>
    internal long DiskStartedAt { get; init; }

    /// <summary>When that work had ended; 0 where the sync is all of it.</summary>
    internal long DiskEndedAt { get; init; }

    /// <summary>As <see cref="ReplicaIo.Opening"/>.</summary>
    internal int Opening { get; } = opening;

    /// <summary>A flush's or close's checkpoint (P16).</summary>
    internal ulong Checkpoint { get; init; }

    /// <summary>Nobody is answered: it is no request.</summary>
    internal bool IsInternal => Purpose is SyncPurpose.Room or SyncPurpose.Lazy;

    /// <summary>Bytes that the request still counts for.</summary>
    internal long HeldBytes { get; init; }

    /// <summary>Syncs that have to pass before it is done.</summary>
    internal int LanesLeft { get; set; }

    /// <summary>For a close: it no longer waits for the session's other requests.</summary>
    internal bool IsStarted { get; set; }

    /// <summary>It was answered with a failure; a lane that passes later finds nothing to do.</summary>
    internal bool HasFailed { get; set; }
}
