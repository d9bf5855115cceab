using Replication.Actors;
using Replication.Actors.Disk;
using Replication.Cluster.Records;
using Replication.Coordinator.Requests;
using Replication.Coordinator.Volumes.Takeovers;
using Replication.Messages;

namespace Replication.Coordinator.Volumes;

/// <summary>
/// Makes one child after the other Synced that everything was copied to (P21): a first flush while requests
/// run, so that the second one is small; then, with no request under way, the second flush, the record, its
/// copies and the settling. The wait for requests is bounded: one that takes too long is given up, requests
/// go on under the old view, and it is tried again later. Runs within the volume's actor.
/// </summary>
internal sealed class Promotion(VolumeParts parts, Takeover takeover)
{
    private static readonly object Timer = new();

    private ChildSlot? _child;
    private uint _session;
    private Step _step;
    private int _attempt;
    private bool _isResting;

    private enum Step
    {
        None,
        FirstFlush,
        Draining,
        LastFlush,
        Recording,
        Settling,
    }

    /// <summary>True while no request may be started for it.</summary>
    internal bool HoldsRequests => _step >= Step.Draining;

    /// <summary>Begins with the next child, if one waits and nothing else is going on.</summary>
    internal void Proceed()
    {
        if (_step != Step.None || _isResting || !MayGoOn()
            || parts.Resyncs.FirstCopied() is not { IsTarget: true } child)
        {
            return;
        }

        _child = child;
        _session = child.Session;
        Flush(child, Step.FirstFlush, () => _step = Step.Draining);
        parts.Context.Timers.StartSingle(Timer, new PromotionTick(), parts.Settings.ChildTimeout);
    }

    /// <summary>No request is under way, and none is started.</summary>
    internal void OnDrained()
    {
        if (_step != Step.Draining)
        {
            return;
        }

        if (!MayGoOn())
        {
            GiveUp();
            return;
        }

        Flush(_child!, Step.LastFlush, Record);
    }

    /// <summary>
    /// Requests are not kept waiting for what cannot come about: a child that is gone, or a volume that has
    /// other things to do first.
    /// </summary>
    internal void Review()
    {
        if (_step is Step.Draining or Step.LastFlush && !(IsStillThere(_child!) && MayGoOn()))
        {
            GiveUp();
        }
    }

    /// <summary>Time is up, for the wait or for the rest after one that was given up.</summary>
    internal void OnTick()
    {
        _isResting = false;
        if (_step is Step.FirstFlush or Step.Draining or Step.LastFlush)
        {
            GiveUp();
        }
    }

    /// <summary>
    /// The volume does something else from here on: what has not been recorded yet is given up.
    /// </summary>
    internal void Abandon()
    {
        _attempt++;
        _step = Step.None;
        _child = null;
        _isResting = false;
        parts.Context.Timers.Cancel(Timer);
    }

    private bool MayGoOn() =>
        (parts.State.IsServing || parts.State.IsRecovering) && parts.State.View is not null
        && !takeover.IsWanted && parts.Desk.IsReconciled && !parts.Keeper.IsChanging
        && _child?.Obstacle is null;

    private bool IsStillThere(ChildSlot child) => child.IsTarget && child.Session == _session;

    private void Flush(ChildSlot child, Step step, Action next)
    {
        _step = step;
        int attempt = ++_attempt;

        // A target's clean does not rise before it is settled (P20): the flush claims nothing.
        parts.Calls.Ask(child, static (tag, ticket) => new FlushReplica(tag, ticket, Checkpoint: 0), fault =>
        {
            if (fault is not null)
            {
                parts.Judge([fault]);
            }

            if (attempt != _attempt)
            {
                return;
            }

            if (fault is null && IsStillThere(child))
            {
                next();
            }
            else
            {
                GiveUp();
            }
        });
    }

    private void Record()
    {
        if (!MayGoOn())
        {
            GiveUp();
            return;
        }

        ChildSlot child = _child!;
        IReadOnlyList<ChildStateChange> changes = TakeoverRules.Promote(
            parts.Children.Standings, child.Record.Index, parts.Record.Options.Threshold);
        _step = Step.Recording;
        int attempt = ++_attempt;
        RecordPurpose purpose = new("has every write again", isDone => OnRecorded(isDone, attempt));
        RecordChange change = parts.State.IsRecovering
            ? parts.Record.WithStatesSuspended(changes)
            : parts.Record.WithStates(changes);
        if (parts.Changes.Begin(change, purpose) is { } refusal)
        {
            parts.Context.System.Log.Error(
                $"volume {parts.Record.Name}", $"{child.NodeName} is not promoted: {refusal}");
            GiveUp();
        }
    }

    private void OnRecorded(bool isDone, int attempt)
    {
        if (attempt != _attempt)
        {
            return;
        }

        ChildSlot child = _child!;
        if (!child.IsSynced)
        {
            GiveUp();
            return;
        }

        // It had everything, and nothing was acknowledged without it since.
        child.Trust();
        parts.Resyncs.EndPromoted(child.Record.Index);
        if (!isDone || !child.IsOpen)
        {
            GiveUpRecorded(child);
            return;
        }

        _step = Step.Settling;
        child.IsSettled = true;
        ulong clean = parts.Desk.Checkpoint;
        parts.Calls.Ask(child, (tag, ticket) => new SettleReplica(tag, ticket, clean), fault =>
        {
            if (attempt == _attempt)
            {
                Abandon();
            }

            if (fault is null)
            {
                takeover.OnPromoted(child);
            }
            else
            {
                parts.Judge([fault.OrOut()]);
            }
        });
    }

    /// <summary>
    /// It was lost while it was recorded, or another child was: it is Synced all the same, and judged like
    /// any other. A volume that recovers finds out anew what it has.
    /// </summary>
    private void GiveUpRecorded(ChildSlot child)
    {
        Abandon();
        if (parts.State.IsRecovering)
        {
            takeover.Want();
        }

        if (!child.IsOpen)
        {
            parts.Judge([child.Fault(FaultKind.Out, Errno.ConnectionReset, child.Reason ?? "it was lost")]);
        }
    }

    private void GiveUp()
    {
        Abandon();
        _isResting = true;
        parts.Context.Timers.StartSingle(Timer, new PromotionTick(), parts.Settings.OpenRetry);
    }
}

/// <summary>A promotion takes too long, or may be tried again.</summary>
internal sealed record PromotionTick;
