using Replication.Actors;
using Replication.Actors.Buffers;
using Replication.Actors.Disk;
using Replication.Messages;
using Replication.Simulation.Checking;
using Replication.TestKit.Simulation;

namespace Replication.Simulation.Cluster;

/// <summary>One request of a client on its way; the volume's reply comes to it.</summary>
internal abstract class ClientRequest(SimulatedClient client) : CallbackRef
{
    internal long Start { get; private set; }

    /// <summary>The connection that it was sent on; null before that.</summary>
    internal SimulatedExport? Export { get; private set; }

    internal bool IsAnswered { get; set; }

    /// <summary>Told once that it was answered, well or not, or that its connection is closed.</summary>
    internal Action<bool>? Ended { get; set; }

    protected SimulatedClient Client => client;

    internal void Begin(SimulatedExport export, long start)
    {
        Export = export;
        Start = start;
    }

    internal abstract RangeRequest MakeMessage(SeededIdSource random);

    internal abstract void OnReply(RangeReply reply, long end);

    /// <summary>True when the answer says something of the volume, which only its owner may.</summary>
    internal virtual bool Claims(RangeReply reply) => reply is not RangeFailed;

    protected override void OnMessage(object message, IActorRef? sender) =>
        client.OnReply(this, (RangeReply)message);
}

/// <summary>Reads some sectors of one island.</summary>
internal sealed class ReadRequest(SimulatedClient client, int first, int count) : ClientRequest(client)
{
    public override string ToString() => $"read of {count} sectors from {first}, sent at {Start}";

    internal override RangeRequest MakeMessage(SeededIdSource random) =>
        new ReadRange(Islands.OffsetOf(first), count * Islands.SectorBytes);

    internal override void OnReply(RangeReply reply, long end)
    {
        if (reply is RangeRead read)
        {
            Client.Tally.Reads++;
            Client.Model.AddRead(first, read.Data.Span, (Start, end));
            read.Data.Release();
        }
    }
}

/// <summary>Writes or zeroes some sectors; acknowledged, they are looked for on the disks at once.</summary>
internal sealed class WriteRequest(SimulatedClient client, int first, int count, long value)
    : ClientRequest(client)
{
    private LoggedWrite? _write;
    private bool _fua;

    public override string ToString() =>
        $"write {value} of {count} sectors from {first}, sent at {Start}";

    internal override RangeRequest MakeMessage(SeededIdSource random)
    {
        _write = Client.Model.Begin(value, (first, count), Start);
        _fua = random.Chance(0.1);
        long offset = Islands.OffsetOf(first);
        if (value == 0)
        {
            ZeroMode mode = random.Chance(0.5) ? ZeroMode.MayPunch : ZeroMode.KeepAllocated;
            return new ZeroRange(offset, (long)count * Islands.SectorBytes, mode, _fua);
        }

        PooledBuffer payload = PooledBuffer.Rent(count * Islands.SectorBytes);
        for (int index = 0; index < count; index++)
        {
            Span<byte> into = payload.Span.Slice(index * Islands.SectorBytes, Islands.SectorBytes);
            SectorContent.Encode(value, first + index, into);
        }

        return new WriteRange(offset, payload, _fua);
    }

    internal override void OnReply(RangeReply reply, long end)
    {
        if (reply is RangeDone)
        {
            Client.Tally.Writes++;
            _write!.Acknowledge(end, _fua || Client.DurableWrites);

            // A deposed owner may be late in passing on what its replicas did: others have written since.
            if (Export!.Owner == Client.Cluster.Record!.Owner)
            {
                Client.Replicas.OnAcknowledged(_write, first, count);
            }
        }
    }
}

/// <summary>Flushes the volume; acknowledged, the disks are looked at.</summary>
internal sealed class FlushRequest(SimulatedClient client) : ClientRequest(client)
{
    public override string ToString() => $"flush, sent at {Start}";

    internal override RangeRequest MakeMessage(SeededIdSource random) => new FlushVolume();

    internal override void OnReply(RangeReply reply, long end)
    {
        if (reply is RangeDone)
        {
            Client.Tally.Flushes++;
            Client.Model.Flushes.AddFlush(Start);
            Client.Replicas.OnFlushed(Start);
        }
    }
}

/// <summary>Asks what is a hole: that is as good as having read zeroes there.</summary>
internal sealed class ExtentsRequest(SimulatedClient client, int first, int count) : ClientRequest(client)
{
    public override string ToString() => $"query of {count} sectors from {first}, sent at {Start}";

    internal override RangeRequest MakeMessage(SeededIdSource random) =>
        new QueryRangeExtents(Islands.OffsetOf(first), (long)count * Islands.SectorBytes);

    internal override bool Claims(RangeReply reply) =>
        reply is RangeExtents extents && extents.Extents.Any(static extent => extent.IsHole);

    internal override void OnReply(RangeReply reply, long end)
    {
        foreach (DiskExtent extent in (reply as RangeExtents)?.Extents ?? [])
        {
            if (!extent.IsHole)
            {
                continue;
            }

            foreach ((int sector, _) in Islands.SectorsIn(extent.OffsetBytes, extent.LengthBytes))
            {
                if (sector >= first && sector < first + count)
                {
                    Client.Model.AddHole(sector, (Start, end));
                }
            }
        }
    }
}
