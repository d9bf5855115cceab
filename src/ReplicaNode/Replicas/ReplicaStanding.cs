using Replication.Messages;
using Replication.ReplicaNode.Sidecar;

namespace Replication.ReplicaNode.Replicas;

/// <summary>
/// What a replica counts for: its role in the session that is open, whether it is continuous (P9), and what
/// follows for its clean (P16, P20) and its hot marks (P7). Changes of the header wait for its next write.
/// </summary>
internal sealed class ReplicaStanding(SidecarState sidecar)
{
    private bool _isSettled;

    internal ReplicaRole Role { get; private set; }

    /// <summary>
    /// It has kept every write it ever took since an owner settled it. In memory only: a process starts
    /// without it, unless the last one was closed cleanly with it.
    /// </summary>
    internal bool IsContinuous { get; private set; } = sidecar.Header is
    {
        ClosedCleanly: true,
        ClosedContinuous: true,
        Incomplete: false,
    };

    /// <summary>
    /// The replica can clear marks on its own account, so a write may wait for room among them. A holder that
    /// is not continuous clears none: its owner reconciles first, and that must not wait.
    /// </summary>
    internal bool ClearsMarks => IsContinuous || Role == ReplicaRole.Target;

    /// <summary>
    /// A session begins. An owner that opens it as a target knows of acknowledged writes it may lack: it is
    /// continuous no more. An open never makes it so (P9).
    /// </summary>
    internal void Open(ReplicaRole role)
    {
        Role = role;
        IsContinuous &= role == ReplicaRole.Holder;
    }

    /// <summary>
    /// The owner says that all is well with it (P21): continuous, a holder, complete, and clean up to a
    /// checkpoint. Inherited marks tell nothing more than own ones from here on.
    /// </summary>
    internal void Settle(ulong clean)
    {
        if (Role != ReplicaRole.Holder)
        {
            sidecar.Stamps.SettleUnknown();
        }

        Role = ReplicaRole.Holder;
        IsContinuous = true;
        _isSettled = true;
        SidecarHeader header = sidecar.Header;
        if (header.Incomplete || clean > header.Clean)
        {
            sidecar.Header = header with { Incomplete = false, Clean = Math.Max(clean, header.Clean) };
        }
    }

    /// <summary>
    /// A flush has made durable all that the checkpoint covers; true when clean has risen. It never rises
    /// while the replica is a target, nor before its holder's session is settled: a Lapsed child is a holder
    /// that lacks unflushed writes (P12, P20).
    /// </summary>
    internal bool RaiseClean(ulong checkpoint)
    {
        if (!IsContinuous || checkpoint <= sidecar.Header.Clean)
        {
            return false;
        }

        sidecar.Header = sidecar.Header with { Clean = checkpoint };
        return true;
    }

    /// <summary>A sync failed (P8): what was not synced may be lost.</summary>
    internal void EndLife()
    {
        IsContinuous = false;
        _isSettled = false;
    }

    /// <summary>
    /// True when a mark tells nothing that stamps and clean do not, given that all that the zone holds is
    /// durable (P7). Clean is the checkpoint of the last flush that a holder took part in.
    /// </summary>
    internal bool MayClear(bool isInherited, ulong largestStamp) => Role == ReplicaRole.Target
        ? !isInherited || _isSettled
        : IsContinuous && largestStamp <= sidecar.Header.Clean;

    /// <summary>
    /// True when an inherited mark stands for changes whose stamps may be lost: the zone counts as later than
    /// any stamp.
    /// </summary>
    internal bool CountsAsLater(bool isInherited) => isInherited && !_isSettled && !IsContinuous;
}
