using Replication.Model.State;

namespace Replication.Model.Steps;

/// <summary>
/// Power loss, failed syncs, restarts, late writes, requests that time out, owners that die, rot.
/// </summary>
internal sealed class FaultSteps(Rules rules, Bounds bounds, IStepSink sink) : StepGroup(rules, bounds, sink)
{
    public override void Expand(in World w)
    {
        for (var c = 0; c < Bounds.Children; c++)
        {
            ref readonly var child = ref w.Children[c];
            if (child.Up == 0)
            {
                var x = w;
                x.Children[c].Up = 1;
                Sink.Take(ref x, new Step(StepKind.StartChild, Child: c));
                continue;
            }

            if (w.Losses < Bounds.Losses)
            {
                Lose(w, c, StepKind.LosePower);
                if (Bounds.FailedSyncs)
                {
                    Lose(w, c, StepKind.FailSync);
                }
            }

            WriteBack(w, c);
            Late(w, c);
            Rot(w, c);
        }

        for (var o = 0; o < 2; o++)
        {
            TimeOutIdle(w, o);
            Stop(w, o);
        }
    }

    // Any part of memory reaches the disk: each of what differs, by itself.
    private void Lose(in World w, int c, StepKind kind)
    {
        ref readonly var child = ref w.Children[c];
        var differs = child.HotMemory != child.HotDisk ? 16 : 0;
        for (var b = 0; b < Bounds.Blocks; b++)
        {
            differs |= child.Data[b] != child.Disk[b] ? 1 << b : 0;
            differs |= child.Stamp[b] != child.StampDisk[b] ? 4 << b : 0;
        }

        for (var reaches = differs; ; reaches = (reaches - 1) & differs)
        {
            var x = w;
            x.Losses++;
            Lose(ref x.Children[c], reaches, kind == StepKind.LosePower);
            Sink.Take(ref x, new Step(kind, Child: c, Value: reaches));
            if (reaches == 0)
            {
                return;
            }
        }
    }

    private void Lose(ref Child child, int reaches, bool power)
    {
        for (var b = 0; b < Bounds.Blocks; b++)
        {
            child.Disk[b] = Has(reaches, b) ? child.Data[b] : child.Disk[b];
            child.StampDisk[b] = Has(reaches, 2 + b) ? child.Stamp[b] : child.StampDisk[b];
        }

        child.HotDisk = Has(reaches, 4) ? child.HotMemory : child.HotDisk;
        child.Data = child.Disk;
        child.Stamp = child.StampDisk;
        child.HotMemory = child.HotInherited = child.HotDisk;
        child.Continuous = child.Ranges = 0;
        child.LateValue = child.LateStamp = child.LateBlock = 0;
        child.Up = power ? (byte)0 : (byte)1;
        if (Rules.P8)
        {
            child.Accepts = 0;
            child.Links[0].SameLife = child.Links[1].SameLife = 0;
        }
    }

    private void WriteBack(in World w, int c)
    {
        ref readonly var child = ref w.Children[c];
        for (var b = 0; b < Bounds.Blocks && Bounds.WriteBack && w.Losses < Bounds.Losses; b++)
        {
            if (child.Data[b] != child.Disk[b])
            {
                var x = w;
                x.Children[c].Disk[b] = child.Data[b];
                Sink.Take(ref x, new Step(StepKind.WriteBack, Child: c, Value: b));
            }

            if (child.Stamp[b] != child.StampDisk[b])
            {
                var x = w;
                x.Children[c].StampDisk[b] = child.Stamp[b];
                Sink.Take(ref x, new Step(StepKind.WriteBack, Child: c, Value: 2 + b));
            }
        }
    }

    private void Late(in World w, int c)
    {
        ref readonly var child = ref w.Children[c];
        if (child.LateValue == 0)
        {
            return;
        }

        var x = w;
        Put(ref x, c, child.LateBlock, (byte)(child.LateValue - 1), child.LateStamp, 0);
        Forget(ref x.Children[c]);
        var step = new Step(StepKind.ApplyLate, -1, c, child.LateBlock, child.LateValue - 1);
        Sink.Take(ref x, step);
        var y = w;
        Forget(ref y.Children[c]);
        Sink.Take(ref y, step with { Kind = StepKind.DropLate });
    }

    private static void Forget(ref Child child) => child.LateValue = child.LateStamp = child.LateBlock = 0;

    private void Rot(in World w, int c)
    {
        for (var b = 0; b < Bounds.Blocks && w.Rots < Bounds.Rots; b++)
        {
            var x = w;
            x.Rots++;
            x.Children[c].Data[b] = x.Children[c].Disk[b] = World.Rot;
            Sink.Take(ref x, new Step(StepKind.Rot, Child: c, Block: b));
        }
    }

    private void TimeOutIdle(in World w, int o)
    {
        for (var c = 0; c < Bounds.Children && Bounds.IdleOuts && w.Outs < Bounds.Outs; c++)
        {
            var link = w.Children[c].Links[o];
            if (link.Open == 0 || link.Op[0] == Progress.Sent || link.Op[1] == Progress.Sent
                || w.Owners[o].Phase < Phase.Serving || !(Needs(w, o, c) || link.Resyncing == 1))
            {
                continue;
            }

            var x = w;
            x.Outs++;
            CloseLink(ref x, o, c);
            Sink.Take(ref x, new Step(StepKind.TimeOutIdle, o, c));
        }
    }

    private void Stop(in World w, int o)
    {
        ref readonly var owner = ref w.Owners[o];
        var deposed = owner.Epoch < w.Epoch;
        if (owner.Phase == Phase.None || (!deposed && w.Stops >= Bounds.Stops))
        {
            return;
        }

        var x = w;
        x.Stops += deposed ? (byte)0 : (byte)1;
        for (var b = 0; b < Bounds.Blocks; b++)
        {
            if (x.Owners[o].Op[b] != OpKind.None)
            {
                WriteSteps.Fail(ref x, o, b);
            }
        }

        x.ClearOwner(o);
        Sink.Take(ref x, new Step(deposed ? StepKind.Depose : StepKind.StopOwner, o));
    }
}
