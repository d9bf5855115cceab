using Replication.Actors;
using Replication.Actors.Disk;
using Replication.Coordinator.Requests;
using Replication.Messages;

namespace Replication.Coordinator.Resync;

/// <summary>
/// Finds the regions that a resync has to do, a page at a time (P20): those later than the target's clean on
/// any source or on itself. With clean 0 everything is to do, but a region that was never stamped and is a
/// hole on the target and on every source is known to agree.
/// </summary>
/// <remarks>
/// A source that does not answer is left out from then on: the others that are Synced know of the same
/// writes. The last one that fails, or the target, fails the resync. Runs within its job.
/// </remarks>
internal sealed class RegionLister
{
    /// <summary>How a step of the listing ended.</summary>
    internal abstract record Outcome
    {
        private Outcome()
        {
        }

        /// <summary>More answers are needed.</summary>
        internal sealed record Waiting : Outcome
        {
            internal static Waiting Instance { get; } = new();
        }

        /// <summary>The regions of the page that are to do, rising.</summary>
        internal sealed record Page(IReadOnlyList<RegionStamp> Regions) : Outcome;

        /// <summary>There is no one left to ask.</summary>
        internal sealed record Failed(string Reason) : Outcome;
    }

    private const int RegionLengthBytes = RequestLimits.RegionLengthBytes;

    // Tags: two for each participant, plus the page, so that late answers are told apart.
    private const int ExtentsBit = 1 << 8;
    private const int PageShift = 9;
    private const int PageMask = 0xFFFF;

    private readonly ResyncAssignment _assignment;
    private readonly List<Participant> _participants;
    private readonly long _regionCount;
    private long _next;
    private int _page;

    internal RegionLister(ResyncAssignment assignment)
    {
        _assignment = assignment;
        _participants = [.. assignment.Sources.Select(static source => new Participant(source, false))];
        _participants.Add(new Participant(assignment.Target, true));
        _regionCount = (assignment.SizeBytes + RegionLengthBytes - 1) / RegionLengthBytes;
    }

    /// <summary>True while a page is being asked for.</summary>
    internal bool IsListing { get; private set; }

    /// <summary>True when every page was listed.</summary>
    internal bool IsDone => _next >= _regionCount;

    private long PageEnd => Math.Min(_regionCount, _next + ReplicaRegions.CountMax);

    /// <summary>Asks everyone for the next page.</summary>
    internal void AskNext(IActorRef job)
    {
        IsListing = true;
        _page++;
        for (int index = 0; index < _participants.Count; index++)
        {
            Participant participant = _participants[index];
            if (participant.IsOut)
            {
                continue;
            }

            participant.Begin(_assignment.Everything);
            int tag = ((_page & PageMask) << PageShift) | index;
            ReplicaTicket ticket = participant.Child.Ticket;
            participant.Child.Replica.Tell(new ListReplicaRegions(tag, ticket, After, _next), job);
            if (_assignment.Everything)
            {
                long offset = _next * RegionLengthBytes;
                long end = Math.Min(PageEnd * RegionLengthBytes, _assignment.SizeBytes);
                participant.Child.Replica.Tell(
                    new QueryReplicaExtents(tag | ExtentsBit, ticket, offset, end - offset), job);
            }
        }
    }

    private ulong After => _assignment.Everything ? 0 : _assignment.Clean;

    /// <summary>A replica has answered.</summary>
    internal Outcome Take(ReplicaReply reply)
    {
        int index = reply.Tag & (ExtentsBit - 1);
        if (!IsListing || reply.Tag >> PageShift != (_page & PageMask) || index >= _participants.Count)
        {
            return Outcome.Waiting.Instance;
        }

        Participant participant = _participants[index];
        switch (reply)
        {
            case ReplicaRegions regions when regions.NextRegion > _next:
                participant.Regions = regions;
                break;
            case ReplicaExtents extents:
                participant.Extents = extents.Extents;
                break;
            case ReplicaFailed when (reply.Tag & ExtentsBit) != 0:
                // It cannot say: everything there counts as data.
                participant.Extents = [];
                break;
            case ReplicaFailed failed:
                return SetOut(participant, failed.Reason);
            default:
                return SetOut(participant, "its list of regions makes no sense");
        }

        return FinishWhenComplete();
    }

    /// <summary>Those that have not answered are left out.</summary>
    internal Outcome GiveUpWaiting()
    {
        Outcome outcome = Outcome.Waiting.Instance;
        foreach (Participant participant in _participants)
        {
            if (IsListing && !participant.IsOut && !participant.IsComplete)
            {
                outcome = SetOut(participant, "it did not list its regions in time");
            }
        }

        return outcome;
    }

    private Outcome SetOut(Participant participant, string reason)
    {
        participant.IsOut = true;
        bool isLast = _participants.TrueForAll(static other => other.IsTarget || other.IsOut);
        if (participant.IsTarget || isLast)
        {
            IsListing = false;
            return new Outcome.Failed($"{participant.Child.NodeName}: {reason}");
        }

        return FinishWhenComplete();
    }

    private Outcome FinishWhenComplete()
    {
        if (!IsListing || !_participants.TrueForAll(static one => one.IsOut || one.IsComplete))
        {
            return Outcome.Waiting.Instance;
        }

        IsListing = false;
        long end = _participants.Where(static one => !one.IsOut).Min(static one => one.Regions!.NextRegion);
        end = Math.Min(end, _assignment.Everything ? PageEnd : _regionCount);
        SortedDictionary<long, ulong> found = [];
        foreach (Participant participant in _participants)
        {
            if (!participant.IsOut)
            {
                AddStamped(participant, end, found);
                AddData(participant, end, found);
            }
        }

        _next = end;
        return new Outcome.Page([.. found.Select(static one => new RegionStamp(one.Key, one.Value))]);
    }

    /// <summary>
    /// A region that only the target calls later is stamped up to its clean: no source has more there.
    /// </summary>
    private void AddStamped(Participant participant, long end, SortedDictionary<long, ulong> found)
    {
        foreach (RegionStamp region in participant.Regions!.Regions)
        {
            if (region.Region >= _next && region.Region < end)
            {
                ulong stamp = participant.IsTarget ? After : region.Stamp;
                found[region.Region] = Math.Max(stamp, found.GetValueOrDefault(region.Region));
            }
        }
    }

    private void AddData(Participant participant, long end, SortedDictionary<long, ulong> found)
    {
        if (participant.Extents is not { } extents)
        {
            return;
        }

        long known = _next * RegionLengthBytes;
        foreach (DiskExtent extent in extents)
        {
            long extentEnd = extent.OffsetBytes + extent.LengthBytes;
            if (!extent.IsHole)
            {
                AddAll(Math.Max(known, extent.OffsetBytes), extentEnd);
            }

            known = Math.Max(known, extentEnd);
        }

        // What the answer does not reach counts as data.
        AddAll(known, Math.Min(end * RegionLengthBytes, _assignment.SizeBytes));

        void AddAll(long from, long to)
        {
            long last = from < to ? Math.Min(end, (to + RegionLengthBytes - 1) / RegionLengthBytes) : 0;
            for (long region = from / RegionLengthBytes; region < last; region++)
            {
                found[region] = found.GetValueOrDefault(region);
            }
        }
    }

    /// <summary>A replica that is asked for its regions, and what it said of this page.</summary>
    private sealed class Participant(ChildView child, bool isTarget)
    {
        private bool _wantsExtents;

        internal ChildView Child { get; } = child;

        internal bool IsTarget { get; } = isTarget;

        internal bool IsOut { get; set; }

        internal ReplicaRegions? Regions { get; set; }

        internal IReadOnlyList<DiskExtent>? Extents { get; set; }

        internal bool IsComplete => Regions is not null && (!_wantsExtents || Extents is not null);

        internal void Begin(bool wantsExtents)
        {
            _wantsExtents = wantsExtents;
            Regions = null;
            Extents = null;
        }
    }
}
