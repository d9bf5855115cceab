using System.Runtime.InteropServices;
using Replication.Messages;

namespace Replication.Coordinator.Checkpoints;

/// <summary>
/// The zones that are hot on the children as far as their owner knows (P7): those written, until a checkpoint
/// covers their last write; those copied to, until a flush that was sent after the copy; and those that a
/// takeover found, until the first checkpoint of the epoch. Replicas keep a bounded number of marks; this
/// tells when it is time to make room, and when a request has to wait for it.
/// </summary>
internal sealed class HotZones(int limit)
{
    private const long ZoneLengthBytes = RequestLimits.ZoneLengthBytes;

    private readonly Dictionary<long, ulong> _written = [];
    private HashSet<long> _copied = [];
    private HashSet<long> _flushing = [];
    private long _found;
    private int _marksSinceSent;
    private ulong _sent;

    /// <summary>Hot zones, some of them perhaps counted twice.</summary>
    internal long Count => _written.Count + _copied.Count + _flushing.Count + _found;

    /// <summary>True when half of the limit was marked since the last checkpoint was sent.</summary>
    internal bool IsHalfFull => _marksSinceSent >= limit / 2;

    /// <summary>True when a checkpoint sent now could cover more than the last one.</summary>
    internal bool CanGainFrom(ulong checkpoint) => checkpoint > _sent || _copied.Count > 0;

    /// <summary>A takeover has found this many.</summary>
    internal void TakeOver(long found) => _found = Math.Max(_found, found);

    /// <summary>
    /// True when the range is in zones that are hot already, or there is room for its others. One request may
    /// be wider than the limit: it runs when it is alone.
    /// </summary>
    internal bool HasRoomFor((long OffsetBytes, long LengthBytes) range)
    {
        (long first, long last) = ZonesOf(range);
        if (Count + (last - first + 1) <= limit || Count == 0)
        {
            return true;
        }

        long cold = 0;
        for (long zone = first; zone <= last; zone++)
        {
            cold += _written.ContainsKey(zone) || _copied.Contains(zone) || _flushing.Contains(zone) ? 0 : 1;
        }

        return cold == 0 || Count + cold <= limit;
    }

    /// <summary>A write with this stamp begins.</summary>
    internal void MarkWritten((long OffsetBytes, long LengthBytes) range, ulong stamp)
    {
        (long first, long last) = ZonesOf(range);
        for (long zone = first; zone <= last; zone++)
        {
            ref ulong latest = ref CollectionsMarshal.GetValueRefOrAddDefault(_written, zone, out bool isHot);
            latest = stamp;
            _marksSinceSent += isHot ? 0 : 1;
        }
    }

    /// <summary>A copy begins or ends: no flush sent before its end covers it.</summary>
    internal void MarkCopied((long OffsetBytes, long LengthBytes) range)
    {
        (long first, long last) = ZonesOf(range);
        for (long zone = first; zone <= last; zone++)
        {
            _marksSinceSent += _copied.Add(zone) ? 1 : 0;
        }
    }

    /// <summary>The owner's own flush, with this checkpoint, is being sent.</summary>
    internal void BeginCheckpoint(ulong checkpoint)
    {
        (_flushing, _copied) = (_copied, _flushing);
        _marksSinceSent = 0;
        _sent = checkpoint;
    }

    /// <summary>The owner's own flush is over.</summary>
    internal void EndCheckpoint(bool succeeded)
    {
        if (!succeeded)
        {
            _copied.UnionWith(_flushing);
        }

        _flushing.Clear();
    }

    /// <summary>Every child has flushed with this checkpoint.</summary>
    internal void Cover(ulong checkpoint)
    {
        if (checkpoint == 0)
        {
            return;
        }

        _found = 0;
        foreach ((long zone, ulong stamp) in _written)
        {
            if (stamp <= checkpoint)
            {
                _written.Remove(zone);
            }
        }
    }

    private static (long First, long Last) ZonesOf((long OffsetBytes, long LengthBytes) range) =>
        (range.OffsetBytes / ZoneLengthBytes, (range.OffsetBytes + range.LengthBytes - 1) / ZoneLengthBytes);
}
