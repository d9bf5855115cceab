using System.Collections.Immutable;
using Replication.Actors;
using Replication.Actors.Asking;
using Replication.Actors.Watch;
using Replication.Cluster.Records;
using Replication.Coordinator.Volumes;
using Replication.Messages;

namespace Replication.Coordinator.Entry;

/// <summary>
/// Deletes one volume: closes it, remembers where its replicas are, deletes its record, and has the replicas
/// moved to their nodes' trash. The volume is gone the moment its record is, and whole before: whoever starts
/// after a crash finds the record and serves it, or finds what is left and removes that.
/// </summary>
internal sealed class VolumeDeletion : Actor
{
    private static readonly object ReadingBack = new();

    private readonly string _name;
    private readonly Guid? _id;
    private readonly IActorRef? _volume;
    private readonly VolumeSeams _seams;
    private readonly ImmutableArray<string> _nodes;
    private readonly IActorRef _gateway;
    private readonly List<LeftReplicaEntry> _marks = [];
    private VolumeEntry? _entry;
    private bool _isClosed;
    private string? _trouble;

    /// <param name="name">The volume's name.</param>
    /// <param name="id">Its id; another volume of that name is left alone. Null: whichever there is.</param>
    /// <param name="volume">Its actor; null while none runs.</param>
    /// <param name="seams">Store and nodes.</param>
    /// <param name="nodes">The nodes that there are.</param>
    /// <param name="gateway">Is told <see cref="Ended"/>.</param>
    internal VolumeDeletion(
        string name,
        Guid? id,
        IActorRef? volume,
        VolumeSeams seams,
        ImmutableArray<string> nodes,
        IActorRef gateway)
    {
        _name = name;
        _id = id;
        _volume = volume;
        _seams = seams;
        _nodes = nodes;
        _gateway = gateway;
    }

    /// <summary>A store that cannot be read refuses the deletion before anybody is disconnected.</summary>
    protected override void PreStart() =>
        _seams.Records.GetAsync(_name).PipeTo(Self, lookup => new Checked(Own(lookup)));

    protected override void Receive(object message)
    {
        switch (message)
        {
            case Checked { Lookup: VolumeLookup.Found }:
                Close();
                break;
            case Checked { Lookup: var lookup }:
                Finish(RefusalOf(lookup), restored: null);
                break;
            case Terminated:
                Read();
                break;
            case VolumeClosed:
                // The volume's end itself is what counts.
                break;
            case VolumeLookup.Found found:
                _entry = found.Entry;
                _seams.Records.Left.ListAsync().PipeTo(Self);
                break;
            case VolumeLookup lookup:
                Finish(RefusalOf(lookup), restored: null);
                break;
            case LeftReplicaList list:
                Mark(list.Entries.Count + list.UnreadableCount);
                break;
            case LeftReplicaEntry mark:
                _marks.Add(mark);
                DeleteWhenMarked();
                break;
            case VolumeChange.Deleted or VolumeChange.Conflicted { Current: VolumeLookup.Missing }:
                Clear();
                break;
            case VolumeChange:
                Restore("the volume's record was changed by somebody else");
                break;
            case ReplicasRemoved removed:
                Finish(new VolumeDeleted(_name, removed.LeftOn), restored: null);
                break;
            case ReadBack back:
                OnReadBack(back.Lookup);
                break;
            case PipeFailed failed:
                OnStoreFailed(failed);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Close()
    {
        if (_volume is null)
        {
            Read();
            return;
        }

        Context.Watch(_volume);
        _volume.Tell(new CloseVolume(), Self);
    }

    /// <summary>Once more: until it was closed the volume may have changed it.</summary>
    private void Read()
    {
        _isClosed = true;
        _seams.Records.GetAsync(_name).PipeTo(Self, Own);
    }

    private void Mark(int rememberedCount)
    {
        LeftReplicaEntry[] left = [.. ReplicasOf(_entry!.Record)];
        if (rememberedCount + left.Length > LeftReplicas.CountMax)
        {
            Context.System.Log.Warning(
                GatewayActor.Name,
                $"deleted volumes have left {rememberedCount} replicas on nodes that never answered: what "
                + $"volume {_name} leaves is not remembered");
            _marks.AddRange(left);
            DeleteWhenMarked();
            return;
        }

        foreach (LeftReplicaEntry replica in left)
        {
            _seams.Records.Left.AddAsync(replica.Replica).PipeTo(Self);
        }
    }

    private void DeleteWhenMarked()
    {
        if (_marks.Count == _entry!.Record.Children.Length)
        {
            _seams.Records.DeleteAsync(_entry).PipeTo(Self);
        }
    }

    private void Clear()
    {
        IActorRef self = Self;
        Context.ActorOf(Props.Create(() => new ReplicaRemoval([.. _marks], _seams, _nodes, self)));
    }

    /// <summary>
    /// Where the record's own deletion failed its outcome is unknown (P3): a record that is still read may
    /// yet go, until the volume, which is started again, has raised its epoch.
    /// </summary>
    private void OnStoreFailed(PipeFailed failed)
    {
        string reason = $"the cluster store failed: {failed.Cause.Message}";
        if (!_isClosed)
        {
            Finish(new AdminRefused(reason), restored: null);
        }
        else if (failed.Tag == ReadingBack)
        {
            Finish(
                new AdminRefused($"{_trouble}; the volume is closed until the gateway is restarted"),
                restored: null);
        }
        else if (_trouble is null)
        {
            Restore(reason);
        }
    }

    private void Restore(string trouble)
    {
        _trouble = trouble;
        _seams.Records.GetAsync(_name)
            .PipeTo(Self, lookup => new ReadBack(Own(lookup)), tag: ReadingBack);
    }

    private void OnReadBack(VolumeLookup lookup)
    {
        if (lookup is VolumeLookup.Missing)
        {
            Clear();
        }
        else
        {
            VolumeLookup.Found? found = _volume is null ? null : lookup as VolumeLookup.Found;
            Finish(new AdminRefused(_trouble!), found?.Entry);
        }
    }

    /// <summary>The record of another volume of that name is as good as none.</summary>
    private VolumeLookup Own(VolumeLookup lookup) =>
        _id is { } id && lookup is VolumeLookup.Found found && found.Entry.Record.Id != id
            ? new VolumeLookup.Missing()
            : lookup;

    private static AdminRefused? RefusalOf(VolumeLookup lookup) =>
        lookup is VolumeLookup.Unreadable unreadable ? new AdminRefused(unreadable.Reason) : null;

    private static IEnumerable<LeftReplicaEntry> ReplicasOf(VolumeRecord record) =>
        record.Children.Select(child => new LeftReplicaEntry(
            new LeftReplica(
                child.Node,
                new ReplicaIdentity(record.Name, record.Id, child.ReplicaId, record.SizeBytes),
                record.Serial,
                record.Epoch),
            Revision: 0));

    private void Finish(object? answer, VolumeEntry? restored)
    {
        _gateway.Tell(new Ended(_name, answer, restored, HasClosed: _isClosed && _volume is not null), Self);
        Context.Stop(Self);
    }

    /// <summary>The deletion is over.</summary>
    /// <param name="Name">The volume's name.</param>
    /// <param name="Answer">VolumeDeleted or AdminRefused; null where there is no such volume.</param>
    /// <param name="Restored">The record of a volume that was closed and is to be started again.</param>
    /// <param name="HasClosed">Its actor has ended, or is about to have: the deletion has heard so.</param>
    internal sealed record Ended(string Name, object? Answer, VolumeEntry? Restored, bool HasClosed);

    private sealed record Checked(VolumeLookup Lookup);

    private sealed record ReadBack(VolumeLookup Lookup);
}
