using Replication.Messages;
using Replication.ReplicaNode.Sidecar;

namespace Replication.ReplicaNode.Replicas;

/// <summary>
/// Answers which regions are later than a stamp (P20): by their stamps, and as later than any where the stamp
/// is lost or an inherited hot mark says that it may be.
/// </summary>
internal static class RegionList
{
    /// <summary>Most regions that one answer looks at, 64 GiB of volume; the asker goes on behind.</summary>
    internal const long LookedAtMax = 1 << 20;

    internal static ReplicaRegions Of(
        ListReplicaRegions request, SidecarState sidecar, ReplicaStanding standing)
    {
        List<RegionStamp> found = [];
        long count = sidecar.Layout.RegionCount;
        long end = Math.Min(count, request.FirstRegion + LookedAtMax);
        long region = request.FirstRegion;
        while (region < end)
        {
            int zone = (int)(region / SidecarLayout.RegionsPerZone);
            bool isLater = standing.CountsAsLater(sidecar.Hot.IsInherited(zone));
            long zoneEnd = Math.Min(end, (zone + 1L) * SidecarLayout.RegionsPerZone);
            if (!isLater && sidecar.Stamps.Page(zone / SidecarLayout.ZonesPerStampPage).IsEmpty)
            {
                region = zoneEnd;
                continue;
            }

            for (; region < zoneEnd; region++)
            {
                ulong stamp = isLater ? StampMap.Unknown : sidecar.Stamps.Of(region);
                if (stamp <= request.After)
                {
                    continue;
                }

                if (found.Count == ReplicaRegions.CountMax)
                {
                    return new ReplicaRegions(request.Tag, found, region);
                }

                found.Add(new RegionStamp(region, stamp));
            }
        }

        return new ReplicaRegions(request.Tag, found, end);
    }

    /// <summary>The hot zones in runs, at most <see cref="ReplicaOpened.HotZonesMax"/>.</summary>
    internal static IReadOnlyList<ZoneRun> HotZones(HotMap hot)
    {
        List<StampedRun> runs = [];
        for (int zone = hot.NextFrom(0); zone >= 0; zone = hot.NextFrom(zone + 1))
        {
            if (runs.Count > 0 && runs[^1].End == zone)
            {
                runs[^1] = runs[^1] with { End = zone + 1 };
            }
            else
            {
                runs.Add(new StampedRun(zone, zone + 1, Stamp: 0));
            }
        }

        RangeJoiner.Join(runs, ReplicaOpened.HotZonesMax);
        return runs.ConvertAll(static run => new ZoneRun(run.Start, run.End - run.Start));
    }
}
