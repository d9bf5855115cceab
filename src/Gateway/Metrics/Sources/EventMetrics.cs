using System.Collections.Concurrent;
using Replication.Actors;
using Replication.Coordinator.Events;
using Replication.Gateway.Events;

namespace Replication.Gateway.Metrics.Sources;

/// <summary>Counts the events of volumes by their QMP names; subscribed to a system's event stream.</summary>
public sealed class EventMetrics : CallbackRef, IMetricSource
{
    private readonly ConcurrentDictionary<string, long> _counts = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public string Name => "events";

    /// <inheritdoc/>
    public ValueTask CollectAsync(MetricSet into, CancellationToken cancellation)
    {
        foreach ((string name, long count) in _counts.OrderBy(
            static pair => pair.Key, StringComparer.Ordinal))
        {
            into.Add(MetricCatalog.Events, count, name);
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    protected override void OnMessage(object message, IActorRef? sender)
    {
        if (message is VolumeEvent happened)
        {
            _counts.AddOrUpdate(QmpEventJson.Name(happened), 1, static (_, count) => count + 1);
        }
    }
}
