using System.Diagnostics;
using Replication.Actors;
using Replication.Coordinator.Events;

namespace Replication.Host.Telemetry;

/// <summary>
/// A span for each resync of a child, from its start to its end, in a trace of its own: resyncs are few, and
/// none is left out. Subscribed to a system's event stream.
/// </summary>
internal sealed class ResyncSpans(OtlpTraces traces, string node) : CallbackRef
{
    /// <summary>Resyncs under way that are followed; further ones get no span.</summary>
    public const int FollowedMax = 4096;

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Volume, string Child), ResyncStarted> _underWay = [];

    /// <inheritdoc/>
    protected override void OnMessage(object message, IActorRef? sender)
    {
        switch (message)
        {
            case ResyncStarted started:
                OnStarted(started);
                break;
            case ResyncEnded ended:
                OnEnded(ended);
                break;
        }
    }

    private void OnStarted(ResyncStarted started)
    {
        lock (_lock)
        {
            // Where a volume's actor failed, its last resync has no end: the next one takes its place.
            if (_underWay.Count < FollowedMax || _underWay.ContainsKey((started.Volume, started.Child)))
            {
                _underWay[(started.Volume, started.Child)] = started;
            }
        }
    }

    private void OnEnded(ResyncEnded ended)
    {
        ResyncStarted? started;
        lock (_lock)
        {
            _underWay.Remove((ended.Volume, ended.Child), out started);
        }

        if (started is null)
        {
            return;
        }

        using Activity? span = traces.Source.StartActivity(
            "volume.resync", ActivityKind.Internal, parentContext: default, startTime: started.At);
        span?.SetTag("replication.volume", ended.Volume);
        span?.SetTag("replication.node", node);
        span?.SetTag("replication.child", ended.NodeName);
        span?.SetTag("replication.everything", started.Everything);
        span?.SetTag("replication.done", ended.Progress.DoneBytes);
        span?.SetTag("replication.copied", ended.Progress.CopiedBytes);
        if (ended.Error is not null)
        {
            span?.SetStatus(ActivityStatusCode.Error, ended.Error);
        }

        span?.SetEndTime(ended.At.UtcDateTime);
    }
}
