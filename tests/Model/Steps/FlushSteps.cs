using Replication.Model.State;

namespace Replication.Model.Steps;

/// <summary>Flushes child by child, checkpoints, and the clearing of hot marks (P7, P16).</summary>
internal sealed class FlushSteps(Rules rules, Bounds bounds, IStepSink sink) : StepGroup(rules, bounds, sink)
{
    public override void Expand(in World w)
    {
        for (var o = 0; o < 2; o++)
        {
            if (Runs(w, o) && w.Owners[o].Flushing == 0)
            {
                Start(w, o);
            }
            else if (Runs(w, o))
            {
                Continue(w, o);
            }
        }

        for (var c = 0; c < Bounds.Children && Bounds.Clearing; c++)
        {
            ClearHot(w, c);
        }
    }

    private void Start(in World w, int o)
    {
        if (w.Flushes >= Bounds.Flushes)
        {
            return;
        }

        var x = w;
        x.Flushes++;
        ref var owner = ref x.Owners[o];
        owner.Flushing = 1;
        owner.FlushValues = x.Possible;
        owner.FlushStamp = Rules.P16 ? Checkpoint(owner) : StampOf(owner);
        Sink.Take(ref x, new Step(StepKind.StartFlush, o, Value: owner.FlushStamp));
    }

    private void Continue(in World w, int o)
    {
        var all = true;
        var anyOut = false;
        for (var c = 0; c < Bounds.Children; c++)
        {
            var link = w.Children[c].Links[o];
            var needed = Needs(w, o, c);
            all &= !needed || link.Flushed == 1;
            anyOut |= needed && link.Open == 0;
            if (link.Flushed == 0 && Talks(w, o, c) && (needed || (!Rules.P20Clean && link.Resyncing == 1)))
            {
                var x = w;
                ref var child = ref x.Children[c];
                SyncDisk(ref child);
                Cover(ref child, w.Owners[o].FlushStamp);
                child.Links[o].Flushed = 1;
                Sink.Take(ref x, new Step(StepKind.SyncChild, o, c));
            }
        }

        if (all)
        {
            var x = w;
            x.Durable = Serves(w, o) ? x.Owners[o].FlushValues : x.Durable;
            End(ref x, o);
            Sink.Take(ref x, new Step(StepKind.EndFlush, o));
        }

        if (anyOut)
        {
            var x = w;
            End(ref x, o);
            Sink.Take(ref x, new Step(StepKind.GiveUpFlush, o));
        }
    }

    // A child that is not settled keeps its clean; the checkpoint passes the low-water mark of its ranges.
    private void Cover(ref Child child, byte checkpoint)
    {
        if (child.Continuous == 1 || !Rules.P20Clean)
        {
            child.Clean = Math.Max(child.Clean, checkpoint);
        }

        for (var b = 0; b < Bounds.Blocks; b++)
        {
            child.Ranges &= child.Stamp[b] <= checkpoint ? (byte)~Bit(b) : (byte)0xFF;
        }
    }

    /// <summary>Forgets the flush under way.</summary>
    public static void End(ref World x, int o)
    {
        ref var owner = ref x.Owners[o];
        owner.Flushing = owner.FlushStamp = 0;
        owner.FlushValues = default;
        for (var c = 0; c < 4; c++)
        {
            x.Children[c].Links[o].Flushed = 0;
        }
    }

    // Only a continuous child knows its zone's last write: a mark from before the process start waits for
    // reconcile.
    private void ClearHot(in World w, int c)
    {
        ref readonly var child = ref w.Children[c];
        var covered = child.HotMemory == 1 && child.Up == 1 && child.Continuous == 1;
        for (var b = 0; b < Bounds.Blocks; b++)
        {
            covered &= child.Disk[b] == child.Data[b] && child.StampDisk[b] == child.Stamp[b]
                && child.Stamp[b] <= child.Clean;
        }

        if (covered)
        {
            var x = w;
            ref var cleared = ref x.Children[c];
            cleared.HotMemory = cleared.HotDisk = cleared.HotInherited = 0;
            Sink.Take(ref x, new Step(StepKind.ClearHot, Child: c));
        }
    }
}
