using System.Diagnostics;
using Replication.ReplicaNode.Observing;

namespace Replication.Host.Telemetry;

/// <summary>
/// A span for what a storage node did for a sampled request: from the arrival to the answer, with events for
/// the disk's part of it.
/// </summary>
internal sealed class ReplicaSpans(OtlpTraces traces, string node, TimeProvider time) : IReplicaObserver
{
    private static readonly string[] Names =
        [.. Enum.GetNames<ReplicaOperation>().Select(static name => $"replica.{name.ToLowerInvariant()}")];

    /// <inheritdoc/>
    public void OnAnswered(in ReplicaReport report)
    {
        if (report.Id.Number == 0 || !TraceNames.IsSampled(report.VolumeId, report.Id, traces.Ratio))
        {
            return;
        }

        SpanTimes times = new(time);
        using Activity? span = SpanStart.OfReplica(traces, new SpanStart
        {
            Name = Names[(int)report.Operation],
            Kind = ActivityKind.Server,
            VolumeId = report.VolumeId,
            Id = report.Id,
            VolumeName = report.VolumeName,
            Node = node,
            At = times.Of(report.ArrivedAt),
        });
        if (span is null)
        {
            return;
        }

        SpanStart.SetRange(span, report.OffsetBytes, report.LengthBytes);
        SpanStart.SetOutcome(span, report.Errno, report.Reason);
        span.AddEvent(new ActivityEvent("disk.started", times.Of(report.DiskStartedAt)));
        span.AddEvent(new ActivityEvent("disk.ended", times.Of(report.DiskEndedAt)));
        span.SetEndTime(times.Of(report.AnsweredAt).UtcDateTime);
    }
}
