using Replication.Actors;
using Replication.Cluster.Records;
using Replication.Coordinator.Entry;

namespace Replication.Coordinator.Volumes;

/// <summary>
/// Changes how a volume is offered to NBD clients, one change after the other as administrators asked. The
/// record has it first: an export that was announced outlives the gateway. Requests go on meanwhile, but for
/// the moment in which the record changes. Runs within the volume's actor.
/// </summary>
internal sealed class ExportChanges(VolumeParts parts)
{
    /// <summary>Commands that wait; one more is refused.</summary>
    private const int WaitingMax = 64;

    private readonly Queue<(object Command, IActorRef Asker)> _waiting = new();
    private (object Command, IActorRef Asker)? _current;

    /// <summary>An administrator asks.</summary>
    internal void TakeIn(object command, IActorRef asker)
    {
        string? refusal = parts.State.IsOver
            ? parts.State.NotServing
            : _waiting.Count >= WaitingMax ? "too many changes of the exports wait" : null;
        if (refusal is not null)
        {
            asker.Tell(new AdminRefused(refusal), parts.Context.Self);
            return;
        }

        _waiting.Enqueue((command, asker));
    }

    /// <summary>Goes on as far as other changes of the record allow.</summary>
    internal void Proceed()
    {
        while (_current is null && !parts.Keeper.IsChanging
            && _waiting.TryDequeue(out (object Command, IActorRef Asker) next))
        {
            _current = next;
            RecordPurpose purpose = new("", _ => OnEnded());
            if (parts.Changes.Begin(ChangeFor(next.Command), purpose) is { } refusal)
            {
                Answer(new AdminRefused(refusal));
            }
        }
    }

    /// <summary>The volume ends: nobody waits in vain.</summary>
    internal void RefuseAll(string reason)
    {
        Answer(new AdminRefused(reason));
        while (_waiting.TryDequeue(out (object Command, IActorRef Asker) next))
        {
            next.Asker.Tell(new AdminRefused(reason), parts.Context.Self);
        }
    }

    /// <summary>
    /// What the record says counts: that a child took no copy of it is that child's affair (P4). Where its
    /// outcome is unknown (P3) the volume has failed, and whoever asked was told so.
    /// </summary>
    private void OnEnded()
    {
        if (_current is null || !IsCarriedOut(_current.Value.Command))
        {
            Answer(new AdminRefused(RecordChanges.NotChanged));
            return;
        }

        parts.Herald.Offer(parts.Record);
        Answer(new ExportsChanged(parts.Record.Name, parts.Record.Exports));
    }

    private bool IsCarriedOut(object command) => command is AddExport add
        ? parts.Record.Exports.Contains(add.Export)
        : parts.Record.Exports.All(export => export.Id != ((RemoveExport)command).Id);

    private RecordChange ChangeFor(object command) => command is AddExport add
        ? parts.Record.WithExportAdded(add.Export)
        : parts.Record.WithExportRemoved(((RemoveExport)command).Id);

    private void Answer(object answer)
    {
        _current?.Asker.Tell(answer, parts.Context.Self);
        _current = null;
    }
}
