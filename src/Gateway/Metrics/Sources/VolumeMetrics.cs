using Replication.Actors;
using Replication.Actors.Asking;
using Replication.Cluster.Records;
using Replication.Coordinator.Entry;
using Replication.Coordinator.Volumes;

namespace Replication.Gateway.Metrics.Sources;

/// <summary>
/// What the volumes say of themselves when they are asked: conditions, children, their counters, resyncs.
/// </summary>
/// <param name="gateway">Who is asked.</param>
/// <param name="requests">Forgets the volumes that are gone.</param>
public sealed class VolumeMetrics(IActorRef gateway, RequestMetrics requests) : IMetricSource
{
    private static readonly (VolumeCondition Condition, string Word)[] Conditions =
    [
        .. Enum.GetValues<VolumeCondition>()
            .Select(static value => (value, EnumWords<VolumeCondition>.Of(value))),
    ];

    private static readonly (ChildState State, string Word)[] States =
        [.. Enum.GetValues<ChildState>().Select(static value => (value, EnumWords<ChildState>.Of(value)))];

    private readonly VolumeTable<ChildTotals> _totals = new(static _ => new ChildTotals());

    /// <inheritdoc/>
    public string Name => "volumes";

    /// <inheritdoc/>
    public async ValueTask CollectAsync(MetricSet into, CancellationToken cancellation)
    {
        VolumeList list =
            await gateway.Ask<VolumeList>(new QueryVolumes(), MetricRegistry.SourceTimeout * 0.75);
        HashSet<string> present = [.. list.Volumes.Select(static volume => volume.Name)];
        requests.Keep(present);
        _totals.Keep(present);
        foreach (VolumeStatus volume in list.Volumes.Take(SeriesLimits.VolumesMax))
        {
            // A volume that does not answer shows no numbers that may be wrong by now, and keeps its totals.
            into.Add(MetricCatalog.VolumeAnswers, volume.Answers ? 1 : 0, volume.Name);
            if (!volume.Answers)
            {
                continue;
            }

            Add(into, volume);
            IReadOnlyList<ChildCounters> totals = _totals.Of(volume.Name).Take(volume);
            for (int index = 0; index < totals.Count; index++)
            {
                Add(into, volume.Name, volume.Children[index], totals[index]);
            }
        }
    }

    private static void Add(MetricSet into, VolumeStatus volume)
    {
        foreach ((VolumeCondition condition, string word) in Conditions)
        {
            into.Add(
                MetricCatalog.VolumeCondition, condition == volume.Condition ? 1 : 0, volume.Name, word);
        }

        into.Add(MetricCatalog.VolumeSize, volume.SizeBytes, volume.Name);
        into.Add(MetricCatalog.VolumeThreshold, volume.Options.Threshold, volume.Name);
        into.Add(MetricCatalog.VolumeEpoch, volume.Epoch, volume.Name);
        into.Add(MetricCatalog.VolumeUnreconciled, volume.UnreconciledBytes, volume.Name);
        into.Add(MetricCatalog.VolumeBad, volume.BadBytes, volume.Name);
        into.Add(MetricCatalog.RequestsRunning, volume.RequestsRunning, volume.Name);
        into.Add(MetricCatalog.RequestsWaiting, volume.RequestsWaiting, volume.Name);
        into.Add(MetricCatalog.LockWaiters, volume.LockWaiters, volume.Name);
    }

    private static void Add(MetricSet into, string volume, ChildStatus child, ChildCounters counters)
    {
        foreach ((ChildState state, string word) in States)
        {
            into.Add(
                MetricCatalog.ChildState, state == child.State ? 1 : 0, volume, child.Name, child.Node, word);
        }

        string[] labels = [volume, child.Name, child.Node];
        into.Add(MetricCatalog.ChildOpen, child.Link == ChildLink.Open ? 1 : 0, labels);
        into.Add(MetricCatalog.VotesLost, counters.VotesLost, labels);
        into.Add(MetricCatalog.Repairs, counters.Repairs, labels);
        into.Add(MetricCatalog.ChildErrors, counters.ReadErrors, [.. labels, "read"]);
        into.Add(MetricCatalog.ChildErrors, counters.WriteErrors, [.. labels, "write"]);
        into.Add(MetricCatalog.ChildErrors, counters.FlushErrors, [.. labels, "flush"]);
        if (child.Resync is { } resync)
        {
            into.Add(MetricCatalog.ResyncDone, resync.DoneBytes, labels);
            into.Add(MetricCatalog.ResyncRemaining, resync.ToDoBytes, labels);
            into.Add(MetricCatalog.ResyncCopied, resync.CopiedBytes, labels);
            into.Add(MetricCatalog.ResyncRate, resync.BytesPerSecond, labels);
        }
    }
}
