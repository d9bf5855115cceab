using Replication.Actors;
using Replication.Actors.Watch;
using Replication.Coordinator.Volumes;

namespace Replication.Coordinator.Entry;

/// <summary>
/// Asks every volume for its status and answers one administrator with all of them; then it ends.
/// </summary>
internal sealed class StatusCollector(IReadOnlyList<IActorRef> volumes, IActorRef asker) : Actor
{
    private readonly SortedDictionary<string, VolumeStatus> _statuses = new(StringComparer.Ordinal);
    private readonly HashSet<IActorRef> _owing = [.. volumes];

    protected override void PreStart()
    {
        foreach (IActorRef volume in volumes)
        {
            Context.Watch(volume);
            volume.Tell(new QueryVolume(), Self);
        }

        AnswerWhenComplete();
    }

    protected override void Receive(object message)
    {
        switch (message)
        {
            case VolumeStatus status:
                _statuses[status.Name] = status;
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
            asker.Tell(new VolumeList([.. _statuses.Values]), Self);
            Context.Stop(Self);
        }
    }
}
