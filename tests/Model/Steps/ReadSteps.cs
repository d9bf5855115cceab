using Replication.Model.State;

namespace Replication.Model.Steps;

/// <summary>Reads, at once or answer by answer, and the check of what they return (P14, I1, I4).</summary>
internal sealed class ReadSteps(Rules rules, Bounds bounds, IStepSink sink) : StepGroup(rules, bounds, sink)
{
    public override void Expand(in World w)
    {
        if (!Bounds.Reads)
        {
            return;
        }

        if (w.Reader != 0)
        {
            Continue(w, w.Reader - 1);
            return;
        }

        for (var o = 0; o < 2; o++)
        {
            for (var b = 0; b < Bounds.Blocks && Serves(w, o); b++)
            {
                if (w.Owners[o].Op[b] != OpKind.None || (Rules.P17Read && Has(w.Owners[o].Reconcile, b)))
                {
                    continue;
                }

                if (Bounds.ReadSteps)
                {
                    Start(w, o, b);
                }
                else
                {
                    Whole(w, o, b);
                }
            }
        }
    }

    private void Start(in World w, int o, int b)
    {
        var x = w;
        x.Reader = (byte)(o + 1);
        x.ReadBlock = (byte)b;
        x.ReadAllowed = x.Possible[b];
        x.ReadOlder = (byte)(x.Possible[b] & ~x.Pending[b]);
        Sink.Take(ref x, new Step(StepKind.StartRead, o, Block: b));
    }

    private void Continue(in World w, int o)
    {
        int b = w.ReadBlock;
        for (var c = 0; c < Bounds.Children; c++)
        {
            if (!Needs(w, o, c) || !Talks(w, o, c) || w.Children[c].Links[o].Answer != 0)
            {
                continue;
            }

            var x = w;
            Answer(ref x, o, b, c);
            Sink.Take(ref x, new Step(StepKind.AnswerRead, o, c, b, w.Children[c].Data[b]));
        }

        EndWith(w, o, b);
        var y = w;
        y.ClearRead();
        Sink.Take(ref y, new Step(StepKind.GiveUpRead, o, Block: b));
    }

    private void Answer(ref World x, int o, int b, int c)
    {
        var value = x.Children[c].Data[b];
        x.Children[c].Links[o].Answer = (byte)(value + 1);
        // What a deposed owner collects is no vote yet: that it never suffices is I1's to check.
        if (Votes(x, o, c) && x.Owners[o].Epoch == x.Epoch && !MayVote(x, b, value, x.ReadAllowed))
        {
            x.Broken = (byte)Invariant.I4;
        }
    }

    private void Whole(in World w, int o, int b)
    {
        var x = w;
        x.Reader = (byte)(o + 1);
        x.ReadBlock = (byte)b;
        x.ReadAllowed = x.Possible[b];
        x.ReadOlder = (byte)(x.Possible[b] & ~x.Pending[b]);
        for (var c = 0; c < Bounds.Children; c++)
        {
            if (Needs(x, o, c) && Talks(x, o, c))
            {
                Answer(ref x, o, b, c);
            }
        }

        if (x.Broken == (byte)Invariant.I4)
        {
            var y = x;
            y.ClearRead();
            Sink.Take(ref y, new Step(StepKind.Read, o, Block: b));
            x.Broken = w.Broken;
        }

        EndWith(x, o, b);
    }

    // The winners that the answers allow; each is a step of its own.
    private void EndWith(in World w, int o, int b)
    {
        Span<int> votes = stackalloc int[8];
        var believed = 0;
        var proposed = 0;
        var confirmsBelieved = 0;
        var confirmsProposed = 0;
        for (var c = 0; c < Bounds.Children; c++)
        {
            var link = w.Children[c].Links[o];
            var answered = link.Answer != 0 ? 1 : 0;
            if (link.Believed == ChildState.Synced)
            {
                believed++;
                confirmsBelieved += answered;
            }

            if (link.Proposed == ChildState.Synced)
            {
                proposed++;
                confirmsProposed += answered;
            }

            if (answered == 1 && Votes(w, o, c))
            {
                votes[link.Answer - 1]++;
            }
        }

        if (confirmsBelieved < ReadQuorum(believed)
            || (Unknown(w, o) && confirmsProposed < ReadQuorum(proposed)))
        {
            return;
        }

        var most = 0;
        foreach (var count in votes)
        {
            most = Math.Max(most, count);
        }

        for (byte value = 0; value < 8; value++)
        {
            // t > S/2: the first t that agree. Otherwise all that answer are counted, and the tie rule
            // decides.
            if (votes[value] >= Threshold && (Threshold * 2 > believed || votes[value] == most))
            {
                Return(w, o, b, value);
            }
        }
    }

    // P19: towards a version that more than half hold; no write is under way in the block, its lock keeps
    // them out.
    private void Repair(in World answered, int o, int b, byte value)
    {
        var losers = 0;
        var winners = 0;
        var x = answered;
        var stamp = (byte)(StampOf(x.Owners[o]) + 1);
        for (var c = 0; c < Bounds.Children && Bounds.Repair; c++)
        {
            if (!Votes(x, o, c) || !Talks(x, o, c) || x.Children[c].Links[o].Answer == 0)
            {
                continue;
            }

            var loses = x.Children[c].Data[b] != value;
            losers += loses ? 1 : 0;
            winners += loses ? 0 : 1;
            if (loses)
            {
                Put(ref x, c, b, value, stamp, 0);
            }
        }

        if (losers == 0 || (Rules.P19 && winners * 2 <= CountSynced(x, o))
            || x.Owners[o].Counter == World.StampsOfEpoch - 1)
        {
            return;
        }

        x.Owners[o].Counter++;
        x.Broken = value == World.Rot ? (byte)Invariant.I5 : x.Broken;
        x.ClearRead();
        Sink.Take(ref x, new Step(StepKind.Repair, o, Block: b, Value: value));
    }

    private void Return(in World w, int o, int b, byte value)
    {
        var x = w;
        var allowed = Has(x.ReadAllowed | x.Possible[b], value);
        if (value == World.Rot ? !allowed && Threshold > 1 : !allowed)
        {
            var lost = value != World.Rot && !Has(x.Durable[b], value);
            x.Broken = (byte)(lost ? Invariant.I2 : Invariant.I1);
        }

        if (allowed)
        {
            x.Possible[b] &= (byte)~(x.ReadOlder & ~Bit(value));
        }

        Repair(x, o, b, value);
        x.ClearRead();
        var kind = Bounds.ReadSteps ? StepKind.EndRead : StepKind.Read;
        Sink.Take(ref x, new Step(kind, o, Block: b, Value: value));
    }
}
