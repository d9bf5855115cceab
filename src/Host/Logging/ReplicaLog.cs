using Replication.Actors.Disk;
using Replication.Actors.Logging;
using Replication.ReplicaNode.Observing;

namespace Replication.Host.Logging;

/// <summary>
/// A storage node's entries about what its replicas were asked: a warning for what failed, was refused or was
/// slow; at level debug everything.
/// </summary>
internal sealed class ReplicaLog(RequestEntries entries, TimeProvider time, TimeSpan slow) : IReplicaObserver
{
    /// <summary>Where these entries say that they come from.</summary>
    public const string Source = "replicas";

    /// <inheritdoc/>
    public void OnAnswered(in ReplicaReport report)
    {
        TimeSpan took = time.GetElapsedTime(report.ArrivedAt, report.AnsweredAt);
        LogLevel level = report.Errno != 0 || took >= slow ? LogLevel.Warning : LogLevel.Debug;
        if (entries.Wants(level))
        {
            entries.Write(level, Sentence(report, took), (report.Id, report.VolumeName), report.Errno);
        }
    }

    private string Sentence(in ReplicaReport report, TimeSpan took)
    {
        string end = report.Errno == 0 ? "was done" : $"failed ({Errno.Text(report.Errno)}: {report.Reason})";
        TimeSpan waited = time.GetElapsedTime(report.ArrivedAt, report.DiskStartedAt);
        TimeSpan disk = time.GetElapsedTime(report.DiskStartedAt, report.DiskEndedAt);
        return $"{RequestWords.Word(report.Operation)}"
            + $"{RequestWords.Range(report.OffsetBytes, report.LengthBytes)} {end} after "
            + $"{RequestWords.Took(took)}: it waited {RequestWords.Took(waited)}, "
            + $"the disk took {RequestWords.Took(disk)}";
    }
}
