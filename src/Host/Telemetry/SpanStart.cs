using System.Diagnostics;
using System.Runtime.CompilerServices;
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

    /// <summary>
    /// Begins the gateway's span of a request, which is the root of its trace; null once sending has ended.
    /// </summary>
    public static Activity? OfRequest(OtlpTraces traces, in SpanStart start)
    {
        // The trace is known to all; no span is above this one.
        Activity? span = Begin(traces, start, parent: default);
        if (span is not null)
        {
            // What the storage nodes take for their parent. An Activity makes up its id itself, and has no
            // other way to be given one.
            SpanIdOf(span) = TraceNames.SpanOf(start.VolumeId, start.Id).ToHexString();
        }

        return span;
    }

    /// <summary>Begins the span of what a storage node does for a request; the same for null.</summary>
    public static Activity? OfReplica(OtlpTraces traces, in SpanStart start) =>
        Begin(traces, start, TraceNames.SpanOf(start.VolumeId, start.Id));

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

    private static Activity? Begin(OtlpTraces traces, in SpanStart start, ActivitySpanId parent)
    {
        ActivityContext context = new(
            TraceNames.TraceOf(start.VolumeId, start.Id),
            parent,
            ActivityTraceFlags.Recorded,
            isRemote: parent != default);
        Activity? span = traces.Source.StartActivity(
            start.Name, start.Kind, context, tags: null, links: null, start.At);
        span?.SetTag("replication.request", start.Id.In(start.VolumeName));
        span?.SetTag("replication.volume", start.VolumeName);
        span?.SetTag("replication.node", start.Node);
        return span;
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_spanId")]
    private static extern ref string? SpanIdOf(Activity span);
}
