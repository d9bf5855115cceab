using System.Diagnostics;
using Replication.Actors.Disk;
using Replication.Messages;

namespace Replication.Host.Telemetry;

/// <summary>What all spans begin with.</summary>
internal readonly record struct SpanStart
{
    /// <summary>What is done, such as <c>volume.read</c>.</summary>
    public required string Name { get; init; }

    /// <summary>For whom.</summary>
    public required ActivityKind Kind { get; init; }

    /// <summary>The volume's id.</summary>
    public required Guid VolumeId { get; init; }

    /// <summary>The request's id, within the volume.</summary>
    public required RequestId Id { get; init; }

    /// <summary>The volume's name.</summary>
    public required string VolumeName { get; init; }

    /// <summary>Which node tells.</summary>
    public required string Node { get; init; }

    /// <summary>When it began, in UTC.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Begins a span in the trace of its request; null once sending has ended.</summary>
    public static Activity? Of(OtlpTraces traces, in SpanStart start)
    {
        // A context with a trace and without a span: the trace is known to all, no span is above the others.
        ActivityContext request = new(
            TraceNames.TraceOf(start.VolumeId, start.Id), default, ActivityTraceFlags.Recorded);
        Activity? span = traces.Source.StartActivity(
            start.Name, start.Kind, request, tags: null, links: null, start.At);
        span?.SetTag("replication.request", start.Id.In(start.VolumeName));
        span?.SetTag("replication.volume", start.VolumeName);
        span?.SetTag("replication.node", start.Node);
        return span;
    }

    /// <summary>What it is about.</summary>
    public static void SetRange(Activity span, long offsetBytes, long lengthBytes)
    {
        span.SetTag("replication.offset", offsetBytes);
        span.SetTag("replication.length", lengthBytes);
    }

    /// <summary>How it ended.</summary>
    public static void SetOutcome(Activity span, int errno, string? reason)
    {
        if (errno != 0)
        {
            span.SetTag("replication.errno", Errno.Text(errno));
            span.SetStatus(ActivityStatusCode.Error, reason);
        }
    }
}
