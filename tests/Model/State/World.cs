using System.Runtime.InteropServices;

namespace Replication.Model.State;

/// <summary>
/// One state of the model: plain bytes, so that it is copied, compared and hashed as a whole. Masks of values
/// have a bit for each value: bit 0 what was there at first, bit w the write w, bit <see cref="Rot"/> what
/// rotted.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct World
{
    /// <summary>The value that a rotten block returns.</summary>
    public const byte Rot = 6;

    /// <summary>Counters of stamps stay below this; a stamp is epoch × this + counter.</summary>
    public const byte StampsOfEpoch = 16;

    public Children Children;
    public Owners Owners;

    /// <summary>The epoch in the record.</summary>
    public byte Epoch;

    /// <summary>The number of the next write.</summary>
    public byte NextWrite;

    /// <summary>Power losses and failed syncs so far.</summary>
    public byte Losses;

    /// <summary>Owners that were killed so far.</summary>
    public byte Stops;

    /// <summary>Requests that timed out so far.</summary>
    public byte Outs;

    /// <summary>Changes of the record with an unknown outcome so far.</summary>
    public byte Unknowns;

    /// <summary>Flushes so far.</summary>
    public byte Flushes;

    /// <summary>Blocks that rotted so far.</summary>
    public byte Rots;

    /// <summary>1 + the owner of the read under way; 0 none.</summary>
    public byte Reader;

    /// <summary>Its block.</summary>
    public byte ReadBlock;

    /// <summary>The values that it may return.</summary>
    public byte ReadAllowed;

    /// <summary>The values that its answer makes impossible, unless it is one of them.</summary>
    public byte ReadOlder;

    /// <summary>Per block, the values that a read may return now.</summary>
    public PerBlock Possible;

    /// <summary>
    /// Per block, the values that a read may return after all continuous children were lost (I2, I7).
    /// </summary>
    public PerBlock Durable;

    /// <summary>Per block, the writes that their clients wait for.</summary>
    public PerBlock Pending;

    /// <summary>The invariant that does not hold any more: <see cref="Steps.Invariant"/>, 0 none.</summary>
    public byte Broken;

    /// <summary>Ends what an owner holds, all but a change that may still land.</summary>
    public void ClearOwner(int owner)
    {
        ref var o = ref Owners[owner];
        var keepsChange = o.Change == Change.Sent && o.Epoch == Epoch;
        var epoch = o.Epoch;
        o = default;
        for (var c = 0; c < 4; c++)
        {
            ref var link = ref Children[c].Links[owner];
            var proposed = link.Proposed;
            link = default;
            link.Proposed = keepsChange ? proposed : (byte)0;
        }

        if (keepsChange)
        {
            o.Change = Change.Sent;
            o.Epoch = epoch;
        }

        if (Reader == owner + 1)
        {
            ClearRead();
        }
    }

    /// <summary>Ends the read under way.</summary>
    public void ClearRead()
    {
        for (var c = 0; c < 4; c++)
        {
            Children[c].Links[0].Answer = 0;
            Children[c].Links[1].Answer = 0;
        }

        Reader = ReadBlock = ReadAllowed = ReadOlder = 0;
    }
}
