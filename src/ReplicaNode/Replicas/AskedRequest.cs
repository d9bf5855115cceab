using Replication.Actors;
using Replication.Messages;

namespace Replication.ReplicaNode.Replicas;

/// <summary>A request to a replica, from its arrival to its answer.</summary>
/// <param name="Request">What is asked.</param>
/// <param name="ReplyTo">Who is answered.</param>
/// <param name="ArrivedAt">When it came: a timestamp of the system's time provider.</param>
internal readonly record struct AskedRequest(ReplicaRequest Request, IActorRef ReplyTo, long ArrivedAt)
{
    internal int Tag => Request.Tag;
}
