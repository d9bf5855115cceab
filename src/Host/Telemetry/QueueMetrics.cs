using Replication.Actors;
using Replication.Actors.Mailboxes;
using Replication.Actors.Remoting;
using Replication.Gateway.Metrics;

namespace Replication.Host.Telemetry;

/// <summary>
/// What waits in an actor system: messages before its long-lived actors, and frames before its links.
/// </summary>
/// <param name="system">Whose mailboxes.</param>
/// <param name="remoting">Whose links.</param>
internal sealed class QueueMetrics(ActorSystem system, Remoting remoting) : IMetricSource
{
    /// <inheritdoc/>
    public string Name => "queues";

    /// <inheritdoc/>
    public ValueTask CollectAsync(MetricSet into, CancellationToken cancellation)
    {
        foreach (IGrouping<string, MailboxLength> kind in system.MailboxLengths()
            .GroupBy(static length => length.Label.Kind, StringComparer.Ordinal))
        {
            foreach ((string volume, IEnumerable<MailboxLength> lengths) in Limited(
                kind, static length => length.Label.Name, SeriesLimits.VolumesMax))
            {
                int count = lengths.Sum(static length => length.Count);
                into.Add(MetricCatalog.MailboxLength, count, system.Name, kind.Key, volume);
            }
        }

        foreach ((string peer, IEnumerable<LinkQueue> queues) in Limited(
            remoting.Queues(), static queue => queue.Peer, SeriesLimits.PeersMax))
        {
            LinkQueue[] all = [.. queues];
            into.Add(
                MetricCatalog.LinkQueuedFrames, all.Sum(static queue => queue.Frames), system.Name, peer);
            into.Add(
                MetricCatalog.LinkQueuedBytes, all.Sum(static queue => queue.Bytes), system.Name, peer);
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Each under its name, those past the limit together under one.</summary>
    private static IEnumerable<(string Name, IEnumerable<T> Items)> Limited<T>(
        IEnumerable<T> all, Func<T, string> nameOf, int max) => all
        .Select((item, index) => (Name: index < max ? nameOf(item) : SeriesLimits.Others, Item: item))
        .GroupBy(static entry => entry.Name, static entry => entry.Item, StringComparer.Ordinal)
        .Select(static same => (same.Key, (IEnumerable<T>)same));
}
