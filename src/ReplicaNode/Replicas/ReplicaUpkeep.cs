using Replication.Actors.Timing;
using Replication.ReplicaNode.Sidecar;

namespace Replication.ReplicaNode.Replicas;

/// <summary>
/// What a replica does in its own time once a flush has passed: clean rises, marks that are not needed go,
/// and both are written along with the sidecar's next round, or with one of their own a little later.
/// </summary>
internal sealed class ReplicaUpkeep(
    SidecarState sidecar, ReplicaStanding standing, HotGate gate, ITimers timers)
{
    /// <summary>
    /// All that was answered before is durable, and complete up to the checkpoint. The header takes clean
    /// along with its next write: a flush needs no second sync after that of the data, and a clean that lags
    /// is only more to copy (P20).
    /// </summary>
    internal void OnFlushed(ulong checkpoint)
    {
        if (standing.RaiseClean(checkpoint))
        {
            WriteSoon();
        }

        if (gate.NeedsRoom)
        {
            Sweep();
        }
        else
        {
            SweepSoon();
        }
    }

    /// <summary>A sync of the replica's own has passed.</summary>
    internal void OnSynced(SyncWait wait)
    {
        if (wait.Purpose == SyncPurpose.Room)
        {
            gate.RoomMade();
            Sweep();
            gate.MakeRoomWhenNeeded();
        }
    }

    /// <summary>The owner says that all is well (P21).</summary>
    internal void Settle(ulong clean)
    {
        standing.Settle(clean);
        WriteSoon();
        SweepSoon();
    }

    /// <summary>Clears what marks may go now.</summary>
    internal void Sweep()
    {
        if (gate.Sweep())
        {
            WriteSoon();
            if (sidecar.Hot.Count > HotZones.MarksPerSweepMax)
            {
                SweepSoon();
            }
        }
    }

    private void SweepSoon()
    {
        if (sidecar.Hot.Count > 0 && !timers.IsActive(SweepHotZones.Instance))
        {
            timers.StartSingle(SweepHotZones.Instance, SweepHotZones.Instance, SweepHotZones.Delay);
        }
    }

    private void WriteSoon() =>
        timers.StartSingle(WriteLazily.Instance, WriteLazily.Instance, WriteLazily.Delay);
}
