using Replication.Cluster.Records;

namespace Replication.Coordinator.Volumes;

/// <summary>
/// Gives writes their stamps (P6: 24 bits of epoch, 40 of counter) and knows which of them are still under
/// way, from which follow the low-water mark (P17) and the checkpoint of a flush (P16).
/// </summary>
public sealed class StampClock
{
    /// <summary>Writes in one epoch; at this many the owner drains and raises its own epoch (P6).</summary>
    public const ulong CounterMax = 1UL << 39;

    /// <summary>
    /// What the bits hold: the writes that were waiting when the epoch was used up still get stamps.
    /// </summary>
    private const ulong CounterLast = (1UL << CounterBits) - 1;

    private const int CounterBits = 40;

    private readonly Queue<ulong> _underWay = new();
    private readonly HashSet<ulong> _doneOutOfOrder = [];
    private readonly ulong _base;
    private readonly ulong _counterMax;
    private ulong _counter;

    /// <summary>Starts counting in an epoch, 1 to 2^24 − 2.</summary>
    /// <param name="epoch">The owner's.</param>
    /// <param name="counterMax">Writes until it is exhausted, at most <see cref="CounterMax"/>.</param>
    public StampClock(uint epoch, ulong counterMax = CounterMax)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(counterMax, CounterMax);
        ArgumentOutOfRangeException.ThrowIfZero(epoch);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(epoch, RecordLimits.EpochMax);
        _base = (ulong)epoch << CounterBits;
        _counterMax = counterMax;
    }

    /// <summary>True when the epoch is to be raised before further requests are taken in.</summary>
    public bool IsExhausted => _counter >= _counterMax;

    /// <summary>
    /// All writes stamped below this are complete on every Synced child, or failed and are accounted for.
    /// </summary>
    public ulong LowWater => _underWay.TryPeek(out ulong oldest) ? oldest : _base + _counter + 1;

    /// <summary>The largest stamp that was given so far: no region has a later one.</summary>
    public ulong Last => _base + _counter;

    /// <summary>
    /// The checkpoint that a flush sent now may claim: everything stamped up to it is complete.
    /// </summary>
    public ulong Checkpoint => LowWater - 1;

    /// <summary>Takes the next stamp; it is under way until <see cref="Complete"/>.</summary>
    public ulong Take()
    {
        if (_counter >= CounterLast)
        {
            throw new InvalidOperationException("the epoch's stamps are used up");
        }

        ulong stamp = _base + ++_counter;
        _underWay.Enqueue(stamp);
        return stamp;
    }

    /// <summary>
    /// The write is complete on every Synced child, or is out of the checkpoint's way for another reason.
    /// </summary>
    public void Complete(ulong stamp)
    {
        if (!_underWay.TryPeek(out ulong oldest) || stamp < oldest)
        {
            throw new InvalidOperationException($"stamp {stamp:x} is not under way");
        }

        if (stamp != oldest)
        {
            _doneOutOfOrder.Add(stamp);
            return;
        }

        _underWay.Dequeue();
        while (_underWay.TryPeek(out ulong next) && _doneOutOfOrder.Remove(next))
        {
            _underWay.Dequeue();
        }
    }
}
