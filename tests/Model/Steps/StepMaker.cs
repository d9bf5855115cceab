using Replication.Model.State;

namespace Replication.Model.Steps;

/// <summary>
/// All steps of the model under some rules and bounds, the first state, and the invariants of a state.
/// </summary>
internal sealed class StepMaker
{
    private readonly StepGroup[] _groups;
    private readonly Bounds _bounds;

    public StepMaker(Rules rules, Bounds bounds, IStepSink sink)
    {
        _bounds = bounds;
        _groups =
        [
            new WriteSteps(rules, bounds, sink),
            new ReadSteps(rules, bounds, sink),
            new FlushSteps(rules, bounds, sink),
            new StoreSteps(rules, bounds, sink),
            new OpeningSteps(rules, bounds, sink),
            new ResyncSteps(rules, bounds, sink),
            new FaultSteps(rules, bounds, sink),
        ];
    }

    /// <summary>Owner 0 has settled in epoch 1, all children are Synced, nothing was written.</summary>
    public static World First(Bounds bounds)
    {
        var w = new World { Epoch = 1, NextWrite = 1 };
        w.Owners[0].Phase = Phase.Settled;
        w.Owners[0].Epoch = 1;
        for (var b = 0; b < bounds.Blocks; b++)
        {
            w.Possible[b] = w.Durable[b] = 1;
        }

        for (var c = 0; c < bounds.Children; c++)
        {
            ref var child = ref w.Children[c];
            child.Recorded = ChildState.Synced;
            child.Up = child.Continuous = child.Fence = child.Accepts = 1;
            child.Clean = World.StampsOfEpoch;
            child.Links[0].Open = child.Links[0].SameLife = child.Links[0].Source = 1;
            child.Links[0].Believed = ChildState.Synced;
        }

        return w;
    }

    /// <summary>Gives the sink every state that follows.</summary>
    public void Expand(in World w)
    {
        foreach (var group in _groups)
        {
            group.Expand(w);
        }
    }

    /// <summary>Marks a state in which the record or the disks break an invariant.</summary>
    public void Check(ref World w)
    {
        var counting = 0;
        var lacks = false;
        for (var c = 0; c < _bounds.Children; c++)
        {
            ref readonly var child = ref w.Children[c];
            if (child.Recorded == ChildState.Stale)
            {
                continue;
            }

            counting++;
            for (var b = 0; b < _bounds.Blocks && _bounds.Disks; b++)
            {
                lacks |= child.Disk[b] != World.Rot && (w.Durable[b] & (1 << child.Disk[b])) == 0;
            }
        }

        if (w.Broken == 0)
        {
            var broken = lacks ? Invariant.I2 : Invariant.None;
            w.Broken = (byte)(counting < _bounds.Threshold ? Invariant.I6 : broken);
        }
    }
}
