using Replication.Actors;
using Replication.Actors.Asking;
using Replication.Cluster.Records;
using Replication.Coordinator.Entry;
using Replication.Messages;

namespace Replication.Coordinator.Volumes;

/// <summary>
/// What removed children leave on nodes, and what is made there for children that are being added: remembered
/// in the store, and asked for again. One step is under way at a time; what comes of one that was abandoned
/// is not heard. Runs within the volume's actor.
/// </summary>
internal sealed class LeftFiles(VolumeParts parts)
{
    /// <summary>Nodes that are waited for; those that never answer make room for others.</summary>
    private const int DropsMax = 64;

    private readonly Dictionary<int, LeftReplicaEntry> _drops = [];
    private Step? _step;

    /// <summary>Remembers that a replica is about to be nobody's; one too many is not remembered.</summary>
    internal void Remember(LeftReplica replica, Action<LeftReplicaEntry> marked, Action<string> failed)
    {
        Step step = Begin(failed);
        parts.Seams.Records.Left.ListAsync().PipeTo(
            parts.Context.Self,
            list => new LeftFilesStep(step, () => Mark(replica, list, marked, failed)),
            tag: step);
    }

    /// <summary>
    /// Has a node move away what replicas of the volume's name that no record has any more left there.
    /// </summary>
    internal void ClearFor(string node, Action<bool> cleared, Action<string> failed)
    {
        Step step = Begin(failed);
        parts.Seams.Records.Left.ListAsync(parts.Record.Name).PipeTo(
            parts.Context.Self,
            list => new LeftFilesStep(step, () => Clear(InTheWay(node, list), cleared)),
            tag: step);
    }

    /// <summary>Has nodes move these away; true when none of them is left.</summary>
    internal void Clear(LeftReplicaEntry[] left, Action<bool> cleared)
    {
        if (left.Length == 0)
        {
            cleared(true);
            return;
        }

        Step step = Begin(static _ => { });
        Relay relay = new(parts.Context.Self, step, cleared);

        // The record that does not have them knows at least what it knew when they were remembered.
        LeftReplicaEntry[] known = [.. left.Select(entry => entry.With(parts.Record))];
        parts.Context.ActorOf(Props.Create(() => new ReplicaRemoval(
            known, parts.Seams, [.. left.Select(static entry => entry.Replica.Node)], relay)));
    }

    /// <summary>
    /// A replica is remembered no more: a record has it, or its node has nothing of it. Nobody waits for
    /// that; where the store fails it is found out again at the gateway's next start.
    /// </summary>
    internal void Forget(LeftReplicaEntry left)
    {
        if (left.Revision > 0)
        {
            Step unheard = new(static _ => { });
            parts.Seams.Records.Left.RemoveAsync(left).PipeTo(
                parts.Context.Self, _ => new LeftFilesStep(unheard, static () => { }), tag: unheard);
        }
    }

    /// <summary>
    /// Has a node move away what no record has, also when the volume ends. One that cannot be reached keeps
    /// it, and that stays remembered.
    /// </summary>
    internal void Drop(LeftReplicaEntry left)
    {
        if (_drops.Count >= DropsMax)
        {
            _drops.Clear();
        }

        int tag = parts.Tags.Next();
        _drops.Add(tag, left);
        LeftReplica known = left.Replica.With(parts.Record);
        parts.Seams.StorageOf(left.Replica.Node).Tell(
            new RemoveReplica(tag, known.Identity, known.Serial, known.Epoch), parts.Context.Self);
    }

    /// <summary>A node has answered; false when nothing of it was asked by <see cref="Drop"/>.</summary>
    internal bool OnReply(ReplicaReply reply)
    {
        if (!_drops.Remove(reply.Tag, out LeftReplicaEntry? left))
        {
            return false;
        }

        if (ReplicaRemoval.IsGone(reply))
        {
            Forget(left);
        }
        else
        {
            parts.Context.System.Log.Warning(
                $"volume {parts.Record.Name}",
                $"files of a replica are left on {left.Replica.Node}: {((ReplicaFailed)reply).Reason}");
        }

        return true;
    }

    /// <summary>A step has come to its end.</summary>
    internal void OnStep(LeftFilesStep step)
    {
        if (ReferenceEquals(step.For, _step))
        {
            _step = null;
            step.GoOn();
        }
    }

    /// <summary>The store has failed; false when it was not asked here.</summary>
    internal bool OnStoreFailed(PipeFailed failed)
    {
        if (failed.Tag is not Step step)
        {
            return false;
        }

        if (ReferenceEquals(step, _step))
        {
            _step = null;
            step.Failed($"the cluster store failed: {failed.Cause.Message}");
        }

        return true;
    }

    internal void Abandon() => _step = null;

    private Step Begin(Action<string> failed) => _step = new Step(failed);

    private void Mark(
        LeftReplica replica, LeftReplicaList list, Action<LeftReplicaEntry> marked, Action<string> failed)
    {
        int count = list.Entries.Count + list.UnreadableCount;
        if (count >= LeftReplicas.CountMax)
        {
            parts.Context.System.Log.Warning(
                $"volume {parts.Record.Name}",
                $"{count} replicas are left on nodes that never answered: what is left on {replica.Node} is "
                + "not remembered");
            marked(new LeftReplicaEntry(replica, Revision: 0));
            return;
        }

        Step step = Begin(failed);
        parts.Seams.Records.Left.AddAsync(replica).PipeTo(
            parts.Context.Self, entry => new LeftFilesStep(step, () => marked(entry)), tag: step);
    }

    private LeftReplicaEntry[] InTheWay(string node, LeftReplicaList list) =>
    [
        .. list.Entries.Where(entry => entry.Replica.Node == node
            && parts.Record.Children.All(child => child.ReplicaId != entry.Replica.Identity.ReplicaId)),
    ];

    private sealed record Step(Action<string> Failed);

    private sealed class Relay(IActorRef volume, Step step, Action<bool> cleared) : CallbackRef
    {
        protected override void OnMessage(object message, IActorRef? sender) => volume.Tell(
            new LeftFilesStep(step, () => cleared(((ReplicasRemoved)message).LeftOn.Count == 0)), sender);
    }
}

/// <summary>Something asked for has come; goes on with it unless it was abandoned.</summary>
/// <param name="For">The step.</param>
/// <param name="GoOn">What to do, within the volume's actor.</param>
internal sealed record LeftFilesStep(object For, Action GoOn);
