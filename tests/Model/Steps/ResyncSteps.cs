using Replication.Model.State;

namespace Replication.Model.Steps;

/// <summary>Bringing a Stale or Lapsed child back: open, copy, promote (P20, P21, P12b).</summary>
internal sealed class ResyncSteps(Rules rules, Bounds bounds, IStepSink sink) : StepGroup(rules, bounds, sink)
{
    public override void Expand(in World w)
    {
        for (var o = 0; o < 2 && Bounds.Resync; o++)
        {
            if (w.Owners[o].Phase < Phase.Serving)
            {
                continue;
            }

            for (var c = 0; c < Bounds.Children; c++)
            {
                var link = w.Children[c].Links[o];
                if (link.Believed == ChildState.Synced || (link.Resyncing == 1 && link.Open == 1))
                {
                    Copy(w, o, c);
                    ClearOwn(w, o, c);
                    Promote(w, o, c);
                }
                else
                {
                    Open(w, o, c);
                }
            }
        }
    }

    // A child Synced in either outcome of a change is no target of a resync (P3).
    private void Open(in World w, int o, int c)
    {
        ref readonly var child = ref w.Children[c];
        ref readonly var owner = ref w.Owners[o];
        var wanted = owner.Phase == Phase.Suspended ? ChildState.Lapsed : ChildState.Stale;
        var sameSession = !Rules.P13 && child.Links[o].Open == 1;
        if (child.Up == 0 || child.Fence > owner.Epoch || child.Links[o].Believed != wanted || Needs(w, o, c)
            || (child.LateValue != 0 && Rules.P9Wait && !sameSession) || !AnySource(w, o))
        {
            return;
        }

        var x = w;
        ref var joins = ref x.Children[c];
        ref var link = ref joins.Links[o];
        if (Rules.P20Copied || link.Resyncing == 0)
        {
            link.ToCopy = ToCopy(w, o, c);
        }

        joins.Fence = owner.Epoch;
        joins.Accepts = (byte)(o + 1);
        link.Open = link.SameLife = link.Resyncing = 1;
        joins.Continuous = Rules.P9Open ? (byte)0 : (byte)1;
        Sink.Take(ref x, new Step(StepKind.OpenStale, o, c, Value: link.ToCopy));
    }

    private bool AnySource(in World w, int o)
    {
        for (var c = 0; c < Bounds.Children; c++)
        {
            if (Votes(w, o, c) && Talks(w, o, c))
            {
                return true;
            }
        }

        return false;
    }

    private byte ToCopy(in World w, int o, int target)
    {
        ref readonly var joins = ref w.Children[target];
        byte blocks = 0;
        for (var b = 0; b < Bounds.Blocks; b++)
        {
            var later = joins.Clean == 0 || (Rules.P20Joined && w.Owners[o].Op[b] != OpKind.None);
            for (var c = 0; c < Bounds.Children; c++)
            {
                ref readonly var child = ref w.Children[c];
                var counts = c == target || (Votes(w, o, c) && Talks(w, o, c));
                later |= counts && (CountsAsLater(child) || child.Stamp[b] > joins.Clean);
            }

            blocks |= later ? Bit(b) : (byte)0;
        }

        return blocks;
    }

    // A mark of this incarnation stands for stamps that are in memory as well.
    private static bool CountsAsLater(in Child child) => child.HotInherited == 1 && child.Continuous == 0;

    private void Copy(in World w, int o, int c)
    {
        var suspended = w.Owners[o].Phase == Phase.Suspended;
        Span<int> votes = stackalloc int[8];
        for (var b = 0; b < Bounds.Blocks; b++)
        {
            if (!Has(w.Children[c].Links[o].ToCopy, b) || w.Owners[o].Op[b] != OpKind.None || !Talks(w, o, c)
                || IsRead(w, o, b) || Has(w.Owners[o].Reconcile, b))
            {
                continue;
            }

            votes.Clear();
            var stamp = CollectVotes(w, o, b, suspended, votes);
            for (byte value = 0; value < 8; value++)
            {
                if (Wins(w, o, votes, value, suspended))
                {
                    Copy(w, o, c, b, value, stamp);
                }
            }
        }
    }

    private byte CollectVotes(in World w, int o, int b, bool suspended, Span<int> votes)
    {
        byte stamp = 0;
        for (var c = 0; c < Bounds.Children; c++)
        {
            ref readonly var child = ref w.Children[c];
            if (Votes(w, o, c) && Talks(w, o, c) && (!suspended || child.Links[o].Source == 1))
            {
                votes[child.Data[b]]++;
                stamp = Math.Max(stamp, child.Stamp[b]);
            }
        }

        return stamp;
    }

    private bool Wins(in World w, int o, Span<int> votes, int value, bool suspended)
    {
        var answers = 0;
        var most = 0;
        foreach (var count in votes)
        {
            answers += count;
            most = Math.Max(most, count);
        }

        if (suspended)
        {
            return votes[value] > 0;
        }

        var synced = CountSynced(w, o);
        return answers >= ReadQuorum(synced) && votes[value] >= Threshold
            && (Threshold * 2 > synced || votes[value] == most);
    }

    private void Copy(in World w, int o, int c, int b, byte value, byte stamp)
    {
        stamp = Rules.P6 ? stamp : (byte)0;
        var x = w;
        Put(ref x, c, b, value, stamp, 0);
        x.Children[c].Links[o].ToCopy &= (byte)~Bit(b);
        Sink.Take(ref x, new Step(StepKind.Copy, o, c, b, value));
        if (w.Outs < Bounds.Outs && w.Children[c].LateValue == 0)
        {
            var y = w;
            y.Outs++;
            ref var child = ref y.Children[c];
            child.LateValue = (byte)(value + 1);
            child.LateStamp = stamp;
            child.LateBlock = (byte)b;
            if (Rules.P13)
            {
                CloseLink(ref y, o, c);
            }

            Sink.Take(ref y, new Step(StepKind.CopyLate, o, c, b, value));
        }
    }

    // P7: a mark of an earlier incarnation stands for stamps that are lost, and stays until all is copied.
    // An own one may go though its write fails elsewhere: that is reconciled before the child is promoted.
    // But a Lapsed child may come to count unpromoted (P12 c), with some blocks copied: its marks are all
    // that tells.
    private void ClearOwn(in World w, int o, int c)
    {
        ref readonly var child = ref w.Children[c];
        var link = child.Links[o];
        var clears = Bounds.Clearing && child.HotMemory == 1 && link.Resyncing == 1 && Talks(w, o, c)
            && (link.ToCopy == 0 || child.HotInherited == 0 || !Rules.P7Inherited)
            && (link.Believed != ChildState.Lapsed || !Rules.P7Lapsed);
        if (clears)
        {
            var x = w;
            ref var cleared = ref x.Children[c];
            SyncDisk(ref cleared);
            cleared.HotMemory = cleared.HotDisk = cleared.HotInherited = 0;
            Sink.Take(ref x, new Step(StepKind.OwnSync, o, c));
        }
    }

    private void Promote(in World w, int o, int c)
    {
        var before = w.Children[c].Links[o];
        ref readonly var owner = ref w.Owners[o];
        var drained = owner.Op[0] == OpKind.None && owner.Op[1] == OpKind.None;
        if (before.Believed == ChildState.Synced || before.Resyncing == 0 || !Talks(w, o, c)
            || !CanChange(w, o))
        {
            return;
        }

        if (before.ToCopy != 0 || (Rules.P21Drained && !drained)
            || (Rules.P21Reconciled && owner.Reconcile != 0))
        {
            return;
        }

        var x = w;
        if (Rules.P21Flushed)
        {
            SyncDisk(ref x.Children[c]);
        }

        if (w.Unknowns < Bounds.Unknowns && owner.Change == Change.None && owner.Phase != Phase.Suspended)
        {
            ProposePromotion(x, o, c);
        }

        ref var child = ref x.Children[c];
        child.Clean = Math.Max(child.Clean, Checkpoint(owner));
        child.Links[o].Believed = ChildState.Synced;
        child.Links[o].Source = owner.Phase == Phase.Suspended ? (byte)1 : (byte)0;
        child.Links[o].Resyncing = 0;
        Resume(ref x, o);
        Store(ref x, o);
        Sink.Take(ref x, new Step(StepKind.Promote, o, c));
    }

    private void ProposePromotion(in World w, int o, int c)
    {
        var x = w;
        x.Unknowns++;
        x.Owners[o].Change = Change.Sent;
        for (var i = 0; i < Bounds.Children; i++)
        {
            ref var link = ref x.Children[i].Links[o];
            link.Proposed = i == c ? ChildState.Synced : link.Believed;
        }

        Sink.Take(ref x, new Step(StepKind.PromoteUnknown, o, c));
    }

    // P12b ends with t Synced; what is Lapsed still, or did not open, misses what is written from now on.
    private void Resume(ref World x, int o)
    {
        var serving = 0;
        for (var i = 0; i < Bounds.Children; i++)
        {
            var link = x.Children[i].Links[o];
            serving += link.Believed == ChildState.Synced && link.Open == 1 ? 1 : 0;
        }

        if (x.Owners[o].Phase != Phase.Suspended || serving < Threshold)
        {
            return;
        }

        x.Owners[o].Phase = Phase.Serving;
        for (var i = 0; i < Bounds.Children && Rules.P12Resumed; i++)
        {
            ref var link = ref x.Children[i].Links[o];
            if (link.Believed == ChildState.Lapsed || (link.Believed == ChildState.Synced && link.Open == 0))
            {
                link.Believed = ChildState.Stale;
                CloseLink(ref x, o, i);
            }
        }
    }
}
