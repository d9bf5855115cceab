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
    }

    protected override OpenReplica Read(ref WireReader body, PooledBuffer? payload) => new(
        body.ReadInt32(),
        FieldCodecs.ReadIdentity(ref body),
        body.ReadInt64(),
        body.ReadUInt32(),
        body.ReadUInt32());
}

internal sealed class ReplicaOpenedCodec(ushort typeId) : MessageCodec<ReplicaOpened>(typeId)
{
    protected override void Write(ReplicaOpened message, WireWriter body)
    {
        body.WriteInt32(message.Tag);
        body.WriteUInt64(message.Incarnation);
        body.WriteUInt64(message.Clean);
        body.WriteBoolean(message.Continuous);
        body.WriteInt64(message.Serial);
        body.WriteBoolean(message.Incomplete);
    }

    protected override ReplicaOpened Read(ref WireReader body, PooledBuffer? payload) => new(
        body.ReadInt32(), body.ReadUInt64(), body.ReadUInt64(), body.ReadBoolean(), body.ReadInt64())
    {
        Incomplete = body.ReadBoolean(),
    };
}

internal sealed class RemoveReplicaCodec(ushort typeId) : MessageCodec<RemoveReplica>(typeId)
{
    protected override void Write(RemoveReplica message, WireWriter body)
    {
        body.WriteInt32(message.Tag);
        body.WriteIdentity(message.Identity);
    }

    protected override RemoveReplica Read(ref WireReader body, PooledBuffer? payload) =>
        new(body.ReadInt32(), FieldCodecs.ReadIdentity(ref body));
}
