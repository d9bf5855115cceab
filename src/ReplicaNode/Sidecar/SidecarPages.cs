namespace Replication.ReplicaNode.Sidecar;

/// <summary>A run of bytes of the sidecar that is read by one operation.</summary>
internal readonly record struct SidecarRun(
    long OffsetBytes, int LengthBytes, int FirstStampPage, int FirstHotSector);

/// <summary>
/// Takes the hot marks and stamps of a sidecar into memory, run by run in order of the file, and notes what
/// is damaged: an unreadable hot sector makes all its zones hot, a bad stamp page its seven (P5).
/// </summary>
internal sealed class SidecarPages(SidecarState state)
{
    /// <summary>Stamp pages of one run, at most: 1 MiB.</summary>
    internal const int PagesPerRunMax = 256;

    private readonly ulong[] _stamps = new ulong[SidecarLayout.RegionsPerStampPage];
    private readonly ulong[] _words = new ulong[HotSector.WordCount];
    private SidecarRun _current;
    private int _nextStampPage;
    private int _nextHotSector;

    /// <summary>Pages whose stamps are lost.</summary>
    internal List<int> DamagedStampPages { get; } = [];

    internal int DamagedHotSectorCount { get; private set; }

    /// <summary>The run to read next, null after the last.</summary>
    internal SidecarRun? Next()
    {
        SidecarLayout layout = state.Layout;
        (int group, int inGroup) = Math.DivRem(_nextStampPage, SidecarLayout.StampPagesPerGroup);
        bool startsGroup = inGroup == 0 && _nextHotSector == group * SidecarLayout.HotSectorsPerGroup;
        if (startsGroup && group < layout.GroupCount)
        {
            _current = new SidecarRun(
                SidecarLayout.HotSectorOffset(_nextHotSector), SidecarLayout.PageBytes, -1, _nextHotSector);
            _nextHotSector += SidecarLayout.HotSectorsPerGroup;
            return _current;
        }

        if (_nextStampPage >= layout.StampPageCount)
        {
            return null;
        }

        int leftInGroup = SidecarLayout.StampPagesPerGroup - inGroup;
        int count = Math.Min(PagesPerRunMax, Math.Min(leftInGroup, layout.StampPageCount - _nextStampPage));
        long offset = SidecarLayout.StampPageOffset(_nextStampPage);
        _current = new SidecarRun(offset, count * SidecarLayout.PageBytes, _nextStampPage, -1);
        _nextStampPage += count;
        return _current;
    }

    /// <summary>Takes the content of the run that <see cref="Next"/> gave last.</summary>
    internal void LoadCurrent(ReadOnlySpan<byte> content) => Load(_current, content);

    /// <summary>Takes the content of a run; empty when it could not be read.</summary>
    internal void Load(in SidecarRun run, ReadOnlySpan<byte> content)
    {
        if (run.FirstHotSector >= 0)
        {
            for (int i = 0; i < SidecarLayout.HotSectorsPerGroup; i++)
            {
                LoadHotSector(run.FirstHotSector + i, Piece(content, i, SidecarLayout.HotSectorBytes));
            }
        }
        else
        {
            for (int i = 0; i < run.LengthBytes / SidecarLayout.PageBytes; i++)
            {
                LoadStampPage(run.FirstStampPage + i, Piece(content, i, SidecarLayout.PageBytes));
            }
        }
    }

    private static ReadOnlySpan<byte> Piece(ReadOnlySpan<byte> content, int index, int lengthBytes) =>
        content.IsEmpty ? content : content.Slice(index * lengthBytes, lengthBytes);

    private void LoadHotSector(int sector, ReadOnlySpan<byte> content)
    {
        PageState found = PageState.Damaged;
        if (content.IsEmpty)
        {
            _words.AsSpan().Fill(ulong.MaxValue);
        }
        else
        {
            found = HotSector.Decode(content, sector, state.Header.ReplicaId, _words);
        }

        state.Hot.Load(sector, _words, isOnDisk: found == PageState.Valid);
        if (found != PageState.Valid)
        {
            DamagedHotSectorCount++;
        }
    }

    private void LoadStampPage(int page, ReadOnlySpan<byte> content)
    {
        PageState found = content.IsEmpty
            ? PageState.Damaged
            : StampPage.Decode(content, page, state.Header.ReplicaId, _stamps);
        if (found == PageState.Valid)
        {
            state.Stamps.Load(page, _stamps);
        }
        else
        {
            DamagedStampPages.Add(page);
            state.Stamps.Lose(page);
            state.Hot.MarkStampPage(page);
        }
    }
}
