using Replication.Model.State;

namespace Replication.Model.Steps;

/// <summary>
/// What an owner concludes once enough children are open, after a takeover (P10) and after it lost too many
/// incarnations (P12 b and c) alike.
/// </summary>
internal sealed class GoingOn(Rules rules, Bounds bounds, IStepSink sink) : StepGroup(rules, bounds, sink)
{
    public override void Expand(in World w)
    {
        GoOn(w, 0);
        GoOn(w, 1);
    }

    /// <summary>The step of an owner that has opened a fence quorum of those that count.</summary>
    public void GoOn(in World w, int o)
    {
        var holding = 0;
        var opened = 0;
        var openedSynced = 0;
        var continuous = 0;
        var hot = false;
        for (var c = 0; c < Bounds.Children; c++)
        {
            var link = w.Children[c].Links[o];
            holding += link.Believed != ChildState.Stale ? 1 : 0;
            if (link.Believed != ChildState.Stale && link.Open == 1)
            {
                opened++;
                openedSynced += link.Believed == ChildState.Synced ? 1 : 0;
                continuous += IsContinuous(link) ? 1 : 0;
                hot |= w.Children[c].HotMemory == 1;
            }
        }

        if (!CanChange(w, o))
        {
            return;
        }

        if (continuous > 0 && Rules.P12Continuous && openedSynced >= NeededWithContinuous(CountSynced(w, o)))
        {
            WithContinuous(w, o, hot);
        }
        else if ((continuous == 0 || !Rules.P12Continuous) && opened >= FenceQuorum(holding))
        {
            WithoutMemory(w, o, hot, continuous == 0);
        }
    }

    // With fewer Synced than t nobody has served since, so that one that remembers everything is enough.
    private int NeededWithContinuous(int synced) => synced < Threshold ? 1 : FenceQuorum(synced);

    private static bool IsContinuous(in Link link) => link.Believed == ChildState.Synced && link.Source == 1;

    private byte AllBlocks => (byte)((1 << Bounds.Blocks) - 1);

    // Those that are continuous have every acknowledged write; the others are Stale, or Lapsed below t (P12
    // a, b).
    private void WithContinuous(in World w, int o, bool hot)
    {
        var x = w;
        ref var owner = ref x.Owners[o];
        var enough = 0;
        for (var c = 0; c < Bounds.Children; c++)
        {
            var link = x.Children[c].Links[o];
            enough += link.Open == 1 && (IsContinuous(link) || KeepsLost(link)) ? 1 : 0;
        }

        var suspends = enough < Threshold;
        for (var c = 0; c < Bounds.Children; c++)
        {
            ref var link = ref x.Children[c].Links[o];
            var keeps = link.Open == 1 && (IsContinuous(link) || KeepsLost(link));
            if (link.Believed == ChildState.Stale || keeps)
            {
                continue;
            }

            // While nothing is answered, one that did not open yet may still turn out to remember everything.
            var lapses = suspends && Rules.P12Count && (link.Open == 1 || link.Believed == ChildState.Lapsed);
            var waits = suspends && Rules.P12Count && link.Open == 0;
            var without = waits ? link.Believed : ChildState.Stale;
            link.Believed = lapses ? ChildState.Lapsed : without;
            CloseLink(ref x, o, c);
            WriteSteps.ForgetVote(ref link);
        }

        owner.Reconcile |= owner.Underway;
        owner.Exempt |= owner.Reconcile;
        owner.Reconcile |= !Rules.P17 && hot ? AllBlocks : (byte)0;
        owner.Phase = suspends ? Phase.Suspended : Phase.Serving;
        Record(ref x, w, o);
        var kind = suspends ? StepKind.GoOnSuspended : StepKind.GoOnContinuous;
        Sink.Take(ref x, new Step(kind, o));
    }

    private bool KeepsLost(in Link link) => !Rules.P12Lost && link.Believed == ChildState.Synced;

    // P12c: connections are closed with an error; from here on a read may miss what was not flushed (I7).
    private void WithoutMemory(in World w, int o, bool hot, bool allLost)
    {
        var x = w;
        ref var owner = ref x.Owners[o];
        for (var c = 0; c < Bounds.Children; c++)
        {
            ref var link = ref x.Children[c].Links[o];
            if (link.Believed == ChildState.Stale)
            {
                continue;
            }

            link.Source = 0;
            link.Believed = link.Open == 1 ? ChildState.Synced : ChildState.Stale;
        }

        owner.Reconcile |= hot ? AllBlocks : (byte)0;
        owner.Exempt |= owner.Reconcile;
        owner.Phase = Phase.Serving;
        if (allLost)
        {
            Excuse(ref x);
        }

        Record(ref x, w, o);
        Sink.Take(ref x, new Step(StepKind.GoOnLost, o));
    }

    private static void Excuse(ref World x)
    {
        x.ReadAllowed |= x.Reader != 0 ? x.Durable[x.ReadBlock] : (byte)0;
        x.ReadOlder = 0;
        x.Possible = x.Durable;
        x.Owners[0].OpOlder = default;
        x.Owners[1].OpOlder = default;
    }

    // P10: those that did not open are recorded Stale before anything is answered.
    private void Record(ref World x, in World before, int o)
    {
        x.Owners[o].Underway = 0;
        Store(ref x, o);
        for (var c = 0; c < Bounds.Children && !Rules.P10; c++)
        {
            if (before.Children[c].Links[o].Open == 0)
            {
                x.Children[c].Recorded = before.Children[c].Recorded;
            }
        }
    }
}
