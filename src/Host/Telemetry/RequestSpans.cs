using System.Diagnostics;
using Replication.Coordinator.Observing;
using Replication.Messages;

namespace Replication.Host.Telemetry;

/// <summary>
/// A span for each request of a gateway that is sampled: from its arrival to its answer, with events for when
/// it began and when it was over, and for each child with which something was wrong.
/// </summary>
internal sealed class RequestSpans(OtlpTraces traces, string node, TimeProvider time) : IRequestObserver
{
    private static readonly string[] Names =
        [.. Enum.GetNames<RequestKind>().Select(static name => $"volume.{name.ToLowerInvariant()}")];

    /// <inheritdoc/>
    public void OnEnded(in RequestReport report)
    {
        if (!TraceNames.IsSampled(report.VolumeId, report.Id, traces.Ratio))
        {
            return;
        }

        SpanTimes times = new(time);
        using Activity? span = SpanStart.OfRequest(traces, new SpanStart
        {
            Name = Names[(int)report.Kind],
            Kind = report.IsOfClient ? ActivityKind.Server : ActivityKind.Internal,
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
        span.AddEvent(new ActivityEvent("started", times.Of(report.StartedAt)));
        span.AddEvent(new ActivityEvent("over", times.Of(report.EndedAt)));
        foreach (ChildReport child in report.Children)
        {
            span.AddEvent(new ActivityEvent("child", times.Of(report.EndedAt), TagsOf(child)));
        }

        span.SetEndTime(times.Of(report.AnsweredAt).UtcDateTime);
    }

    private static ActivityTagsCollection TagsOf(ChildReport child) => new()
    {
        ["replication.child"] = child.NodeName,
        ["replication.votes-lost"] = child.VotesLost,
        ["replication.repairs"] = child.Repairs,
        ["replication.errors"] = child.Errors + child.RepairErrors,
        ["replication.errno"] = child.Errno,
        ["replication.reason"] = child.Reason ?? "",
    };
}
