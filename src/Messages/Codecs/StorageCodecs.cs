using Replication.Actors.Buffers;
using Replication.Actors.Remoting.Codecs;

namespace Replication.Messages.Codecs;

internal sealed class CreateReplicaCodec(ushort typeId) : MessageCodec<CreateReplica>(typeId)
{
    protected override void Write(CreateReplica message, WireWriter body)
    {
        body.WriteInt32(message.Tag);
        body.WriteIdentity(message.Identity);
    }

    protected override CreateReplica Read(ref WireReader body, PooledBuffer? payload) =>
        new(body.ReadInt32(), FieldCodecs.ReadIdentity(ref body));
}

internal sealed class OpenReplicaCodec(ushort typeId) : MessageCodec<OpenReplica>(typeId)
{
    protected override void Write(OpenReplica message, WireWriter body)
    {
        body.WriteInt32(message.Tag);
        body.WriteIdentity(message.Identity);
        body.WriteInt64(message.Serial);
        body.WriteUInt32(message.Epoch);
        body.WriteUInt32(message.Session);
        body.WriteByte((byte)message.Role);
    }

    protected override OpenReplica Read(ref WireReader body, PooledBuffer? payload) => new(
        body.ReadInt32(),
        FieldCodecs.ReadIdentity(ref body),
        body.ReadInt64(),
        body.ReadUInt32(),
        body.ReadUInt32())
    {
        Role = (ReplicaRole)body.ReadByteUpTo((byte)ReplicaRole.Lapsed, "the role of a replica"),
    };
}

internal sealed class ReplicaOpenedCodec(ushort typeId) : MessageCodec<ReplicaOpened>(typeId)
{
    private const int PairBytes = 16;

    protected override void Write(ReplicaOpened message, WireWriter body)
    {
        body.WriteInt32(message.Tag);
        body.WriteUInt64(message.Incarnation);
        body.WriteUInt64(message.Clean);
        body.WriteBoolean(message.Continuous);
        body.WriteInt64(message.Serial);
        body.WriteBoolean(message.Incomplete);
        body.WriteInt32(message.UnderWay.Count);
        foreach (ByteRange range in message.UnderWay)
        {
            body.WriteInt64(range.OffsetBytes);
            body.WriteInt64(range.LengthBytes);
        }

        body.WriteInt32(message.HotZones.Count);
        foreach (ZoneRun run in message.HotZones)
        {
            body.WriteInt64(run.FirstZone);
            body.WriteInt64(run.Count);
        }
    }

    protected override ReplicaOpened Read(ref WireReader body, PooledBuffer? payload) => new(
        body.ReadInt32(), body.ReadUInt64(), body.ReadUInt64(), body.ReadBoolean(), body.ReadInt64())
    {
        Incomplete = body.ReadBoolean(),
        UnderWay = ReadRanges(ref body),
        HotZones = ReadZones(ref body),
    };

    private static ByteRange[] ReadRanges(ref WireReader body)
    {
        int count = body.ReadCount(ReplicaOpened.UnderWayMax, PairBytes, "ranges under way");
        ByteRange[] ranges = new ByteRange[count];
        for (int index = 0; index < ranges.Length; index++)
        {
            ranges[index] = new ByteRange(body.ReadInt64(), body.ReadInt64());
        }

        return ranges;
    }

    private static ZoneRun[] ReadZones(ref WireReader body)
    {
        int count = body.ReadCount(ReplicaOpened.HotZonesMax, PairBytes, "runs of hot zones");
        ZoneRun[] runs = new ZoneRun[count];
        for (int index = 0; index < runs.Length; index++)
        {
            runs[index] = new ZoneRun(body.ReadInt64(), body.ReadInt64());
        }

        return runs;
    }
}

internal sealed class RemoveReplicaCodec(ushort typeId) : MessageCodec<RemoveReplica>(typeId)
{
    protected override void Write(RemoveReplica message, WireWriter body)
    {
        body.WriteInt32(message.Tag);
        body.WriteIdentity(message.Identity);
        body.WriteInt64(message.Serial);
        body.WriteUInt32(message.Epoch);
    }

    protected override RemoveReplica Read(ref WireReader body, PooledBuffer? payload) => new(
        body.ReadInt32(), FieldCodecs.ReadIdentity(ref body), body.ReadInt64(), body.ReadUInt32());
}
