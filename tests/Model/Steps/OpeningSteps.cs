using Replication.Model.State;

namespace Replication.Model.Steps;

/// <summary>
/// Takeover in steps, opens, and children that come back without their memory (P9, P10, P12).
/// </summary>
internal sealed class OpeningSteps(Rules rules, Bounds bounds, IStepSink sink)
    : StepGroup(rules, bounds, sink)
{
    private readonly GoingOn _goingOn = new(rules, bounds, sink);

    public override void Expand(in World w)
    {
        for (var o = 0; o < 2; o++)
        {
            switch (w.Owners[o].Phase)
            {
                case Phase.None:
                    TakeOver(w, o);
                    break;
                case Phase.Opening:
                    OpenAll(w, o);
                    _goingOn.GoOn(w, o);
                    break;
                default:
                    Reopen(w, o);
                    Settle(w, o);
                    break;
            }
        }
    }

    private void TakeOver(in World w, int o)
    {
        if (w.Epoch > Bounds.Takeovers || (!Bounds.Split && w.Owners[1 - o].Phase != Phase.None))
        {
            return;
        }

        var x = w;
        x.Epoch++;
        x.ClearOwner(0 + o);
        if (x.Owners[1 - o].Phase == Phase.None)
        {
            x.ClearOwner(1 - o);
        }

        ref var owner = ref x.Owners[o];
        owner.Epoch = x.Epoch;
        owner.Phase = Phase.Opening;
        for (var c = 0; c < Bounds.Children; c++)
        {
            x.Children[c].Links[o].Believed = x.Children[c].Recorded;
        }

        Sink.Take(ref x, new Step(StepKind.TakeOver, o, Value: x.Epoch));
    }

    private void OpenAll(in World w, int o)
    {
        for (var c = 0; c < Bounds.Children; c++)
        {
            var link = w.Children[c].Links[o];
            if (link.Believed == ChildState.Stale)
            {
                continue;
            }

            if (link.Open == 1 && w.Children[c].Up == 1 && !Talks(w, o, c))
            {
                var x = w;
                CloseLink(ref x, o, c);
                Sink.Take(ref x, new Step(StepKind.DropLink, o, c));
            }
            else if (link.Open == 0 && CanOpen(w, o, c))
            {
                var x = w;
                ref var child = ref x.Children[c];
                child.Links[o].Source = child.Continuous;
                x.Owners[o].Underway |= child.Continuous == 1 ? child.Ranges : (byte)0;
                Open(ref child, x.Owners[o].Epoch, o);
                Sink.Take(ref x, new Step(StepKind.Open, o, c, Value: child.Links[o].Source));
            }
        }
    }

    private bool CanOpen(in World w, int o, int c)
    {
        ref readonly var child = ref w.Children[c];
        return child.Up == 1 && child.Fence <= w.Owners[o].Epoch && (child.LateValue == 0 || !Rules.P9Wait);
    }

    private void Open(ref Child child, byte epoch, int o)
    {
        child.Fence = epoch;
        child.Accepts = (byte)(o + 1);
        child.Links[o].Open = child.Links[o].SameLife = 1;
        child.Continuous = Rules.P9Open ? child.Continuous : (byte)1;
    }

    // A child that was out, or that refuses because it lost its incarnation.
    private void Reopen(in World w, int o)
    {
        for (var c = 0; c < Bounds.Children; c++)
        {
            ref readonly var child = ref w.Children[c];
            var link = child.Links[o];
            if (link.Believed != ChildState.Synced || !CanOpen(w, o, c))
            {
                CloseDeadResync(w, o, c);
                continue;
            }

            if (w.Owners[o].Phase == Phase.Suspended && (link.Open == 0 || link.SameLife == 0))
            {
                OpenAgain(w, o, c);
            }
            else if (link.SameLife == 0)
            {
                Notice(w, o, c);
            }
            else if (link.Open == 0)
            {
                var x = w;
                Open(ref x.Children[c], x.Owners[o].Epoch, o);
                Sink.Take(ref x, new Step(StepKind.Open, o, c, Value: child.Continuous));
            }
            else if (child.Continuous == 0 && w.Owners[o].Phase == Phase.Settled && Talks(w, o, c))
            {
                var x = w;
                Settle(ref x.Children[c], o);
                Sink.Take(ref x, new Step(StepKind.Welcome, o, c));
            }
        }
    }

    // What a Synced child answers that was out, or lost its memory, decides anew how the volume goes on.
    private void OpenAgain(in World w, int o, int c)
    {
        var x = w;
        CloseLink(ref x, o, c);
        x.Children[c].Links[o].Source = 0;
        Suspend(ref x, o);
        Sink.Take(ref x, new Step(StepKind.OpenAgain, o, c));
    }

    private void CloseDeadResync(in World w, int o, int c)
    {
        var link = w.Children[c].Links[o];
        if (link.Believed != ChildState.Synced && link.Open == 1 && w.Children[c].Up == 1 && !Talks(w, o, c))
        {
            var x = w;
            CloseLink(ref x, o, c);
            Sink.Take(ref x, new Step(StepKind.DropLink, o, c));
        }
    }

    // P12: (a) at least t are left: Stale. Otherwise the volume is suspended and all that count are opened
    // again.
    private void Notice(in World w, int o, int c)
    {
        var x = w;
        if (!Rules.P12Lost)
        {
            Open(ref x.Children[c], x.Owners[o].Epoch, o);
            Sink.Take(ref x, new Step(StepKind.ReopenLost, o, c));
            return;
        }

        if (!CanChange(w, o))
        {
            return;
        }

        if (CountSynced(w, o) - 1 >= Threshold || !Rules.P12Count)
        {
            CloseLink(ref x, o, c);
            x.Children[c].Links[o].Believed = ChildState.Stale;
            WriteSteps.ForgetVote(ref x.Children[c].Links[o]);
            Store(ref x, o);
            Sink.Take(ref x, new Step(StepKind.NoticeLost, o, c));
            return;
        }

        CloseLink(ref x, o, c);
        x.Children[c].Links[o].Source = 0;
        Suspend(ref x, o);
        Sink.Take(ref x, new Step(StepKind.NoticeBelow, o, c));
    }

    private void Suspend(ref World x, int o)
    {
        for (var b = 0; b < Bounds.Blocks; b++)
        {
            if (x.Owners[o].Op[b] != OpKind.None)
            {
                WriteSteps.Fail(ref x, o, b);
            }
        }

        FlushSteps.End(ref x, o);
        if (x.Reader == o + 1)
        {
            x.ClearRead();
        }

        for (var i = 0; i < Bounds.Children; i++)
        {
            ref var link = ref x.Children[i].Links[o];
            if (Rules.P12Sessions || link.Believed == ChildState.Stale || link.Resyncing == 1)
            {
                CloseLink(ref x, o, i);
            }
        }

        x.Owners[o].Phase = Phase.Opening;
        x.Owners[o].Underway = 0;
    }

    // Marks of earlier incarnations tell nothing more than own ones from here on.
    private static void Settle(ref Child child, int o)
    {
        child.Continuous = child.Links[o].Source = 1;
        child.HotInherited = 0;
    }

    // P9: only now do the children become continuous.
    private void Settle(in World w, int o)
    {
        ref readonly var owner = ref w.Owners[o];
        if (owner.Phase != Phase.Serving || (Rules.P9Settled && owner.Reconcile != 0))
        {
            return;
        }

        var x = w;
        for (var c = 0; c < Bounds.Children; c++)
        {
            if (Votes(w, o, c) && Talks(w, o, c))
            {
                Settle(ref x.Children[c], o);
            }
        }

        x.Owners[o].Phase = Phase.Settled;
        Sink.Take(ref x, new Step(StepKind.Settle, o));
    }
}
