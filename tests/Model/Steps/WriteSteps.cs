using Replication.Model.State;

namespace Replication.Model.Steps;

/// <summary>
/// Writes of clients and of reconcile, from the send to the acknowledgement or the error (P13, P15, P18).
/// </summary>
internal sealed class WriteSteps(Rules rules, Bounds bounds, IStepSink sink) : StepGroup(rules, bounds, sink)
{
    public override void Expand(in World w)
    {
        for (var o = 0; o < 2; o++)
        {
            if (!Runs(w, o))
            {
                continue;
            }

            for (var b = 0; b < Bounds.Blocks; b++)
            {
                if (w.Owners[o].Op[b] == OpKind.None)
                {
                    Start(w, o, b);
                    StartReconcile(w, o, b);
                    continue;
                }

                for (var c = 0; c < Bounds.Children; c++)
                {
                    Progresses(w, o, b, c);
                }

                End(w, o, b);
            }

            RecordOut(w, o);
        }
    }

    private bool IsFree(in World w, int o, int b) =>
        w.Owners[o].Op[b] == OpKind.None && !IsRead(w, o, b) && w.Owners[o].Counter < World.StampsOfEpoch - 1
            && (Bounds.Concurrent || w.Owners[o].Op[1 - b] == OpKind.None);

    private void Start(in World w, int o, int b)
    {
        if (w.NextWrite > Bounds.Writes || !IsFree(w, o, b) || !Serves(w, o))
        {
            return;
        }

        var x = w;
        var value = x.NextWrite++;
        ref var owner = ref x.Owners[o];
        owner.Counter++;
        owner.Op[b] = OpKind.Client;
        owner.OpValue[b] = value;
        owner.OpStamp[b] = StampOf(owner);
        owner.OpOlder[b] = (byte)(x.Possible[b] & ~x.Pending[b]);
        x.Possible[b] |= Bit(value);
        x.Durable[b] |= Bit(value);
        x.Pending[b] |= Bit(value);
        x.Owners[0].FlushValues[b] |= x.Owners[0].Flushing == 1 ? Bit(value) : (byte)0;
        x.Owners[1].FlushValues[b] |= x.Owners[1].Flushing == 1 ? Bit(value) : (byte)0;
        x.ReadAllowed |= x.Reader != 0 && x.ReadBlock == b ? Bit(value) : (byte)0;
        Send(ref x, o, b);
        Sink.Take(ref x, new Step(StepKind.StartWrite, o, Block: b, Value: value));
    }

    private void Send(ref World x, int o, int b)
    {
        for (var c = 0; c < Bounds.Children; c++)
        {
            var needed = Needs(x, o, c);
            ref var link = ref x.Children[c].Links[o];
            if (link.Open == 1 && (needed || link.Resyncing == 1))
            {
                link.Op[b] = Progress.Sent;
            }
            else if (needed)
            {
                link.Op[b] = Progress.Failed;
            }
        }
    }

    // P18: continuous children's versions where there are such; a majority's, else any that one of them
    // holds.
    private void StartReconcile(in World w, int o, int b)
    {
        if (!Has(w.Owners[o].Reconcile, b) || !IsFree(w, o, b) || IsAnyOut(w, o))
        {
            return;
        }

        Span<int> votes = stackalloc int[8];
        var sources = ReconcileSources(w, o, b, votes);
        for (byte value = 0; value < 8; value++)
        {
            var majority = false;
            for (var v = 0; v < 8; v++)
            {
                majority |= v != value && votes[v] * 2 > sources;
            }

            if (votes[value] == 0 || majority)
            {
                continue;
            }

            var x = w;
            ref var owner = ref x.Owners[o];
            owner.Counter++;
            owner.Op[b] = OpKind.Reconcile;
            owner.OpValue[b] = value;
            owner.OpStamp[b] = Rules.P18 ? StampOf(owner) : (byte)0;
            if (value == World.Rot)
            {
                x.Broken = Has(owner.Exempt, b) ? x.Broken : (byte)Invariant.I5;
                x.Possible[b] |= Bit(value);
                x.Durable[b] |= Bit(value);
            }

            Send(ref x, o, b);
            Sink.Take(ref x, new Step(StepKind.StartReconcile, o, Block: b, Value: value));
        }
    }

    // A reconcile that is bound to fail would only use up stamps: it waits for the child, or for its record.
    private bool IsAnyOut(in World w, int o)
    {
        var isOut = false;
        for (var c = 0; c < Bounds.Children; c++)
        {
            isOut |= Needs(w, o, c) && w.Children[c].Links[o].Open == 0;
        }

        return isOut;
    }

    private int ReconcileSources(in World w, int o, int b, Span<int> votes)
    {
        var continuous = false;
        for (var c = 0; c < Bounds.Children; c++)
        {
            continuous |= Needs(w, o, c) && w.Children[c].Links[o].Source == 1;
        }

        var sources = 0;
        for (var c = 0; c < Bounds.Children; c++)
        {
            ref readonly var child = ref w.Children[c];
            if (Votes(w, o, c) && Talks(w, o, c) && (!continuous || child.Links[o].Source == 1))
            {
                votes[child.Data[b]]++;
                sources++;
            }
        }

        return sources;
    }

    private void Progresses(in World w, int o, int b, int c)
    {
        ref readonly var child = ref w.Children[c];
        if (child.Links[o].Op[b] != Progress.Sent)
        {
            return;
        }

        ref readonly var owner = ref w.Owners[o];
        var talks = Talks(w, o, c);
        if (talks)
        {
            var x = w;
            Put(ref x, c, b, owner.OpValue[b], owner.OpStamp[b], (byte)(Checkpoint(owner) + 1));
            x.Children[c].Links[o].Op[b] = Progress.Done;
            Sink.Take(ref x, new Step(StepKind.ApplyWrite, o, c, b, owner.OpValue[b]));
        }

        if (!talks || (w.Outs < Bounds.Outs && child.LateValue == 0))
        {
            var x = w;
            ref var late = ref x.Children[c];
            if (talks)
            {
                x.Outs++;
                MakeLate(ref late, owner, b);
            }

            late.Links[o].Op[b] = Progress.Failed;
            if (Rules.P13 || !talks)
            {
                CloseLink(ref x, o, c);
            }

            Sink.Take(ref x, new Step(StepKind.TimeOutWrite, o, c, b, owner.OpValue[b]));
        }
    }

    /// <summary>
    /// A write that its owner gave up stays with the replica: it is applied later, or never.
    /// </summary>
    public static void MakeLate(ref Child child, in Owner owner, int b)
    {
        child.LateValue = (byte)(owner.OpValue[b] + 1);
        child.LateStamp = owner.OpStamp[b];
        child.LateBlock = (byte)b;
    }

    // P13: all that are out are judged together, in one change.
    private void RecordOut(in World w, int o)
    {
        var x = w;
        var left = 0;
        var gone = 0;
        for (var c = 0; c < Bounds.Children; c++)
        {
            ref var link = ref x.Children[c].Links[o];
            if (link.Believed == ChildState.Synced)
            {
                var isOut = IsOut(link);
                gone += isOut ? 1 : 0;
                left += isOut ? 0 : 1;
                link.Believed = isOut ? ChildState.Stale : ChildState.Synced;
            }
        }

        if (gone == 0 || left < Threshold || !CanChange(w, o) || !Serves(w, o))
        {
            return;
        }

        if (w.Unknowns < Bounds.Unknowns && w.Owners[o].Change == Change.None)
        {
            var y = w;
            y.Unknowns++;
            y.Owners[o].Change = Change.Sent;
            for (var c = 0; c < Bounds.Children; c++)
            {
                y.Children[c].Links[o].Proposed = x.Children[c].Links[o].Believed;
            }

            Sink.Take(ref y, new Step(StepKind.RecordOutUnknown, o));
        }

        for (var c = 0; c < Bounds.Children; c++)
        {
            ref var link = ref x.Children[c].Links[o];
            if (link.Believed == ChildState.Stale)
            {
                ForgetVote(ref link);
            }
        }

        Store(ref x, o);
        Sink.Take(ref x, new Step(StepKind.RecordOut, o));
    }

    private static bool IsOut(in Link link) =>
        link.Open == 0 || link.Op[0] == Progress.Failed || link.Op[1] == Progress.Failed;

    /// <summary>A child that is not Synced any more holds up no request and answers none.</summary>
    public static void ForgetVote(ref Link link)
    {
        link.Source = 0;
        link.Answer = 0;
        link.Flushed = 0;
        for (var b = 0; b < 2; b++)
        {
            link.Op[b] = link.Op[b] == Progress.Failed ? Progress.None : link.Op[b];
        }
    }

    private void End(in World w, int o, int b)
    {
        var needed = 0;
        var done = 0;
        var sent = false;
        for (var c = 0; c < Bounds.Children; c++)
        {
            var progress = w.Children[c].Links[o].Op[b];
            sent |= progress == Progress.Sent;
            if (Needs(w, o, c))
            {
                needed++;
                done += progress == Progress.Done ? 1 : 0;
            }
        }

        if (Rules.P15 ? !sent && done == needed : done >= Threshold)
        {
            var x = w;
            Acknowledge(ref x, o, b);
            Sink.Take(ref x, new Step(StepKind.Acknowledge, o, Block: b, Value: w.Owners[o].OpValue[b]));
        }

        if (!sent && done < needed && (done < Threshold || !CanChange(w, o) || !Serves(w, o)))
        {
            var x = w;
            Fail(ref x, o, b);
            Sink.Take(ref x, new Step(StepKind.FailWrite, o, Block: b, Value: w.Owners[o].OpValue[b]));
        }
    }

    private void Acknowledge(ref World x, int o, int b)
    {
        ref var owner = ref x.Owners[o];
        if (owner.Op[b] == OpKind.Client)
        {
            x.Possible[b] &= (byte)~owner.OpOlder[b];
            x.Pending[b] &= (byte)~Bit(owner.OpValue[b]);
        }

        owner.Reconcile &= (byte)~Bit(b);
        owner.Exempt &= (byte)~Bit(b);
        EndOp(ref x, o, b);
    }

    /// <summary>The client gets an error, and the block is to be reconciled (P15, P17).</summary>
    public static void Fail(ref World x, int o, int b)
    {
        ref var owner = ref x.Owners[o];
        if (owner.Op[b] == OpKind.Client)
        {
            x.Pending[b] &= (byte)~Bit(owner.OpValue[b]);
        }

        owner.Reconcile |= Bit(b);
        owner.Exempt |= Bit(b);
        EndOp(ref x, o, b);
    }

    private static void EndOp(ref World x, int o, int b)
    {
        ref var owner = ref x.Owners[o];
        for (var c = 0; c < 4; c++)
        {
            ref var child = ref x.Children[c];
            ref var progress = ref child.Links[o].Op[b];
            if (progress == Progress.Sent && child.LateValue == 0 && Talks(x, o, c))
            {
                MakeLate(ref child, owner, b);
            }

            progress = Progress.None;
        }

        owner.Op[b] = OpKind.None;
        owner.OpValue[b] = owner.OpStamp[b] = owner.OpOlder[b] = 0;
    }
}
