using Replication.Actors;
using Replication.Coordinator.Entry;

namespace Replication.Coordinator.Volumes;

/// <summary>
/// What administrators ask of a volume while it runs, each kind in its own order. Runs within the volume's
/// actor.
/// </summary>
internal sealed class AdminCommands(Membership membership, ExportChanges exports, BlkverifyStop blkverify)
{
    internal void TakeIn(object command, IActorRef asker)
    {
        if (command is AddChild or RemoveChild)
        {
            membership.TakeIn(command, asker);
        }
        else if (command is ReopenVolume)
        {
            blkverify.TakeIn(asker);
        }
        else
        {
            exports.TakeIn(command, asker);
        }
    }

    /// <summary>Goes on as far as the volume's other work allows.</summary>
    internal void Proceed()
    {
        blkverify.Proceed();
        membership.Proceed();
        exports.Proceed();
    }

    /// <summary>The volume ends: nobody waits in vain.</summary>
    internal void RefuseAll(string reason)
    {
        membership.RefuseAll(reason);
        exports.RefuseAll(reason);
        blkverify.RefuseAll(reason);
    }
}
