using System.Runtime.InteropServices;
using Replication.ReplicaNode.Sidecar;

namespace Replication.ReplicaNode.Replicas;

/// <summary>
/// What goes on in a replica's hot zones, and when a mark may go (P7). A change enters its zones before
/// anything of it may reach the disk and leaves them when it has ended; a zone that was entered keeps its
/// mark until the change's data and stamps are durable. Entering and leaving a zone that is hot allocates
/// nothing.
/// </summary>
internal sealed class HotZones(SidecarState sidecar, RoundCount dataSyncs)
{
    /// <summary>
    /// Most marks looked at by one sweep; the next one goes on where it ended. What a sweep costs is bounded
    /// also where damage made millions of zones hot.
    /// </summary>
    internal const int MarksPerSweepMax = 16_384;

    // Zones with changes that are under way or not yet durable. Only ever asked for one zone.
    private readonly Dictionary<int, ZoneActivity> _active = [];
    private int _sweepFrom;

    /// <summary>Marks that a change would add.</summary>
    internal int CountMissing(in ReplicaChange change)
    {
        int count = 0;
        for (int zone = change.FirstZone; zone <= change.LastZone; zone++)
        {
            count += sidecar.Hot.IsHot(zone) ? 0 : 1;
        }

        return count;
    }

    /// <summary>
    /// A change begins: its zones are marked. True when all the marks are durable and it may go on; else it
    /// waits for the next round of the sidecar, and its zones stay entered.
    /// </summary>
    internal bool Enter(in ReplicaChange change)
    {
        bool areDurable = true;
        for (int zone = change.FirstZone; zone <= change.LastZone; zone++)
        {
            sidecar.Hot.Mark(zone);
            areDurable &= sidecar.Hot.IsDurable(zone);
            CollectionsMarshal.GetValueRefOrAddDefault(_active, zone, out _).InFlight++;
        }

        return areDurable;
    }

    /// <summary>True when the marks of a change that waited are durable.</summary>
    internal bool AreDurable(in ReplicaChange change)
    {
        bool areDurable = true;
        for (int zone = change.FirstZone; zone <= change.LastZone; zone++)
        {
            areDurable &= sidecar.Hot.IsDurable(zone);
        }

        return areDurable;
    }

    /// <summary>
    /// A change that had entered is over, however it ended: what it did is durable with the next data sync
    /// and with the round that takes its stamps.
    /// </summary>
    internal void Leave(in ReplicaChange change)
    {
        for (int zone = change.FirstZone; zone <= change.LastZone; zone++)
        {
            ref ZoneActivity activity = ref CollectionsMarshal.GetValueRefOrNullRef(_active, zone);
            activity.InFlight--;
            activity.DataSync = change.HasData ? dataSyncs.Next : activity.DataSync;
            bool isDirty = sidecar.Stamps.Dirty.Has(zone / SidecarLayout.ZonesPerStampPage);
            activity.StampRound = isDirty ? sidecar.StampRounds.Next : sidecar.StampRounds.Begun;
        }
    }

    /// <summary>The incarnation has ended: no mark of it may go by what it had made durable.</summary>
    internal void EndLife() => sidecar.Hot.InheritAll();

    /// <summary>
    /// Clears, in memory, the marks that are not needed any more: nothing under way in the zone, its data and
    /// stamps durable, and for a holder its last change covered by a checkpoint. True when any was cleared.
    /// </summary>
    internal bool Sweep(ReplicaStanding standing)
    {
        int before = sidecar.Hot.Count;
        int zone = sidecar.Hot.NextFrom(_sweepFrom);
        for (int looked = 0; zone >= 0 && looked < MarksPerSweepMax; looked++)
        {
            SweepZone(zone, standing);
            zone = sidecar.Hot.NextFrom(zone + 1);
        }

        _sweepFrom = Math.Max(zone, 0);
        return sidecar.Hot.Count < before;
    }

    private void SweepZone(int zone, ReplicaStanding standing)
    {
        // What an earlier process left in the page cache is durable after the first sync of this one.
        bool isDurable = dataSyncs.Durable > 0;
        if (_active.TryGetValue(zone, out ZoneActivity activity))
        {
            isDurable &= activity.InFlight == 0
                && activity.DataSync <= dataSyncs.Durable
                && activity.StampRound <= sidecar.StampRounds.Durable;
        }

        if (!isDurable)
        {
            return;
        }

        _active.Remove(zone);
        if (standing.MayClear(sidecar.Hot.IsInherited(zone), sidecar.Stamps.LargestOfZone(zone)))
        {
            sidecar.Hot.Clear(zone);
        }
    }

    private struct ZoneActivity
    {
        /// <summary>Changes that entered and have not left.</summary>
        internal int InFlight;

        /// <summary>The data sync that covers all of them that have left.</summary>
        internal long DataSync;

        /// <summary>The sidecar's round that covers their stamps.</summary>
        internal long StampRound;
    }
}
