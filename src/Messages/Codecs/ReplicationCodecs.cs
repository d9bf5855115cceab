using Replication.Actors.Remoting.Codecs;

namespace Replication.Messages.Codecs;

/// <summary>
/// The codecs of everything that crosses between nodes. The numbers are part of the wire format (docs/wire-
/// format.md): they are never changed, and never used again for another message.
/// </summary>
public static class ReplicationCodecs
{
    /// <summary>For <c>RemotingOptions.Codecs</c>.</summary>
    public static IReadOnlyList<IMessageCodec> All { get; } =
    [
        // To and from a node's storage actor: 64 to 79.
        new CreateReplicaCodec(64),
        new OpenReplicaCodec(65),
        new ReplicaOpenedCodec(66),
        new RemoveReplicaCodec(67),

        // Requests to a replica: 80 to 111.
        new ReadReplicaCodec(80),
        new WriteReplicaCodec(81),
        new ZeroReplicaCodec(82),
        new FlushReplicaCodec(83),
        new QueryReplicaExtentsCodec(84),
        new StoreReplicaRecordCodec(85),
        new CloseReplicaCodec(86),
        new StampReplicaCodec(87),
        new ListReplicaRegionsCodec(88),
        new SettleReplicaCodec(89),
        new ConfirmReplicaCodec(90),

        // Answers of a replica: 112 to 127.
        new ReplicaReadCodec(112),
        new ReplicaDoneCodec(113),
        new ReplicaFailedCodec(114),
        new ReplicaExtentsCodec(115),
        new ReplicaRegionsCodec(116),
    ];
}
