using System.Collections.Immutable;
using Replication.Actors;
using Replication.Actors.Asking;
using Replication.Cluster.Records;
using Replication.Coordinator.Volumes;
using Replication.Messages;

namespace Replication.Coordinator.Entry;

/// <summary>
/// Moves what deleted volumes have left to the trash of the nodes that answer within child-timeout, forgets
/// what is out of the way, tells who asked, and ends. A node goes by the replica's ids, so asking it twice,
/// or when a later volume of that name is there, does no harm; and it keeps a replica that knows more of its
/// volume than is known here (P4): that one stays remembered, and the log says why.
/// </summary>
internal sealed class ReplicaRemoval : Actor
{
    private static readonly object TimeoutTimer = new();

    private readonly IReadOnlyList<LeftReplicaEntry> _replicas;
    private readonly VolumeSeams _seams;
    private readonly ImmutableArray<string> _nodes;
    private readonly IActorRef _asker;
    private readonly SortedSet<int> _owing = [];
    private readonly SortedSet<string> _leftOn = new(StringComparer.Ordinal);
    private int _forgetting;

    /// <param name="replicas">What is to go; those of revision 0 are not in the store.</param>
    /// <param name="seams">Store and nodes.</param>
    /// <param name="nodes">The nodes that there are; one that is not among them cannot be asked.</param>
    /// <param name="asker">Is told <see cref="ReplicasRemoved"/>.</param>
    internal ReplicaRemoval(
        IReadOnlyList<LeftReplicaEntry> replicas,
        VolumeSeams seams,
        ImmutableArray<string> nodes,
        IActorRef asker)
    {
        _replicas = replicas;
        _seams = seams;
        _nodes = nodes;
        _asker = asker;
    }

    protected override void PreStart()
    {
        for (int tag = 0; tag < _replicas.Count; tag++)
        {
            LeftReplica left = _replicas[tag].Replica;
            if (_nodes.Contains(left.Node))
            {
                _owing.Add(tag);
                _seams.StorageOf(left.Node).Tell(
                    new RemoveReplica(tag, left.Identity, left.Serial, left.Epoch), Self);
            }
            else
            {
                _leftOn.Add(left.Node);
            }
        }

        Context.Timers.StartSingle(TimeoutTimer, new TimedOut(), _seams.Settings.ChildTimeout);
        EndWhenComplete();
    }

    protected override void Receive(object message)
    {
        switch (message)
        {
            case ReplicaReply reply when _owing.Remove(reply.Tag):
                OnReply(reply, _replicas[reply.Tag]);
                break;
            case ReplicaReply:
                // It comes after it was given up; whoever asks next is told the same.
                break;
            case Forgotten:
                _forgetting--;
                break;
            case PipeFailed failed:
                // Remembered in vain: the next who asks finds nothing there, and forgets it.
                Context.System.Log.Warning(
                    GatewayActor.Name, $"a removed replica is not forgotten: {failed.Cause.Message}");
                _forgetting--;
                break;
            case TimedOut:
                _leftOn.UnionWith(_owing.Select(tag => _replicas[tag].Replica.Node));
                _owing.Clear();
                break;
            default:
                Unhandled(message);
                return;
        }

        EndWhenComplete();
    }

    /// <summary>Nothing of the replica is in the way there: it was moved, or was never there.</summary>
    internal static bool IsGone(ReplicaReply reply) => reply is not ReplicaFailed
    {
        Refusal: not (ReplicaRefusal.UnknownVolume or ReplicaRefusal.WrongReplica),
    };

    private void OnReply(ReplicaReply reply, LeftReplicaEntry entry)
    {
        if (!IsGone(reply))
        {
            string volume = entry.Replica.Identity.VolumeName;
            Context.System.Log.Warning(
                GatewayActor.Name,
                $"files of volume {volume} stay on {entry.Replica.Node}: {((ReplicaFailed)reply).Reason}");
            _leftOn.Add(entry.Replica.Node);
        }
        else if (entry.Revision > 0)
        {
            _forgetting++;
            _seams.Records.Left.RemoveAsync(entry).PipeTo(Self, static _ => new Forgotten());
        }
    }

    private void EndWhenComplete()
    {
        if (_owing.Count == 0 && _forgetting == 0)
        {
            _asker.Tell(new ReplicasRemoved([.. _leftOn]), Self);
            Context.Stop(Self);
        }
    }

    private sealed record Forgotten;

    private sealed record TimedOut;
}

/// <summary>Nothing is in the way any more, except on these nodes, in ordinal order.</summary>
internal sealed record ReplicasRemoved(IReadOnlyList<string> LeftOn);
