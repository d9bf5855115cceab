using Replication.Actors;
using Replication.Actors.Asking;
using Replication.Cluster.Records;
using Replication.Coordinator.Volumes;
using Replication.Messages;

namespace Replication.Coordinator.Entry;

/// <summary>
/// Makes one volume: first the files of every replica, then the record, so that a record never names a
/// replica that does not exist. What a failed creation made goes to the nodes' trash again.
/// </summary>
internal sealed class VolumeCreation(
    VolumeRecord record, VolumeSeams seams, IActorRef gateway, IActorRef asker) : Actor
{
    private static readonly object TimeoutTimer = new();

    private readonly HashSet<int> _owing = [.. Enumerable.Range(0, record.Children.Length)];
    private readonly List<int> _made = [];
    private string? _trouble;

    protected override void PreStart()
    {
        for (int position = 0; position < record.Children.Length; position++)
        {
            StorageOf(position).Tell(new CreateReplica(position, IdentityOf(position)), Self);
        }

        Context.Timers.StartSingle(TimeoutTimer, new TimedOut(), seams.Settings.ChildTimeout);
    }

    protected override void Receive(object message)
    {
        switch (message)
        {
            case ReplicaDone done when _owing.Remove(done.Tag):
                _made.Add(done.Tag);
                ProceedWhenComplete();
                break;
            case ReplicaFailed failed when _owing.Remove(failed.Tag):
                _trouble ??= $"node {record.Children[failed.Tag].Node}: {failed.Reason}";
                ProceedWhenComplete();
                break;
            case TimedOut:
                IEnumerable<string> silent =
                    _owing.Order().Select(position => record.Children[position].Node);
                _trouble ??= $"no answer within {seams.Settings.ChildTimeout.TotalSeconds:0.###} s from "
                    + string.Join(", ", silent);
                _made.AddRange(_owing.Order());
                _owing.Clear();
                ProceedWhenComplete();
                break;
            case VolumeChange.Written written:
                Finish(new Succeeded(written.Entry, asker));
                break;
            case VolumeChange.Conflicted:
                Refuse("a volume of that name was made meanwhile");
                break;
            case PipeFailed failed:
                // Whether the record stands is unknown: the files stay, for the next start to find out.
                Finish(new Refused(record.Name, $"the cluster store failed: {failed.Cause.Message}", asker));
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void ProceedWhenComplete()
    {
        if (_owing.Count > 0)
        {
            return;
        }

        Context.Timers.Cancel(TimeoutTimer);
        if (_trouble is not null)
        {
            Refuse(_trouble);
        }
        else
        {
            seams.Records.CreateAsync(record).PipeTo(Self);
        }
    }

    private void Refuse(string reason)
    {
        foreach (int position in _made)
        {
            StorageOf(position).Tell(
                new RemoveReplica(position, IdentityOf(position)), Context.System.DeadLetters);
        }

        Finish(new Refused(record.Name, reason, asker));
    }

    private void Finish(object outcome)
    {
        gateway.Tell(outcome, Self);
        Context.Stop(Self);
    }

    private IActorRef StorageOf(int position) => seams.StorageOf(record.Children[position].Node);

    private ReplicaIdentity IdentityOf(int position) =>
        new(record.Name, record.Id, record.Children[position].ReplicaId, record.SizeBytes);

    /// <summary>The volume exists.</summary>
    internal sealed record Succeeded(VolumeEntry Entry, IActorRef Asker);

    /// <summary>It does not, for this reason.</summary>
    internal sealed record Refused(string Name, string Reason, IActorRef Asker);

    private sealed record TimedOut;
}
