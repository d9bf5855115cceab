using Replication.Actors.Disk;
using Replication.Coordinator.Observing;
using Replication.Host.Telemetry;
using Replication.Messages;
using Replication.ReplicaNode.Observing;

namespace Replication.Host.Tests.Telemetry;

/// <summary>What a collector of OpenTelemetry gets of requests, as it is on the wire.</summary>
public sealed class OtlpTracesTests
{
    // Numbers of opentelemetry/proto/trace/v1/trace.proto.
    private const int ResourceSpans = 1;
    private const int ScopeSpans = 2;
    private const int Spans = 2;
    private const int TraceId = 1;
    private const int SpanId = 2;
    private const int ParentSpanId = 4;
    private const int Name = 5;
    private const int Start = 7;
    private const int End = 8;
    private const int Attributes = 9;
    private const int Status = 15;

    private static readonly ulong[] Numbers = [.. Enumerable.Range(1, 400).Select(static n => (ulong)n)];

    private static readonly Guid VolumeId = new(1, 2, 3, new byte[8]);

    [Fact]
    public async Task What_a_storage_node_did_is_below_the_gateways_span_of_the_request_with_its_times()
    {
        await using OtlpReceiver receiver = new();
        TimeProvider time = TimeProvider.System;
        long now = time.GetTimestamp();
        long arrivedAt = now - time.TimestampFrequency;
        long answeredAt = now - (time.TimestampFrequency / 2);
        using (OtlpTraces gateway = OtlpTraces.Start("gate", Settings(receiver, ratio: 1)))
        {
            new RequestSpans(gateway, "gate", time).OnEnded(Requested(17, arrivedAt, answeredAt));
        }

        using (OtlpTraces storage = OtlpTraces.Start("node1", Settings(receiver, ratio: 1)))
        {
            new ReplicaSpans(storage, "node1", time).OnAnswered(Answered(17, arrivedAt, answeredAt));
            new ReplicaSpans(storage, "node1", time).OnAnswered(Answered(0, arrivedAt, answeredAt));
        }

        OtlpRequest first = await receiver.NextAsync();
        Assert.Equal("/v1/traces", first.Path);
        ProtobufMessage request = Assert.Single(SpansOf(first));
        ProtobufMessage replica = Assert.Single(SpansOf(await receiver.NextAsync()));
        Assert.Equal(("volume.read", "replica.digest"), (request.Text(Name), replica.Text(Name)));
        Assert.Equal(request.Text(TraceId), replica.Text(TraceId));
        Assert.Equal((8, 8), (request.Bytes(SpanId).Length, replica.Bytes(SpanId).Length));
        Assert.Equal(request.Bytes(SpanId), replica.Bytes(ParentSpanId));
        Assert.Empty(request.Bytes(ParentSpanId));
        Assert.NotEqual(request.Bytes(SpanId), replica.Bytes(SpanId));
        Assert.Equal("vm/3-17", AttributeOf(request, "replication.request"));
        Assert.Equal("vm/3-17", AttributeOf(replica, "replication.request"));
        Assert.InRange((long)(request.Number(End) - request.Number(Start)), 499_000_000, 501_000_000);
        Assert.True(Math.Abs((long)(request.Number(Start) - replica.Number(Start))) < 100_000_000);
    }

    [Fact]
    public async Task A_failed_request_has_the_status_of_an_error()
    {
        await using OtlpReceiver receiver = new();
        long now = TimeProvider.System.GetTimestamp();
        using (OtlpTraces traces = OtlpTraces.Start("gate", Settings(receiver, ratio: 1)))
        {
            new RequestSpans(traces, "gate", TimeProvider.System).OnEnded(
                Requested(1, now, now) with { Errno = Errno.InputOutput, Reason = "too few answered" });
        }

        ProtobufMessage span = Assert.Single(SpansOf(await receiver.NextAsync()));
        ProtobufMessage status = span.Message(Status)!;
        Assert.Equal(("too few answered", 2UL), (status.Text(2), status.Number(3)));
    }

    [Fact]
    public async Task Gateway_and_storage_node_pick_the_same_part_of_the_requests()
    {
        await using OtlpReceiver receiver = new();
        long now = TimeProvider.System.GetTimestamp();
        using (OtlpTraces gateway = OtlpTraces.Start("gate", Settings(receiver, ratio: 0.25)))
        {
            RequestSpans spansOf = new(gateway, "gate", TimeProvider.System);
            Array.ForEach(Numbers, number => spansOf.OnEnded(Requested(number, now, now)));
        }

        using (OtlpTraces storage = OtlpTraces.Start("node1", Settings(receiver, ratio: 0.25)))
        {
            ReplicaSpans spansOf = new(storage, "node1", TimeProvider.System);
            Array.ForEach(Numbers, number => spansOf.OnAnswered(Answered(number, now, now)));
        }

        List<ProtobufMessage> spans = [.. SpansOf(await receiver.NextAsync())];
        spans.AddRange(SpansOf(await receiver.NextAsync()));
        ILookup<bool, string> traces = spans.ToLookup(
            static span => span.Text(Name) == "volume.read",
            static span => AttributeOf(span, "replication.request")!);
        Assert.Equal(
            traces[true].Order(StringComparer.Ordinal), traces[false].Order(StringComparer.Ordinal));
        Assert.InRange(traces[true].Count(), 60, 140);
    }

    [Fact]
    public void A_request_that_is_not_picked_allocates_nothing()
    {
        OtlpSettings settings = new() { Endpoint = new Uri("http://127.0.0.1:1"), TraceRatio = 1e-9 };
        using OtlpTraces traces = OtlpTraces.Start("gate", settings);
        RequestSpans spans = new(traces, "gate", TimeProvider.System);
        RequestReport report = Requested(1, 0, 0);
        spans.OnEnded(report);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int count = 0; count < 1000; count++)
        {
            spans.OnEnded(report);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static OtlpSettings Settings(OtlpReceiver receiver, double ratio) =>
        new() { Endpoint = new Uri(receiver.Endpoint), TraceRatio = ratio };

    private static IEnumerable<ProtobufMessage> SpansOf(OtlpRequest request) => request.Message
        .Messages(ResourceSpans)
        .SelectMany(static resource => resource.Messages(ScopeSpans))
        .SelectMany(static scope => scope.Messages(Spans));

    private static string? AttributeOf(ProtobufMessage span, string name) => span.Messages(Attributes)
        .Where(pair => pair.Text(1) == name)
        .Select(static pair => pair.Message(2)!.Text(1))
        .SingleOrDefault();

    private static RequestReport Requested(ulong number, long arrivedAt, long answeredAt) =>
        Reports.Requested(RequestKind.Read, arrivedAt, answeredAt) with
        {
            Id = new RequestId(3, number),
            VolumeId = VolumeId,
        };

    private static ReplicaReport Answered(ulong number, long arrivedAt, long answeredAt) =>
        Reports.Answered(ReplicaOperation.Digest, arrivedAt, answeredAt) with
        {
            Id = new RequestId(3, number),
            VolumeId = VolumeId,
        };
}
