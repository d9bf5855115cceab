using Replication.Actors;
using Replication.Actors.Buffers;
using Replication.Cluster.Records;
using Replication.Messages;
using Replication.Simulation.Checking;
using Replication.TestKit.Simulation;

namespace Replication.Simulation.Cluster;

/// <summary>
/// A client of the volume: random reads, writes, zeroings, flushes and queries, several at a time, each told
/// to the model as it ends. When a write is acknowledged it looks at the disks, before anything else can have
/// happened.
/// </summary>
internal sealed class SimulatedClient(
    SimulatedCluster cluster, VolumeModel model, ClientTally tally, string name)
{
    internal const int SectorCount = 512;

    private const int InFlightMax = 4;

    private readonly SeededIdSource _random = cluster.World.Random($"client {name}");
    private int _inFlight;
    private int _left;

    /// <summary>The gateway that it is attached to.</summary>
    internal string Gateway { get; set; } = "gateway";

    internal bool IsDone => _left == 0 && _inFlight == 0;

    /// <summary>Lets it run this many requests.</summary>
    internal void Run(int requestCount)
    {
        _left += requestCount;
        Next();
    }

    /// <summary>Reads everything once, in pieces.</summary>
    internal void ReadAll()
    {
        for (int first = 0; first < SectorCount; first += 32)
        {
            Send(new ReadOp(this, first, 32));
        }
    }

    private void Next()
    {
        while (_left > 0 && _inFlight < InFlightMax)
        {
            _left--;
            _inFlight++;
            TimeSpan pause = _random.NextSpan(TimeSpan.Zero, TimeSpan.FromMilliseconds(40));
            cluster.World.After(pause, () =>
            {
                _inFlight--;
                Send(MakeOp());
            });
        }
    }

    private Op MakeOp()
    {
        int count = _random.Chance(0.5) ? 8 : 1 + _random.NextInt(40);
        int first = _random.Chance(0.5) ? _random.NextInt(24) : _random.NextInt(SectorCount - count);
        return _random.NextInt(20) switch
        {
            < 8 => new ReadOp(this, first, count),
            < 16 => new WriteOp(this, first, count, model.NextWrite()),
            16 or 17 => new WriteOp(this, first, count, write: 0),
            18 => new PlainOp(this, new FlushVolume()),
            _ => new PlainOp(this, new QueryRangeExtents(0, SectorCount * SectorContent.LengthBytes)),
        };
    }

    private void Send(Op op)
    {
        IActorRef? volume = cluster.VolumeOn(Gateway);
        if (volume is null)
        {
            return;
        }

        _inFlight++;
        tally.Sent++;
        op.Start = cluster.World.StepCount;
        volume.Tell(op.MakeRequest(_random), op);
    }

    private void OnReply(Op op, RangeReply reply)
    {
        if (op.IsAnswered)
        {
            cluster.Violations.Add($"a request was answered twice, the second time {reply}");
            return;
        }

        op.IsAnswered = true;
        _inFlight--;
        tally.Answered++;
        if (reply is RangeFailed)
        {
            tally.Failed++;
        }

        op.OnReply(reply, (op.Start, cluster.World.StepCount));
        Next();
    }

    /// <summary>P15 and I4: an acknowledged write is on every child recorded Synced at that moment.</summary>
    private void CheckOnDisks(long write, int first, int count)
    {
        Span<byte> expected = stackalloc byte[SectorContent.LengthBytes];
        VolumeRecord record = cluster.Record!;
        foreach (VolumeChild child in record.Children.Where(static child => child.State == ChildState.Synced))
        {
            for (int sector = first; sector < first + count; sector++)
            {
                SectorContent.Encode(write, sector, expected);
                byte[] actual = cluster.Disks[child.Node].Peek(
                    SimulatedCluster.DataPath,
                    (long)sector * SectorContent.LengthBytes,
                    SectorContent.LengthBytes);
                if (!expected.SequenceEqual(actual) && !tally.IsLie(child.Node, sector))
                {
                    cluster.Violations.Add(
                        $"I4: write {write} of sector {sector} was acknowledged and is not on {child.Node}, "
                        + $"recorded Synced: it has write {SectorContent.Decode(sector, actual)}");
                    return;
                }
            }
        }
    }

    /// <summary>One request on its way; the volume's reply comes to it.</summary>
    private abstract class Op(SimulatedClient client) : CallbackRef
    {
        internal long Start { get; set; }

        internal bool IsAnswered { get; set; }

        protected SimulatedClient Client => client;

        internal abstract RangeRequest MakeRequest(SeededIdSource random);

        internal abstract void OnReply(RangeReply reply, (long Start, long End) time);

        protected override void OnMessage(object message, IActorRef? sender) =>
            client.OnReply(this, (RangeReply)message);
    }

    private sealed class ReadOp(SimulatedClient client, int first, int count) : Op(client)
    {
        internal override RangeRequest MakeRequest(SeededIdSource random) => new ReadRange(
            (long)first * SectorContent.LengthBytes, count * SectorContent.LengthBytes);

        internal override void OnReply(RangeReply reply, (long Start, long End) time)
        {
            if (reply is RangeRead read)
            {
                Client.Tally.Reads++;
                if (Client.Model.AddRead(first, read.Data.Span, time) is string violation)
                {
                    Client.Cluster.Violations.Add(violation);
                }

                read.Data.Release();
            }
        }
    }

    private sealed class WriteOp(SimulatedClient client, int first, int count, long write) : Op(client)
    {
        internal override RangeRequest MakeRequest(SeededIdSource random)
        {
            long offset = (long)first * SectorContent.LengthBytes;
            bool fua = random.Chance(0.1);
            if (write == 0)
            {
                ZeroMode mode = random.Chance(0.5) ? ZeroMode.MayPunch : ZeroMode.KeepAllocated;
                return new ZeroRange(offset, (long)count * SectorContent.LengthBytes, mode, fua);
            }

            PooledBuffer payload = PooledBuffer.Rent(count * SectorContent.LengthBytes);
            for (int index = 0; index < count; index++)
            {
                Span<byte> into = payload.Span.Slice(
                    index * SectorContent.LengthBytes, SectorContent.LengthBytes);
                SectorContent.Encode(write, first + index, into);
            }

            return new WriteRange(offset, payload, fua);
        }

        internal override void OnReply(RangeReply reply, (long Start, long End) time)
        {
            bool acknowledged = reply is RangeDone;
            Client.Model.AddWrite(write, (first, count), time, acknowledged);
            if (acknowledged)
            {
                Client.Tally.Writes++;
                Client.CheckOnDisks(write, first, count);
            }
        }
    }

    private sealed class PlainOp(SimulatedClient client, RangeRequest request) : Op(client)
    {
        internal override RangeRequest MakeRequest(SeededIdSource random) => request;

        internal override void OnReply(RangeReply reply, (long Start, long End) time)
        {
        }
    }

    private ClientTally Tally => tally;

    private VolumeModel Model => model;

    private SimulatedCluster Cluster => cluster;
}
