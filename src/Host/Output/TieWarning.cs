using Replication.Cluster.Records;
using Replication.Coordinator.Volumes;

namespace Replication.Host.Output;

/// <summary>
/// Where half of the children or fewer win a vote, their equal lies tie with the truth of the others.
/// </summary>
internal static class TieWarning
{
    /// <summary>The sentence; null where no such vote can be.</summary>
    public static string? Of(VolumeStatus volume) => Of(
        volume.Name,
        volume.Children.Count,
        volume.Options.Threshold,
        isVoted: volume.Options.ReadPattern != ReadPattern.Fifo && !volume.Options.Blkverify);

    /// <summary>The same of a volume that a service has described.</summary>
    public static string? Of(string name, int children, long threshold, bool isVoted) =>
        !isVoted || threshold < 1 || threshold * 2 > children ? null
            : $"{name} has {children} children and a threshold of {threshold}: "
                + (threshold == 1 ? "a single replica that lies" : $"{threshold} replicas that lie alike")
                + " can win a vote.";
}
