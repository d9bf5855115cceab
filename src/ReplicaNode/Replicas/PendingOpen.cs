using Replication.Actors;

namespace Replication.ReplicaNode.Replicas;

/// <summary>An accepted open that is not answered yet.</summary>
internal sealed class PendingOpen(int tag, IActorRef replyTo)
{
    internal int Tag { get; } = tag;

    internal IActorRef ReplyTo { get; } = replyTo;

    /// <summary>The accepted epoch is in the sidecar, durably.</summary>
    internal bool IsDurable { get; set; }
}
