using System.Numerics;
using Replication.Model.State;

namespace Replication.Model.Steps;

/// <summary>
/// Steps that belong together, and what they ask of a state. Single-threaded; one instance per search.
/// </summary>
internal abstract class StepGroup(Rules rules, Bounds bounds, IStepSink sink)
{
    protected Rules Rules { get; } = rules;

    protected Bounds Bounds { get; } = bounds;

    protected IStepSink Sink { get; } = sink;

    protected int Threshold => Bounds.Threshold;

    /// <summary>Gives the sink every state that one of these steps leads to.</summary>
    public abstract void Expand(in World w);

    /// <summary>The read quorum of S Synced children.</summary>
    protected int ReadQuorum(int synced) => Rules.P14 ? Math.Max(Threshold, (synced / 2) + 1) : Threshold;

    /// <summary>The fence quorum of S Synced children.</summary>
    protected int FenceQuorum(int synced) => Math.Max(Threshold, (synced + 1) / 2);

    /// <summary>Does the owner have to reckon with both outcomes of a change (P3)?</summary>
    protected bool Unknown(in World w, int o) => Rules.P3 && w.Owners[o].Change != Change.None;

    /// <summary>Must a write be on this child: is it Synced in either outcome (P3)?</summary>
    protected bool Needs(in World w, int o, int c)
    {
        var link = w.Children[c].Links[o];
        return (link.Believed == ChildState.Synced && Counts(w, o, link))
            || (Unknown(w, o) && link.Proposed == ChildState.Synced);
    }

    /// <summary>Does this child vote: is it Synced in both outcomes (P3)?</summary>
    protected bool Votes(in World w, int o, int c)
    {
        var link = w.Children[c].Links[o];
        return link.Believed == ChildState.Synced && Counts(w, o, link)
            && (!Unknown(w, o) || link.Proposed == ChildState.Synced);
    }

    // While a volume recovers, its own requests run on the children that remember everything.
    private static bool Counts(in World w, int o, in Link link) =>
        w.Owners[o].Phase != Phase.Suspended || link.Source == 1;

    /// <summary>Does a request of the owner run on the child: same session, same incarnation (P8)?</summary>
    protected static bool Talks(in World w, int o, int c)
    {
        ref readonly var child = ref w.Children[c];
        return child.Up == 1 && child.Accepts == o + 1 && child.Links[o].Open == 1;
    }

    /// <summary>How many children the owner believes to be Synced.</summary>
    protected int CountSynced(in World w, int o)
    {
        var count = 0;
        for (var c = 0; c < Bounds.Children; c++)
        {
            count += w.Children[c].Links[o].Believed == ChildState.Synced ? 1 : 0;
        }

        return count;
    }

    /// <summary>Do clients' requests run?</summary>
    protected static bool Serves(in World w, int o) => w.Owners[o].Phase is Phase.Serving or Phase.Settled;

    /// <summary>Do the owner's own requests run: reconcile, checkpoints (P12 b)?</summary>
    protected static bool Runs(in World w, int o) => w.Owners[o].Phase >= Phase.Serving;

    /// <summary>Can the owner change the record now, knowing what it is?</summary>
    protected bool CanChange(in World w, int o)
    {
        ref readonly var owner = ref w.Owners[o];
        return owner.Epoch == w.Epoch && owner.Change != Change.Landed && !Unknown(w, o);
    }

    /// <summary>Is a read of the owner under way in the block?</summary>
    protected static bool IsRead(in World w, int o, int b) => w.Reader == o + 1 && w.ReadBlock == b;

    /// <summary>The bit of a block in a mask of blocks, or of a value in a mask of values.</summary>
    protected static byte Bit(int index) => (byte)(1 << index);

    protected static bool Has(int mask, int index) => (mask & (1 << index)) != 0;

    protected static int CountBits(int mask) => BitOperations.PopCount((uint)mask);

    protected static byte StampOf(in Owner owner) =>
        (byte)((owner.Epoch * World.StampsOfEpoch) + owner.Counter);

    /// <summary>The largest stamp below which every write of this owner has completed (P16).</summary>
    protected byte Checkpoint(in Owner owner)
    {
        // While the volume recovers a Synced child that did not open yet has nothing of what is written
        // (P16).
        if (owner.Reconcile != 0 || (owner.Phase == Phase.Suspended && Rules.P16Recovering))
        {
            return 0;
        }

        var stamp = StampOf(owner);
        for (var b = 0; b < 2; b++)
        {
            if (owner.Op[b] != OpKind.None && owner.OpStamp[b] <= stamp)
            {
                stamp = (byte)(owner.OpStamp[b] - 1);
            }
        }

        return stamp;
    }

    /// <summary>
    /// Puts a version on a child as its write does: hot mark, data, stamp, and the range (P6, P7, P17).
    /// </summary>
    protected void Put(ref World w, int c, int block, byte value, byte stamp, byte lowWater)
    {
        ref var child = ref w.Children[c];
        child.HotMemory = 1;
        child.HotDisk = Rules.P7 ? (byte)1 : child.HotDisk;
        child.Data[block] = value;
        child.Stamp[block] = Math.Max(child.Stamp[block], stamp);
        for (var b = 0; b < Bounds.Blocks; b++)
        {
            if (b != block && child.Stamp[b] < lowWater)
            {
                child.Ranges &= (byte)~Bit(b);
            }
        }

        child.Ranges |= Bit(block);
    }

    /// <summary>Makes what is in a child's memory durable.</summary>
    protected static void SyncDisk(ref Child child)
    {
        child.Disk = child.Data;
        child.StampDisk = child.Stamp;
        child.HotDisk = child.HotMemory;
    }

    /// <summary>Records the owner's beliefs: a compare-and-set that succeeds at once.</summary>
    protected void Store(ref World w, int o)
    {
        for (var c = 0; c < Bounds.Children; c++)
        {
            ref var child = ref w.Children[c];
            child.Recorded = child.Links[o].Believed;
            child.Links[o].Proposed = 0;
        }

        w.Owners[o].Change = Change.None;
    }

    /// <summary>Ends the owner's session with a child, with what depends on it (P13, P20).</summary>
    protected void CloseLink(ref World w, int o, int c)
    {
        ref var link = ref w.Children[c].Links[o];
        link.Open = 0;
        link.Answer = 0;
        if (Rules.P20Copied)
        {
            link.Resyncing = 0;
            link.ToCopy = 0;
        }

        for (var b = 0; b < Bounds.Blocks; b++)
        {
            if (link.Op[b] == Progress.Sent)
            {
                link.Op[b] = Progress.Failed;
            }
        }
    }

    /// <summary>
    /// The value can be voted for; a rotten one only counts against the child that holds it.
    /// </summary>
    protected static bool MayVote(in World w, int block, byte value, int allowed) =>
        value == World.Rot || Has(w.Possible[block] | allowed, value);
}
