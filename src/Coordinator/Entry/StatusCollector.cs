using Replication.Actors;
using Replication.Actors.Asking;
using Replication.Coordinator.Volumes;

namespace Replication.Coordinator.Entry;

/// <summary>
/// Asks every volume for its status and answers one administrator with all of them. What is last known
/// stands in for a volume that does not answer in time: it keeps nobody from hearing of the others. The
/// gateway hears the same.
/// </summary>
/// <param name="volumes">Who is asked, and how each volume was last, if that is known.</param>
/// <param name="asker">The administrator.</param>
internal sealed class StatusCollector(
    IReadOnlyList<(IActorRef Actor, VolumeStatus? LastKnown)> volumes, IActorRef asker)
    : AnswerCollector<VolumeStatus>(
        [.. volumes.Select(static volume => volume.Actor)], new QueryVolume(), asker)
{
    /// <summary>How long a volume may take: less than who asks waits.</summary>
    internal static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    protected override TimeSpan? Limit => AnswerLimit;

    /// <inheritdoc/>
    protected override string NameOf(VolumeStatus answer) => answer.Name;

    /// <inheritdoc/>
    protected override VolumeStatus? InsteadOf(IActorRef silent) =>
        volumes.First(volume => volume.Actor.Equals(silent)).LastKnown is { } last
            ? last with { Answers = false, Reason = "the volume does not answer; this is what it last said" }
            : null;

    /// <inheritdoc/>
    protected override object Whole(IReadOnlyList<VolumeStatus> answers)
    {
        VolumeList list = new(answers);
        Context.Parent.Tell(list, Self);
        return list;
    }
}
