using Replication.Actors;
using Replication.Actors.Disk;

namespace Replication.ReplicaNode.Sidecar;

/// <summary>
/// Brings what is dirty in a <see cref="SidecarState"/> to the disk, one round at a time: first hot
/// sectors, stamp pages and header in any order, then a sync. Only one round runs, since two writes of the
/// same page could land in either order. Within a round the order does not matter: stamps may run ahead of
/// the data (a later stamp only makes more to copy), a mark is cleared in memory only once the zone's stamps
/// are durable, and nothing in the header vouches for stamps that a hot mark does not vouch for (P7).
/// </summary>
internal sealed class SidecarWriter(SidecarState state, IBlockDevice device, IActorRef owner)
{
    /// <summary>Writes of one round under way at a time; the rest of it waits.</summary>
    internal const int WritesInFlightMax = 8;

    /// <summary>Neighbouring stamp pages written by one operation, at most.</summary>
    internal const int PagesPerWriteMax = 64;

    private readonly List<int> _stampPages = [];
    private readonly List<int> _hotSectors = [];
    private int _nextStampPage;
    private int _nextHotSector;
    private bool _writesStamps;
    private bool _writesHeader;
    private bool _headerSubmitted;
    private int _inFlight;
    private bool _isSyncing;

    /// <summary>True between <see cref="Start"/> and the completion that ends the round.</summary>
    internal bool IsRunning { get; private set; }

    /// <summary>The round's first error, 0 for none.</summary>
    internal int Errno { get; private set; }

    /// <summary>Starts a round of all that is dirty now; false when nothing is.</summary>
    /// <param name="marksOnly">Only hot marks: writes wait for them, and stamps can wait.</param>
    internal bool Start(bool marksOnly = false)
    {
        if (IsRunning)
        {
            throw new InvalidOperationException("a round of sidecar writes is already running");
        }

        if (marksOnly ? state.Hot.Dirty.Count == 0 : !state.IsDirty)
        {
            return false;
        }

        IsRunning = true;
        Errno = 0;
        _writesStamps = !marksOnly;
        _writesHeader = !marksOnly && state.IsHeaderDirty;
        _headerSubmitted = false;
        if (_writesStamps)
        {
            state.StampRounds.Begin();
            state.Stamps.Dirty.Take(_stampPages);
        }

        state.Hot.Dirty.Take(_hotSectors);
        _nextStampPage = 0;
        _nextHotSector = 0;
        SubmitMore();
        return true;
    }

    /// <summary>Takes a completion; true when it ended the round, well or with <see cref="Errno"/>.</summary>
    internal bool Complete(SidecarIo io)
    {
        io.Release();
        _inFlight--;
        if (io.Errno != 0 && Errno == 0)
        {
            Errno = io.Errno;
        }

        if (_isSyncing)
        {
            _isSyncing = false;
            End();
            return true;
        }

        if (Errno == 0)
        {
            SubmitMore();
        }
        else if (_inFlight == 0)
        {
            End();
            return true;
        }

        return false;
    }

    private void End()
    {
        IsRunning = false;
        if (_writesHeader)
        {
            state.SettleHeader(isDurable: Errno == 0);
        }

        state.Hot.EndWrites(areDurable: Errno == 0);
        if (_writesStamps && Errno == 0)
        {
            state.StampRounds.Succeed();
        }

        if (Errno != 0)
        {
            // What reached the disk is unknown: all of it is still to be written.
            _stampPages.ForEach(state.Stamps.Dirty.Add);
            _hotSectors.ForEach(state.Hot.Dirty.Add);
        }

        _stampPages.Clear();
        _hotSectors.Clear();
    }

    private void SubmitMore()
    {
        while (_inFlight < WritesInFlightMax && NextWrite() is SidecarIo write)
        {
            _inFlight++;
            device.Submit(write);
        }

        if (_inFlight == 0)
        {
            _isSyncing = true;
            _inFlight++;
            device.Submit(SidecarIo.Sync(owner));
        }
    }

    private SidecarIo? NextWrite()
    {
        if (_nextHotSector < _hotSectors.Count)
        {
            return HotSectorWrite(_hotSectors[_nextHotSector++]);
        }

        if (_nextStampPage < _stampPages.Count)
        {
            return StampPagesWrite();
        }

        if (_writesHeader && !_headerSubmitted)
        {
            _headerSubmitted = true;
            SidecarHeader header = state.TakeHeader();
            long slot = SidecarLayout.HeaderOffset(state.NextSlot);
            SidecarIo write = SidecarIo.Write(owner, slot, header.EncodedBytes);
            header.Encode(write.Content);
            return write;
        }

        return null;
    }

    private SidecarIo HotSectorWrite(int sector)
    {
        SidecarIo write = SidecarIo.Write(
            owner, SidecarLayout.HotSectorOffset(sector), SidecarLayout.HotSectorBytes);
        HotSector.Encode(write.Content, sector, state.Header.ReplicaId, state.Hot.BeginWrite(sector));
        return write;
    }

    private SidecarIo StampPagesWrite()
    {
        int first = _stampPages[_nextStampPage];
        int count = 1;
        while (count < PagesPerWriteMax
            && _nextStampPage + count < _stampPages.Count
            && _stampPages[_nextStampPage + count] == first + count
            && (first + count) % SidecarLayout.StampPagesPerGroup != 0)
        {
            count++;
        }

        _nextStampPage += count;
        SidecarIo write = SidecarIo.Write(
            owner, SidecarLayout.StampPageOffset(first), count * SidecarLayout.PageBytes);
        for (int i = 0; i < count; i++)
        {
            Span<byte> page = write.Content.Slice(i * SidecarLayout.PageBytes, SidecarLayout.PageBytes);
            StampPage.Encode(page, first + i, state.Header.ReplicaId, state.Stamps.Page(first + i));
        }

        return write;
    }
}
