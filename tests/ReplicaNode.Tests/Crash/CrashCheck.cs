using Replication.Messages;
using Replication.ReplicaNode.Sidecar;
using Replication.ReplicaNode.Tests.Replicas;

namespace Replication.ReplicaNode.Tests.Crash;

/// <summary>
/// Opens a replica on what a power loss left, and holds what it says of itself against what its owner asked
/// for and was answered until then.
/// </summary>
internal sealed class CrashCheck : ReplicaSpec
{
    private readonly SparseFile _data;
    private readonly OwnersBook _book;
    private readonly int _moment;
    private readonly HashSet<long> _hot = [];
    private readonly Dictionary<long, ulong> _stamps = [];
    private ReplicaOpened _opened = null!;

    internal CrashCheck(SortedDictionary<string, SparseFile> files, OwnersBook book, int moment)
        : base(sizeBytes: CrashWorkload.SizeBytes)
    {
        (_data, _book, _moment) = (files[Data], book, moment);
        Create();
        foreach ((string path, SparseFile file) in files)
        {
            // What the creation wrote of the sidecar, and that is not among its pages, was zero.
            Disk.Overwrite(path, 0, new byte[path == Sidecar ? Disk.LengthOf(path) : 0]);
            foreach ((long page, byte[] content) in file.Pages)
            {
                int count = (int)Math.Min(content.Length, Disk.LengthOf(path) - (page * content.Length));
                Disk.Overwrite(path, page * content.Length, content.AsSpan(0, count));
            }
        }
    }

    internal void Run()
    {
        SidecarHeader header = DurableHeader();
        CheckHeader(header);
        _opened = Open(epoch: 100_000, serial: header.Serial);
        Assert.False(_opened.Incomplete, "incomplete");
        foreach (ZoneRun run in _opened.HotZones)
        {
            for (long zone = run.FirstZone; zone < run.FirstZone + run.Count; zone++)
            {
                _hot.Add(zone);
            }
        }

        for (long next = 0; next < CrashWorkload.SizeBytes / RequestLimits.RegionLengthBytes;)
        {
            ReplicaRegions regions = ListRegions(firstRegion: next);
            foreach (RegionStamp region in regions.Regions)
            {
                _stamps.Add(region.Region, region.Stamp);
            }

            next = regions.NextRegion;
        }

        CheckBlocks();
        CheckStamps();
        CheckContinuous();
    }

    private void CheckHeader(SidecarHeader header)
    {
        uint accepted = _book.All.OfType<AskedOpen>()
            .Where(open => open.DoneAt <= _moment).Select(static open => open.Epoch).LastOrDefault();
        Assert.True(header.FenceEpoch >= accepted, $"fence {header.FenceEpoch}, accepted {accepted} (I3)");
        long stored = _book.All.OfType<AskedRecord>()
            .Where(record => record.DoneAt <= _moment).Select(static record => record.Serial).LastOrDefault();
        long asked = _book.Sent<AskedRecord>(_moment).Select(static record => record.Serial).LastOrDefault();
        Assert.InRange(header.Serial, stored, asked);
        byte[] expected = header.Serial == 0 ? [] : Noise((int)header.Serial, 3000);
        Assert.Equal(expected, header.Record.ToArray());
        ulong clean = _book.Sent<AskedFlush>(_moment).Select(static flush => flush.Checkpoint)
            .Concat(_book.Sent<AskedSettle>(_moment).Select(static settle => settle.Clean))
            .DefaultIfEmpty().Max();
        Assert.True(header.Clean <= clean, $"clean {header.Clean:x}, largest checkpoint {clean:x}");
    }

    /// <summary>
    /// Flushed data is there, and what is stamped up to clean; and a zone without a mark holds just what was
    /// answered, neither less nor more.
    /// </summary>
    private void CheckBlocks()
    {
        int flushedAt = _book.All.OfType<AskedFlush>()
            .Where(flush => flush.DoneAt <= _moment).Select(static flush => flush.SentAt)
            .DefaultIfEmpty(-1).Max();
        foreach ((int block, List<AskedChange> all) in _book.Blocks)
        {
            List<AskedChange> sent = all.FindAll(change => change.SentAt <= _moment);
            int needed = sent.FindLastIndex(change => change.DoneAt <= flushedAt
                || (change.Fua && change.DoneAt <= _moment)
                || change.Stamp <= _opened.Clean);
            bool isHot = _hot.Contains(block / OwnersBook.BlocksPerZone);
            ulong answered = sent.FindLast(change => change.DoneAt <= _moment)?.Content ?? 0;
            for (int sector = 0; sector < 8; sector++)
            {
                long at = ((long)block * OwnersBook.BlockBytes) + (sector * SparseFile.SectorBytes);
                ulong content = OwnersBook.ContentOf(_data.Read(at, SparseFile.SectorBytes), block);
                int found = sent.FindLastIndex(change => change.Content == content);
                Assert.True(found >= 0 || content == 0, $"block {block} holds {content}, not asked for yet");
                Assert.True(
                    found >= needed,
                    $"block {block} holds number {found} of its changes, {needed} was durable or clean (I2)");
                Assert.True(
                    isHot || content == answered,
                    $"block {block} holds number {found} of its changes, not the last answered (P7)");
            }
        }
    }

    /// <summary>Without a mark, a region's stamp is that of the last change that was answered.</summary>
    private void CheckStamps()
    {
        foreach (AskedChange change in _book.Sent<AskedChange>(_moment))
        {
            if (change.DoneAt > _moment)
            {
                continue;
            }

            for (int block = change.FirstBlock; block <= change.LastBlock;)
            {
                long region = block / OwnersBook.BlocksPerRegion;
                bool isHot = _hot.Contains(block / OwnersBook.BlocksPerZone);
                ulong stamp = _stamps.GetValueOrDefault(region);
                Assert.True(
                    isHot || stamp >= change.Stamp,
                    $"region {region} has stamp {stamp:x}, was given {change.Stamp:x}, no mark (P6, P7)");
                Assert.True(
                    !isHot || _opened.Continuous || stamp == ulong.MaxValue,
                    $"region {region} is hot and does not count as later than any stamp");
                block = (int)(region + 1) * OwnersBook.BlocksPerRegion;
            }
        }
    }

    /// <summary>Continuous is only what was closed with nothing lost and nothing under way (P9).</summary>
    private void CheckContinuous()
    {
        if (!_opened.Continuous)
        {
            return;
        }

        AskedFlush close = _book.Sent<AskedFlush>(_moment).Last(static flush => flush.IsClose);
        Assert.DoesNotContain(_book.Sent<AskedChange>(_moment), change => change.SentAt > close.SentAt);
        Assert.All(
            _book.Sent<AskedChange>(_moment), change => Assert.True(change.Stamp <= close.Checkpoint));
        foreach ((int block, List<AskedChange> changes) in _book.Blocks)
        {
            ulong last = changes.FindLast(change => change.SentAt <= _moment)?.Content ?? 0;
            for (int sector = 0; sector < 8; sector++)
            {
                long at = ((long)block * OwnersBook.BlockBytes) + (sector * SparseFile.SectorBytes);
                Assert.Equal(last, OwnersBook.ContentOf(_data.Read(at, SparseFile.SectorBytes), block));
            }
        }
    }
}
