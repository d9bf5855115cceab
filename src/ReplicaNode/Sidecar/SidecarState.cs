namespace Replication.ReplicaNode.Sidecar;

/// <summary>
/// A sidecar in memory: what its file says, plus what a <see cref="SidecarWriter"/> still has to write.
/// Used by one actor at a time.
/// </summary>
internal sealed class SidecarState
{
    private SidecarHeader _header;

    /// <summary>A state without any stamp or mark.</summary>
    /// <param name="header">As read from the file, or made for a new one.</param>
    /// <param name="nextSlot">Where the next header goes.</param>
    internal SidecarState(SidecarHeader header, int nextSlot)
    {
        _header = header;
        NextSlot = nextSlot;
        Layout = new SidecarLayout(header.SizeBytes);
        Stamps = new StampMap(Layout);
        Hot = new HotMap(Layout);
    }

    internal SidecarLayout Layout { get; }

    internal StampMap Stamps { get; }

    internal HotMap Hot { get; }

    /// <summary>Rounds that wrote the stamp pages that were dirty when they began.</summary>
    internal RoundCount StampRounds { get; } = new();

    /// <summary>Setting another header makes it dirty.</summary>
    internal SidecarHeader Header
    {
        get => _header;
        set
        {
            if (!ReferenceEquals(_header, value))
            {
                _header = value;
                IsHeaderDirty = true;
            }
        }
    }

    internal bool IsHeaderDirty { get; private set; }

    internal bool IsDirty => IsHeaderDirty || Stamps.Dirty.Count > 0 || Hot.Dirty.Count > 0;

    internal int NextSlot { get; private set; }

    /// <summary>
    /// The header with the next sequence number, for <see cref="NextSlot"/>. A number is never used twice:
    /// that a write failed does not mean that it did not land.
    /// </summary>
    internal SidecarHeader TakeHeader()
    {
        _header = _header with { Sequence = _header.Sequence + 1 };
        IsHeaderDirty = false;
        return _header;
    }

    /// <summary>
    /// The header taken last is durable, or it is not known to be and has to be written again, to the same
    /// slot: the other one still holds the header that counts.
    /// </summary>
    internal void SettleHeader(bool isDurable)
    {
        if (isDurable)
        {
            NextSlot ^= 1;
        }
        else
        {
            IsHeaderDirty = true;
        }
    }

    /// <summary>Everything has to be written: the file is new.</summary>
    internal void MakePagesDirty()
    {
        Stamps.Dirty.AddAll();
        Hot.Dirty.AddAll();
    }
}
