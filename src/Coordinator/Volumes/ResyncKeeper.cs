using Replication.Actors;
using Replication.Actors.Disk;
using Replication.Coordinator.Events;
using Replication.Coordinator.Requests;
using Replication.Coordinator.Resync;

namespace Replication.Coordinator.Volumes;

/// <summary>
/// The resyncs of one volume (P20): one job for each target under its session, from the moment in which no
/// request is under way that began without the target, to its promotion. A job ends with its session.
/// Runs within the volume's actor.
/// </summary>
internal sealed class ResyncKeeper(IActorContext volume, ChildTable children, VolumeSeams seams)
{
    /// <summary>At most one event of progress in this time, for each child.</summary>
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromSeconds(5);

    // By child index; at most one for each child.
    private readonly SortedDictionary<int, Run> _runs = [];

    private TimeProvider Time => volume.System.Options.Time;

    /// <summary>Requests run on this view from now on: each target in it gets its resync.</summary>
    internal void Follow(VolumeView view, long sizeBytes, RequestDesk desk)
    {
        foreach (ChildView target in view.Targets)
        {
            if (_runs.ContainsKey(target.Index))
            {
                continue;
            }

            Run run = new(children.Find(target.Index)!, target, view.VolumeName);
            _runs.Add(target.Index, run);

            // A write that began without the target would be missing in what is listed and copied.
            desk.AfterRunning(() => Start(run, view, sizeBytes));
        }
    }

    internal void OnMoved(ResyncMoved moved)
    {
        if (Find(moved.ChildIndex, moved.Session) is not { } run)
        {
            return;
        }

        run.Progress = run.Slot.Resync = moved.Progress;
        if (Time.GetElapsedTime(run.ToldAt) >= ProgressInterval)
        {
            run.ToldAt = Time.GetTimestamp();
            Publish(new ResyncProgressed(
                Time.GetUtcNow(), run.VolumeName, run.Slot.Record.Name, run.Slot.NodeName, moved.Progress));
        }
    }

    /// <summary>Everything is copied: the target waits for its promotion and gets every write.</summary>
    internal void OnDone(ResyncDone done)
    {
        if (Find(done.ChildIndex, done.Session) is { } run)
        {
            run.Progress = run.Slot.Resync = done.Progress;
            run.IsCopied = true;
        }
    }

    /// <summary>A job gave up; returns what its target is to be taken out for, or null.</summary>
    internal ChildFault? OnFailed(ResyncFailed failed) => Find(failed.ChildIndex, failed.Session) is { } run
        ? run.Slot.Fault(FaultKind.Out, Errno.InputOutput, failed.Reason)
        : null;

    /// <summary>The first child that waits for its promotion and may have it, or null.</summary>
    internal ChildSlot? FirstCopied() =>
        _runs.Values.FirstOrDefault(static run => run is { IsCopied: true, Slot.Obstacle: null })?.Slot;

    /// <summary>
    /// A block without a winner does not fit the bad list: none of the children that are copied to is
    /// promoted (P21). It stays so, without copying in vain, until blocks come off the list or the child goes
    /// out.
    /// </summary>
    internal void Obstruct(string reason)
    {
        foreach (Run run in _runs.Values)
        {
            run.Slot.Obstacle = reason;
        }
    }

    /// <summary>Has the children that are held back copied to anew, once there is room on the list.</summary>
    internal IReadOnlyList<ChildFault> FaultsOfObstructed() =>
    [
        .. _runs.Values.Where(static run => run.Slot.Obstacle is not null).Select(static run =>
            run.Slot.Fault(FaultKind.Out, Errno.TryAgain, "bad blocks were cleared meanwhile")),
    ];

    /// <summary>A child is Synced: its resync is over, and well.</summary>
    internal void EndPromoted(int childIndex) => End(childIndex, error: null);

    /// <summary>A child is out, removed or of no use: what was copied counts for nothing (P20).</summary>
    internal void Stop(int childIndex, string reason) => End(childIndex, reason);

    internal void StopAll(string reason)
    {
        foreach (int childIndex in _runs.Keys.ToArray())
        {
            End(childIndex, reason);
        }
    }

    private void Start(Run run, VolumeView view, long sizeBytes)
    {
        if (Find(run.Slot.Record.Index, run.Target.Ticket.Session) != run)
        {
            return;
        }

        bool everything = run.Slot.Opened.Clean == 0 || run.Slot.Opened.Incomplete;
        run.Slot.Resync = run.Progress;
        run.ToldAt = Time.GetTimestamp();
        run.IsStarted = true;
        run.Job = volume.ActorOf(ResyncJob.Props(new ResyncAssignment
        {
            ChildIndex = run.Slot.Record.Index,
            Target = run.Target,
            Sources = view.Children,
            Clean = everything ? 0 : run.Slot.Opened.Clean,
            Everything = everything,
            SizeBytes = sizeBytes,
            Settings = seams.Settings,
            Volume = volume.Self,
        }));
        Publish(new ResyncStarted(
            Time.GetUtcNow(), run.VolumeName, run.Slot.Record.Name, run.Slot.NodeName, everything));
    }

    private void End(int childIndex, string? error)
    {
        if (!_runs.Remove(childIndex, out Run? run))
        {
            return;
        }

        if (run.Job is not null)
        {
            volume.Stop(run.Job);
        }

        run.Slot.Resync = null;
        run.Slot.Obstacle = null;
        if (run.IsStarted)
        {
            Publish(new ResyncEnded(
                Time.GetUtcNow(),
                run.VolumeName,
                run.Slot.Record.Name,
                run.Slot.NodeName,
                run.Progress,
                error));
        }
    }

    private Run? Find(int childIndex, uint session) =>
        _runs.TryGetValue(childIndex, out Run? run) && run.Target.Ticket.Session == session ? run : null;

    private void Publish(VolumeEvent published) => volume.System.EventStream.Publish(published);

    private sealed class Run(ChildSlot slot, ChildView target, string volumeName)
    {
        internal ChildSlot Slot { get; } = slot;

        internal ChildView Target { get; } = target;

        internal string VolumeName { get; } = volumeName;

        internal IActorRef? Job { get; set; }

        internal ResyncProgress Progress { get; set; } = new(0, 0, 0, 0, null);

        internal bool IsStarted { get; set; }

        internal bool IsCopied { get; set; }

        internal long ToldAt { get; set; }
    }
}
