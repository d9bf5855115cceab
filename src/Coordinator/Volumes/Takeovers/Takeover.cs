using Replication.Actors.Disk;
using Replication.Cluster.Records;
using Replication.Coordinator.Entry;
using Replication.Coordinator.Events;
using Replication.Messages;

namespace Replication.Coordinator.Volumes.Takeovers;

/// <summary>
/// Makes a volume this owner's, at its start and again whenever children lost their memory and too few
/// others are left (P10, P12): raises the epoch, has the children opened, and records what
/// <see cref="TakeoverRules"/> decides, until nothing is left to be recorded or copied. Runs within the
/// volume's actor, with no request under way.
/// </summary>
internal sealed class Takeover(VolumeParts parts, ChildOpening opening)
{
    // Children that are copied from while the volume recovers.
    private readonly SortedSet<int> _sources = [];
    private bool _hasServed;
    private bool _hasRecovered;
    private bool _mayGiveUp;
    private long? _sourceMissingSince;

    /// <summary>True when another takeover is to begin once no request is under way.</summary>
    internal bool IsWanted { get; private set; }

    /// <summary>While the volume recovers: each child that is copied from can be reached.</summary>
    internal bool AreSourcesOpen =>
        _sources.All(index => parts.Children.Find(index) is { IsSynced: true, IsOpen: true });

    /// <summary>
    /// False while a child recorded Synced may have writes under way that those copied from do not have, or
    /// lack theirs: it was away when the volume recovered, and nothing that it has to be told may be
    /// forgotten (P16, P17).
    /// </summary>
    internal bool MayForget => !_hasRecovered || parts.Record.Children.All(
        child => child.State != ChildState.Synced || _sources.Contains(child.Index));

    internal void Want() => IsWanted = true;

    /// <summary>Each life of the owner, and each takeover in it, has its own epoch (P9).</summary>
    internal void Begin()
    {
        IsWanted = false;
        _mayGiveUp = false;
        _sources.Clear();
        _sourceMissingSince = null;
        parts.State.Open();
        opening.Suspend();
        parts.Resyncs.StopAll("a new epoch begins");
        parts.Calls.Forget();
        RecordPurpose purpose = new("", OnEpochRaised) { IsCopied = false };
        if (parts.Changes.Begin(parts.Record.WithEpochRaised(parts.Seams.Owner), purpose) is { } refusal)
        {
            parts.Stop(refusal);
        }
    }

    /// <summary>Goes on with the takeover as far as the children that are open allow.</summary>
    internal void Decide()
    {
        if (!parts.State.IsOpening || !opening.IsOwner || parts.Keeper.IsChanging)
        {
            return;
        }

        int threshold = parts.Record.Options.Threshold;
        TakeoverDecision decision =
            TakeoverRules.Decide(parts.Children.Standings, threshold, _mayGiveUp && opening.HasWaited);
        switch (decision)
        {
            case TakeoverDecision.Wait:
                break;
            case TakeoverDecision.TooFew few:
                parts.State.HoldUpOpening(
                    $"{few.Open} of {few.Of} children could be opened, {few.Needed} are needed: "
                    + $"waiting for {parts.Children.Missing(ChildState.Synced, ChildState.Lapsed)}",
                    parts.Record);
                break;
            case TakeoverDecision.Serve serve:
                RecordOrAccept(serve.Changes, decision);
                break;
            case TakeoverDecision.Recover recover:
                RecordOrAccept(recover.Changes, decision);
                break;
            case TakeoverDecision.StartOver over when RefusalToStartOver() is { } refusal:
                RefuseToStartOver(over, refusal);
                break;
            case TakeoverDecision.StartOver over:
                RecordOrAccept(over.Changes, decision);
                break;
            default:
                throw new InvalidOperationException($"no such decision: {decision}");
        }
    }

    /// <summary>
    /// A child has answered: those that have not are given up with the next tick at the earliest, for one
    /// that comes rarely comes alone.
    /// </summary>
    internal void OnOpened() => _mayGiveUp = false;

    /// <summary>
    /// Time has passed. While the volume recovers, a source that stays away is not waited for without end.
    /// </summary>
    internal void OnTick()
    {
        _mayGiveUp = true;
        if (!parts.State.IsRecovering || AreSourcesOpen)
        {
            _sourceMissingSince = null;
            return;
        }

        _sourceMissingSince ??= parts.Time.GetTimestamp();
        if (parts.Time.GetElapsedTime(_sourceMissingSince.Value) >= parts.Settings.OpenTimeout)
        {
            Want();
        }
    }

    /// <summary>
    /// A child recorded Synced is open while the volume recovers. One that is no source changes what there
    /// is to copy from, and so does one that forgot: the takeover is made anew.
    /// </summary>
    internal void OnSyncedOpened(ChildSlot slot)
    {
        if (!_sources.Contains(slot.Record.Index) || !slot.IsTrusted)
        {
            Want();
        }
    }

    /// <summary>A child that was copied to is Synced: it is copied from, or serves with the others.</summary>
    internal void OnPromoted(ChildSlot slot)
    {
        _sources.Add(slot.Record.Index);
        if (parts.State.IsRecovering && parts.Children.OpenSyncedCount >= parts.Record.Options.Threshold)
        {
            _hasServed = true;
            parts.State.BeginServing();
        }
    }

    private void OnEpochRaised(bool isRaised)
    {
        // It may have been told to close meanwhile: what was not opened needs no closing.
        if (isRaised && parts.State.IsOpening)
        {
            opening.Begin(parts.Record);
        }
    }

    private void RecordOrAccept(IReadOnlyList<ChildStateChange> changes, TakeoverDecision decision)
    {
        bool isRecovery = decision is TakeoverDecision.Recover;
        string reason = isRecovery
            ? "lost its memory of unflushed writes"
            : "could not be opened with all it had written";

        // Whatever comes of it, what is known then decides: children may have come and gone meanwhile.
        RecordPurpose purpose = new(reason, static _ => { });
        if (changes.Count > 0)
        {
            RecordChange change = isRecovery
                ? parts.Record.WithStatesSuspended(changes)
                : parts.Record.WithStates(changes);
            if (parts.Changes.Begin(change, purpose with { Faults = FaultsOf(changes) }) is { } refusal)
            {
                parts.Stop(refusal);
            }
        }
        else if (!parts.Children.HaveCopies(parts.Record.Serial))
        {
            parts.Changes.BeginCopy(purpose);
        }
        else
        {
            Accept(decision);
        }
    }

    /// <summary>Why each child that was not opened was not.</summary>
    private IReadOnlyList<Requests.ChildFault> FaultsOf(IReadOnlyList<ChildStateChange> changes) =>
    [
        .. changes.Where(static change => change.State == ChildState.Stale)
            .Select(change => parts.Children.Find(change.ChildIndex)!)
            .Where(static slot => !slot.IsOpen)
            .Select(static slot => slot.Fault(
                Requests.FaultKind.Out, Errno.TimedOut, slot.Reason ?? "could not be opened")),
    ];

    private void Accept(TakeoverDecision decision)
    {
        bool startsOver = decision is TakeoverDecision.StartOver;
        ChildSlot[] holders = [.. parts.Children.SyncedOpen];
        RangeSet hot = HotZonesOf(holders);
        RangeSet toReconcile = UnderWayOf(holders);
        if (startsOver)
        {
            toReconcile.AddAll(hot);
        }

        const long Zone = RequestLimits.ZoneLengthBytes;
        parts.Desk.BeginEpoch(parts.Record.Epoch, toReconcile, (hot.LengthBytes + Zone - 1) / Zone);
        foreach (ChildSlot slot in holders)
        {
            slot.Trust();
        }

        if (startsOver && MayHaveLost(hot))
        {
            PartWithClients();
        }

        _hasRecovered = decision is TakeoverDecision.Recover;
        if (_hasRecovered)
        {
            _sources.UnionWith(holders.Select(static slot => slot.Record.Index));
            CloseLapsed();
            parts.State.BeginRecovering();
        }
        else
        {
            _hasServed = true;
            parts.State.BeginServing();
        }

        opening.KeepTrying();
    }

    /// <summary>
    /// They were opened as holders of every flushed write; from here on they are copied to, which is another
    /// role (P7), and needs a session of its own.
    /// </summary>
    private void CloseLapsed()
    {
        foreach (ChildSlot slot in parts.Children.Slots.Where(static slot =>
            slot.Record.State == ChildState.Lapsed))
        {
            slot.CancelAttempt();
            if (slot.IsOpen)
            {
                parts.Context.Unwatch(slot.View.Replica);
                slot.SetNotOpen(ChildLink.Closed, slot.Reason ?? "lost its memory of unflushed writes");
            }
        }
    }

    /// <summary>
    /// Writes that no flush followed are in hot zones, and only there (P7). An owner that has served does not
    /// rely on that towards clients that read what may be gone.
    /// </summary>
    private bool MayHaveLost(RangeSet hot) =>
        parts.Record.Options.Durability == Durability.Flush && (!hot.IsEmpty || _hasServed);

    private string? RefusalToStartOver()
    {
        bool mayHaveLost = MayHaveLost(HotZonesOf(parts.Children.Slots.Where(static slot =>
            slot.IsOpen && slot.Record.State is ChildState.Synced or ChildState.Lapsed)));
        return mayHaveLost && parts.Record.Options.OnCacheLoss == CacheLossPolicy.Refuse
            ? "every replica lost its memory of unflushed writes, and on-cache-loss is refuse: a volume "
                + "whose on-cache-loss is continue would open without them"
            : null;
    }

    /// <summary>A child that is still away may know everything, which helps; nothing else does.</summary>
    private void RefuseToStartOver(TakeoverDecision.StartOver over, string refusal)
    {
        string missing = parts.Children.Missing(ChildState.Synced);
        if (missing.Length > 0 && over.Changes.Count > 0)
        {
            parts.State.HoldUpOpening(
                $"{refusal}, and so would {missing} help, which is waited for", parts.Record);
        }
        else
        {
            parts.Stop(refusal);
        }
    }

    /// <summary>
    /// What clients have read may be gone (I7): their connections end with an error before anything else is
    /// answered, and new ones are taken.
    /// </summary>
    private void PartWithClients()
    {
        string name = parts.Record.Name;
        const string Reason = "every replica lost its memory of unflushed writes";
        parts.Context.System.EventStream.Publish(new VolumeWithdrawn(name, Reason));
        parts.Desk.SetGate(new Gate.Refuse(new RangeFailed(Errno.Shutdown, Reason)));
        parts.Herald.Offer(parts.Record);
        parts.Context.System.EventStream.Publish(new UnflushedWritesLost(parts.Now, name, Reason));
        parts.Context.System.Log.Warning($"volume {name}", $"{Reason}: writes without a flush may be gone");
    }

    private RangeSet UnderWayOf(IEnumerable<ChildSlot> holders)
    {
        RangeSet found = new();
        foreach (ByteRange range in holders.SelectMany(static slot => slot.Opened.UnderWay))
        {
            AddWithin(found, range.OffsetBytes, range.LengthBytes);
        }

        return found;
    }

    private RangeSet HotZonesOf(IEnumerable<ChildSlot> holders)
    {
        RangeSet found = new();
        foreach (ZoneRun run in holders.SelectMany(static slot => slot.Opened.HotZones))
        {
            AddWithin(
                found,
                run.FirstZone * RequestLimits.ZoneLengthBytes,
                run.Count * RequestLimits.ZoneLengthBytes);
        }

        return found;
    }

    private void AddWithin(RangeSet set, long offsetBytes, long lengthBytes)
    {
        long start = Math.Clamp(offsetBytes, 0, parts.Record.SizeBytes);
        long length = Math.Min(lengthBytes, parts.Record.SizeBytes - start);
        if (length > 0)
        {
            set.Add(start, length);
        }
    }
}
