using Replication.Actors;
using Replication.Actors.Asking;

namespace Replication.ReplicaNode.Storage;

/// <summary>Asks every replica in use how it is doing, and answers with all of them.</summary>
internal sealed class ReplicaStatusCollector(IReadOnlyList<IActorRef> replicas, IActorRef asker)
    : AnswerCollector<ReplicaStatus>(replicas, new QueryReplica(), asker)
{
    /// <inheritdoc/>
    protected override string NameOf(ReplicaStatus answer) => answer.VolumeName;

    /// <inheritdoc/>
    protected override object Whole(IReadOnlyList<ReplicaStatus> answers) => new ReplicaList(answers);
}
