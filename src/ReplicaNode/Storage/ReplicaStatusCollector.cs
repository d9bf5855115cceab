using Replication.Actors;
using Replication.Actors.Watch;

namespace Replication.ReplicaNode.Storage;

/// <summary>
/// Asks every replica in use how it is doing, and answers with all of them; one that ends meanwhile is left
/// out. Then it ends itself.
/// </summary>
internal sealed class ReplicaStatusCollector(IReadOnlyList<IActorRef> replicas, IActorRef asker) : Actor
{
    private readonly SortedDictionary<string, ReplicaStatus> _statuses = new(StringComparer.Ordinal);
    private readonly HashSet<IActorRef> _owing = [.. replicas];

    protected override void PreStart()
    {
        foreach (IActorRef replica in replicas)
        {
            Context.Watch(replica);
            replica.Tell(new QueryReplica(), Self);
        }

        AnswerWhenComplete();
    }

    protected override void Receive(object message)
    {
        switch (message)
        {
            case ReplicaStatus status:
                _statuses[status.VolumeName] = status;
                _owing.Remove(Sender);
                break;
            case Terminated terminated:
                _owing.Remove(terminated.Actor);
                break;
            default:
                Unhandled(message);
                return;
        }

        AnswerWhenComplete();
    }

    private void AnswerWhenComplete()
    {
        if (_owing.Count == 0)
        {
            asker.Tell(new ReplicaList([.. _statuses.Values]), Self);
            Context.Stop(Self);
        }
    }
}
