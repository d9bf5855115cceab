using Replication.Actors;
using Replication.Coordinator.Entry;
using Replication.Coordinator.Requests;

namespace Replication.Coordinator.Volumes;

/// <summary>
/// Stops a volume in which blkverify found a difference, and starts it again when an administrator says so.
/// The stop is in the record before the read that found it is answered, so that it outlives this owner; what
/// is under way ends as it would have, and the exports are withdrawn behind the last answer. While it is
/// stopped its children are opened as ever, and nothing else is asked of them: what differs stays as it is.
/// Runs within the volume's actor.
/// </summary>
internal sealed class BlkverifyStop(VolumeParts parts)
{
    /// <summary>Administrators that wait; one more is refused.</summary>
    private const int AskersMax = 64;

    // Coordinators of running reads that found a difference: at most one a read.
    private readonly List<IActorRef> _finders = [];
    private readonly Queue<IActorRef> _askers = new();

    // Who asked and is told how the volume is doing once that is worked out anew.
    private readonly List<IActorRef> _reopened = [];
    private bool _isWithdrawing;

    /// <summary>True from the first difference until the record says that the volume is stopped.</summary>
    internal bool HoldsRequests => _finders.Count > 0;

    /// <summary>A read found a difference; its coordinator waits.</summary>
    internal void OnFound(ChildrenDiffer found, IActorRef finder)
    {
        _finders.Add(finder);
        if (_finders.Count > 1 || parts.Record.Stopped)
        {
            return;
        }

        parts.State.Difference = $"{found.Mismatch.FirstNodeName} and {found.Mismatch.SecondNodeName} "
            + $"differ at byte {found.Mismatch.ByteOffset}";
        parts.Context.System.EventStream.Publish(found.Mismatch);
        parts.Context.System.Log.Error(
            $"volume {parts.Record.Name}", $"{parts.State.Difference}: it stops until it is reopened");
    }

    /// <summary>An administrator wants it started again.</summary>
    internal void TakeIn(IActorRef asker)
    {
        if (parts.State.IsOver || _askers.Count >= AskersMax)
        {
            Refuse(asker, parts.State.IsOver ? parts.State.NotServing : "too many wait for that already");
            return;
        }

        _askers.Enqueue(asker);
    }

    /// <summary>Goes on as far as other changes of the record allow.</summary>
    internal void Proceed()
    {
        while (!parts.Keeper.IsChanging && !parts.State.IsOpening)
        {
            if (_finders.Count > 0)
            {
                Stop();
            }
            else if (_isWithdrawing || !_askers.TryDequeue(out IActorRef? asker))
            {
                return;
            }
            else
            {
                Reopen(asker);
            }
        }

        if (parts.State is { IsOpening: true, Trouble: not null })
        {
            RefuseAll(parts.State.NotServing);
        }
    }

    /// <summary>Nothing is under way: the last answers are on their way to the clients.</summary>
    /// <returns>True when that was waited for.</returns>
    internal bool OnIdle()
    {
        if (!_isWithdrawing)
        {
            return false;
        }

        _isWithdrawing = false;
        parts.Context.System.EventStream.Publish(
            new VolumeWithdrawn(parts.Record.Name, parts.State.Trouble ?? "its children differ"));
        parts.Herald.Offer(parts.Record);
        return true;
    }

    /// <summary>How the volume is doing has been worked out.</summary>
    internal void TellReopened()
    {
        if (parts.Keeper.IsChanging)
        {
            return;
        }

        _reopened.ForEach(asker => parts.Herald.Await(asker, parts.Status));
        _reopened.Clear();
    }

    /// <summary>The volume ends: nobody waits in vain.</summary>
    internal void RefuseAll(string reason)
    {
        while (_askers.TryDequeue(out IActorRef? asker))
        {
            Refuse(asker, reason);
        }

        _reopened.ForEach(asker => Refuse(asker, ReopenedInVain(reason)));
        _reopened.Clear();
    }

    private void Stop()
    {
        if (parts.State.IsFailed || parts.Record.Stopped)
        {
            TellFinders();
            return;
        }

        RecordPurpose purpose = new("", _ =>
        {
            // A child that took no copy changes nothing of it (P4); a store that failed, the volume with it.
            _isWithdrawing = parts.Record.Stopped;
            TellFinders();
        });
        if (parts.Changes.Begin(parts.Record.WithStopped(true), purpose) is { } refusal)
        {
            throw new InvalidOperationException($"a stop is not to be recorded: {refusal}");
        }
    }

    private void TellFinders()
    {
        _finders.ForEach(finder => finder.Tell(new DifferenceRecorded(), parts.Context.Self));
        _finders.Clear();
    }

    private void Reopen(IActorRef asker)
    {
        if (!parts.Record.Stopped)
        {
            Refuse(asker, $"volume '{parts.Record.Name}' is not stopped");
            return;
        }

        RecordPurpose purpose = new("", _ => OnReopened(asker));
        if (parts.Changes.Begin(parts.Record.WithStopped(false), purpose) is { } refusal)
        {
            Refuse(asker, refusal);
        }
    }

    private void OnReopened(IActorRef asker)
    {
        if (parts.Record.Stopped)
        {
            Refuse(asker, RecordChanges.NotChanged);
            return;
        }

        parts.Herald.AnnounceReopened(parts.Record.Name);
        if (parts.State.IsOver)
        {
            Refuse(asker, ReopenedInVain(parts.State.Trouble ?? "it is closing"));
            return;
        }

        parts.State.Difference = null;
        parts.Herald.Offer(parts.Record);
        _reopened.Add(asker);
    }

    private static string ReopenedInVain(string reason) =>
        $"the volume was reopened, and does not serve: {reason}";

    private void Refuse(IActorRef asker, string reason) =>
        asker.Tell(new AdminRefused(reason), parts.Context.Self);
}
