using Replication.Actors;
using Replication.Coordinator.Requests;

namespace Replication.Coordinator.Volumes;

/// <summary>
/// Looks at how long a volume's requests have taken, a few times in each child-timeout and only while there
/// are any. Runs within the volume's actor.
/// </summary>
internal sealed class RequestDeadlines(
    IActorContext volume, VolumeSettings settings, RequestTable requests, WaitingRequests waiting)
{
    private static readonly object Timer = new();

    /// <summary>A request runs or waits: they are looked at from now on.</summary>
    internal void Keep()
    {
        if (!volume.Timers.IsActive(Timer))
        {
            volume.Timers.StartPeriodic(Timer, new DeadlineTick(), settings.DeadlineCheckInterval);
        }
    }

    /// <summary>
    /// Lets coordinators that have run for child-timeout look at what they wait for, and takes out what has
    /// waited that long for a reconcile: reads of its range, and changes whose room it keeps back.
    /// </summary>
    /// <param name="isReconciled">True when nothing is: the crowded wait for a checkpoint then.</param>
    internal (IReadOnlyList<LiveRequest> Patient, IReadOnlyList<LiveRequest> Crowded) Check(bool isReconciled)
    {
        if (requests.StartedCount == 0 && waiting.IsEmpty)
        {
            volume.Timers.Cancel(Timer);
            return ([], []);
        }

        TimeProvider time = volume.System.Options.Time;
        long now = time.GetTimestamp();
        requests.TellOlderThan(settings.ChildTimeout, time, now, new CheckDeadline(now));
        return (
            waiting.TakePatient(live => !live.IsOwn && IsOverdue(live.ArrivedAt)),
            isReconciled ? [] : waiting.TakeCrowdedSince(IsOverdue));

        bool IsOverdue(long since) => time.GetElapsedTime(since, now) >= settings.ChildTimeout;
    }
}
