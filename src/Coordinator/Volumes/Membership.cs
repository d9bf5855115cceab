using Replication.Actors;
using Replication.Actors.Asking;
using Replication.Actors.Disk;
using Replication.Cluster.Records;
using Replication.Coordinator.Entry;
using Replication.Messages;

namespace Replication.Coordinator.Volumes;

/// <summary>
/// Adds children to a volume that serves, and takes them out, one after the other as administrators asked.
/// Runs within the volume's actor.
/// </summary>
internal sealed class Membership(VolumeParts parts)
{
    /// <summary>Commands that wait; one more is refused.</summary>
    private const int WaitingMax = 64;

    private static readonly object Timer = new();

    private readonly Queue<(object Command, IActorRef Asker)> _waiting = new();
    private readonly LeftFiles _left = new(parts);
    private (object Command, IActorRef Asker)? _current;
    private ChildPlacement? _placement;
    private LeftReplicaEntry? _made;
    private LeftReplicaEntry? _mark;
    private ChildSlot? _removed;
    private int _createTag;
    private bool _isCreated;
    private bool _isRecording;

    /// <summary>True while requests have to end before a child is taken out.</summary>
    internal bool HoldsRequests => _mark is not null && _removed is null;

    /// <summary>An administrator asks.</summary>
    internal void TakeIn(object command, IActorRef asker)
    {
        if (_waiting.Count >= WaitingMax)
        {
            asker.Tell(new AdminRefused("too many changes of the children wait"), parts.Context.Self);
            return;
        }

        _waiting.Enqueue((command, asker));
    }

    /// <summary>Goes on as far as the volume's other work allows.</summary>
    internal void Proceed()
    {
        while (_current is null && _waiting.TryDequeue(out (object Command, IActorRef Asker) next))
        {
            _current = next;
            if (!parts.State.CanServe)
            {
                Refuse(parts.State.NotServing);
            }
            else if (next.Command is AddChild add)
            {
                ClearFor(add);
            }
            else
            {
                Remember((RemoveChild)next.Command);
            }
        }

        if (_isCreated && !parts.Keeper.IsChanging)
        {
            RecordAdded();
        }
    }

    /// <summary>No request is under way, and none is started.</summary>
    internal void OnDrained()
    {
        if (!HoldsRequests || _current?.Command is not RemoveChild remove)
        {
            return;
        }

        if (!parts.State.CanServe)
        {
            RefuseRemoval(parts.State.NotServing);
            return;
        }

        ChildSlot? slot = parts.Children.Slots.FirstOrDefault(one => one.Record.Name == remove.Child);
        LeftReplicaEntry mark = _mark!;
        RecordPurpose purpose = new("removed", isDone => OnRemoved(slot!, mark, isDone));
        if (parts.Changes.Begin(ChangeFor(remove), purpose) is { } refusal)
        {
            RefuseRemoval(refusal);
        }
        else
        {
            _isRecording = true;
        }
    }

    internal void OnStep(LeftFilesStep step) => _left.OnStep(step);

    /// <summary>The store has failed; false when it was not asked here.</summary>
    internal bool OnStoreFailed(PipeFailed failed) => _left.OnStoreFailed(failed);

    /// <summary>A node has answered; false when nothing of it was asked here.</summary>
    internal bool OnReply(ReplicaReply reply)
    {
        if (_left.OnReply(reply))
        {
            return true;
        }

        if (_placement is null || reply.Tag != _createTag || _isCreated)
        {
            return false;
        }

        parts.Context.Timers.Cancel(Timer);
        if (reply is ReplicaFailed failed)
        {
            // What it made before it failed, if anything, goes too.
            RefuseAddition($"node {_placement.Node}: {failed.Reason}");
        }
        else
        {
            _isCreated = true;
        }

        return true;
    }

    /// <summary>The node has not answered in time: what it made, if anything, is taken away again.</summary>
    internal void OnTick()
    {
        if (_placement is { } placement && !_isCreated)
        {
            double seconds = parts.Settings.ChildTimeout.TotalSeconds;
            RefuseAddition($"no answer within {seconds:0.###} s from {placement.Node}");
        }
    }

    /// <summary>
    /// The volume ends: nobody waits in vain, and what a node has made, or is about to make, is not left in
    /// the way.
    /// </summary>
    internal void RefuseAll(string reason)
    {
        if (_made is not null && !_isRecording)
        {
            _left.Drop(_made);
        }
        else if (_mark is not null && _removed is null && !_isRecording)
        {
            _left.Forget(_mark);
        }

        if (_removed is not null)
        {
            // It is out of the record; whoever starts next asks its node again.
            AnswerRemoved(isLeft: true);
        }
        else if (_current is not null)
        {
            Refuse(reason);
        }

        while (_waiting.TryDequeue(out (object Command, IActorRef Asker) next))
        {
            next.Asker.Tell(new AdminRefused(reason), parts.Context.Self);
        }
    }

    private RecordChange ChangeFor(RemoveChild remove) =>
        VolumeChild.TryParseName(remove.Child, out int index)
            ? parts.Record.WithChildRemoved(index)
            : new RecordChange.Refused($"'{remove.Child}' is no child's name: those are children.N");

    /// <summary>Remembered before the record changes: the node is asked for the files after it.</summary>
    private void Remember(RemoveChild remove)
    {
        VolumeChild? child = parts.Record.Children.FirstOrDefault(one => one.Name == remove.Child);
        if (ChangeFor(remove) is RecordChange.Refused refused)
        {
            Refuse(refused.Reason);
        }
        else
        {
            LeftReplica replica = LeftOn(child!.Node, child.ReplicaId);
            _left.Remember(replica, mark => _mark = mark, Refuse);
        }
    }

    /// <summary>What an earlier child left there would be in the way of this one.</summary>
    private void ClearFor(AddChild add) => _left.ClearFor(
        add.Node,
        isCleared =>
        {
            if (!parts.State.CanServe)
            {
                Refuse(parts.State.NotServing);
            }
            else if (isCleared)
            {
                Create(add);
            }
            else
            {
                Refuse($"node {add.Node}: files of an earlier replica of volume {parts.Record.Name} are left "
                    + "there, and it could not be told to move them away");
            }
        },
        Refuse);

    private void Create(AddChild add)
    {
        if (add.SizeBytes is { } sizeBytes && sizeBytes != parts.Record.SizeBytes)
        {
            Refuse($"the replica has {sizeBytes} bytes, volume {parts.Record.Name} has "
                + $"{parts.Record.SizeBytes}: they must be the same");
            return;
        }

        ChildPlacement placement =
            new(add.Node, parts.Context.System.Options.Ids.NewGuid(), add.NodeName);
        if (parts.Record.WithChildAdded(placement) is RecordChange.Refused refused)
        {
            Refuse(refused.Reason);
            return;
        }

        LeftReplica replica = LeftOn(add.Node, placement.ReplicaId);
        _left.Remember(replica, made => Ask(placement, made), Refuse);
    }

    /// <summary>
    /// What the node makes is remembered as nobody's first: until a record has it, whoever comes next takes
    /// it away, whichever way this ends.
    /// </summary>
    private void Ask(ChildPlacement placement, LeftReplicaEntry made)
    {
        if (!parts.State.CanServe)
        {
            _left.Forget(made);
            Refuse(parts.State.NotServing);
            return;
        }

        _placement = placement;
        _made = made;
        _createTag = parts.Tags.Next();
        parts.Seams.StorageOf(placement.Node).Tell(
            new CreateReplica(_createTag, made.Replica.Identity), parts.Context.Self);
        parts.Context.Timers.StartSingle(Timer, new MembershipTick(), parts.Settings.ChildTimeout);
    }

    private void RecordAdded()
    {
        ChildPlacement placement = _placement!;
        LeftReplicaEntry made = _made!;
        _isCreated = false;
        RecordPurpose purpose = new("added", isDone => OnAdded(placement, made, isDone));
        if (!parts.State.CanServe)
        {
            RefuseAddition(parts.State.NotServing);
        }
        else if (parts.Changes.Begin(parts.Record.WithChildAdded(placement), purpose) is { } refusal)
        {
            RefuseAddition(refusal);
        }
        else
        {
            _isRecording = true;
        }
    }

    private void OnAdded(ChildPlacement placement, LeftReplicaEntry made, bool isDone)
    {
        VolumeChild? child =
            parts.Record.Children.FirstOrDefault(one => one.ReplicaId == placement.ReplicaId);
        if (child is not null)
        {
            _left.Forget(made);
        }

        if (child is null || !isDone)
        {
            Refuse(RecordChanges.NotChanged);
            return;
        }

        Answer(new ChildAdded(child.Name, parts.Children.Find(child.Index)!.NodeName));
    }

    private void OnRemoved(ChildSlot slot, LeftReplicaEntry mark, bool isDone)
    {
        bool isRemoved = isDone && parts.Record.FindChild(slot.Record.Index) is null;
        if (!ReferenceEquals(mark, _mark))
        {
            // Who asked was told of the volume's end meanwhile; the mark stays for whoever starts next.
            if (isRemoved)
            {
                _left.Drop(mark);
                parts.Herald.AnnounceRemoved(parts.Record.Name, slot, isLeft: true);
            }

            return;
        }

        if (!isRemoved)
        {
            Refuse(RecordChanges.NotChanged);
            return;
        }

        _removed = slot;
        _left.Clear([mark], isCleared => AnswerRemoved(isLeft: !isCleared));
    }

    private void AnswerRemoved(bool isLeft)
    {
        ChildSlot removed = _removed!;
        parts.Herald.AnnounceRemoved(parts.Record.Name, removed, isLeft);
        Answer(new ChildRemoved(removed.Record.Name) { Node = removed.Record.Node, IsLeft = isLeft });
    }

    private void RefuseAddition(string reason)
    {
        _left.Drop(_made!);
        Refuse(reason);
    }

    /// <summary>The record keeps the child: it is nobody's to take away.</summary>
    private void RefuseRemoval(string reason)
    {
        _left.Forget(_mark!);
        Refuse(reason);
    }

    private void Refuse(string reason) => Answer(new AdminRefused(reason));

    private void Answer(object answer)
    {
        _current?.Asker.Tell(answer, parts.Context.Self);
        _current = null;
        _placement = null;
        _made = null;
        _mark = null;
        _removed = null;
        _isCreated = false;
        _isRecording = false;
        _left.Abandon();
        parts.Context.Timers.Cancel(Timer);
    }

    private LeftReplica LeftOn(string node, Guid replicaId) => new(
        node,
        new ReplicaIdentity(parts.Record.Name, parts.Record.Id, replicaId, parts.Record.SizeBytes),
        parts.Record.Serial,
        parts.Record.Epoch);
}

/// <summary>A node has had its time to make a replica.</summary>
internal sealed record MembershipTick;
