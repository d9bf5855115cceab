using Replication.Actors;
using Replication.Coordinator.Events;
using Replication.Coordinator.Observing;
using Replication.Host.Logging;
using Replication.Host.Telemetry;
using Replication.ReplicaNode.Observing;

namespace Replication.Host.Nodes;

/// <summary>Who hears of each request of a node's roles: its log, and traces where they are sent.</summary>
internal static class NodeObservers
{
    /// <summary>Those of a gateway.</summary>
    /// <param name="system">The role's system.</param>
    /// <param name="settings">What the log is told.</param>
    /// <param name="log">Stays its owner's.</param>
    /// <param name="telemetry">The same.</param>
    public static IReadOnlyList<IRequestObserver> OfRequests(
        ActorSystem system, LogSettings settings, LogFile log, ProcessTelemetry telemetry)
    {
        TimeProvider time = system.Options.Time;
        List<IRequestObserver> all =
            [new RequestLog(EntriesOf(system, log, RequestLog.Source), time, settings.SlowRequest)];
        if (telemetry.Traces is { } traces)
        {
            all.Add(new RequestSpans(traces, system.Name, time));
            system.EventStream.Subscribe<VolumeEvent>(new ResyncSpans(traces, system.Name));
        }

        return all;
    }

    /// <summary>Those of a storage node; parameters as of <see cref="OfRequests"/>.</summary>
    public static IReadOnlyList<IReplicaObserver> OfReplicas(
        ActorSystem system, LogSettings settings, LogFile log, ProcessTelemetry telemetry)
    {
        TimeProvider time = system.Options.Time;
        List<IReplicaObserver> all =
            [new ReplicaLog(EntriesOf(system, log, ReplicaLog.Source), time, settings.SlowRequest)];
        if (telemetry.Traces is { } traces)
        {
            all.Add(new ReplicaSpans(traces, system.Name, time));
        }

        return all;
    }

    private static RequestEntries EntriesOf(ActorSystem system, LogFile log, string source) =>
        new(log, system.Name, source, new WarningPace(system.Options.Time));
}
