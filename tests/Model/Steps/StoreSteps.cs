using Replication.Model.State;

namespace Replication.Model.Steps;

/// <summary>
/// Changes of the record with an unknown outcome: they land or not, and their owner learns it or not (P3).
/// </summary>
internal sealed class StoreSteps(Rules rules, Bounds bounds, IStepSink sink) : StepGroup(rules, bounds, sink)
{
    public override void Expand(in World w)
    {
        for (var o = 0; o < 2; o++)
        {
            ref readonly var owner = ref w.Owners[o];
            if (owner.Change == Change.Landed)
            {
                var x = w;
                Learn(ref x, o);
                Sink.Take(ref x, new Step(StepKind.Learn, o));
            }
            else if (owner.Change == Change.Sent && owner.Epoch == w.Epoch)
            {
                Settle(w, o);
            }
        }
    }

    private void Settle(in World w, int o)
    {
        var x = w;
        for (var c = 0; c < Bounds.Children; c++)
        {
            x.Children[c].Recorded = x.Children[c].Links[o].Proposed;
        }

        x.Owners[o].Change = Change.Landed;
        if (x.Owners[o].Phase == Phase.None)
        {
            x.Owners[o].Change = Change.None;
            x.ClearOwner(o);
            Sink.Take(ref x, new Step(StepKind.Land, o));
            return;
        }

        var landed = x;
        Sink.Take(ref landed, new Step(StepKind.Land, o));
        Learn(ref x, o);
        Sink.Take(ref x, new Step(StepKind.RetrySame, o));
        var y = w;
        Store(ref y, o);
        Sink.Take(ref y, new Step(StepKind.RetryOld, o));
    }

    private void Learn(ref World x, int o)
    {
        for (var c = 0; c < Bounds.Children; c++)
        {
            ref var link = ref x.Children[c].Links[o];
            link.Believed = link.Proposed;
            link.Proposed = 0;
            if (link.Believed == ChildState.Synced)
            {
                link.Resyncing = link.ToCopy = 0;
            }
            else
            {
                WriteSteps.ForgetVote(ref link);
            }
        }

        x.Owners[o].Change = Change.None;
    }
}
