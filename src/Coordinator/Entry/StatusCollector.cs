using Replication.Actors;
using Replication.Actors.Asking;
using Replication.Coordinator.Volumes;

namespace Replication.Coordinator.Entry;

/// <summary>Asks every volume for its status and answers one administrator with all of them.</summary>
internal sealed class StatusCollector(IReadOnlyList<IActorRef> volumes, IActorRef asker)
    : AnswerCollector<VolumeStatus>(volumes, new QueryVolume(), asker)
{
    /// <inheritdoc/>
    protected override string NameOf(VolumeStatus answer) => answer.Name;

    /// <inheritdoc/>
    protected override object Whole(IReadOnlyList<VolumeStatus> answers) => new VolumeList(answers);
}
