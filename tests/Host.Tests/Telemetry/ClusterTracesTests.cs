namespace Replication.Host.Tests.Telemetry;

/// <summary>The traces of a cluster, as its nodes send them one by one.</summary>
public sealed class ClusterTracesTests
{
    private const StringComparison Ordinal = StringComparison.Ordinal;

    [Fact]
    public async Task Every_span_of_a_storage_node_is_below_the_gateways_span_of_its_request()
    {
        await using OtlpReceiver receiver = new();
        await using (WatchedCluster cluster = new(
            $"otlp {{ endpoint = \"{receiver.Endpoint}\", interval = 10 m, trace-ratio = 1 }}"))
        {
            await cluster.StartAsync("n1", "n2", "n3", "gate");
            await cluster.QemuIoAsync(
                "vm", "write -P 0x5a 0 1M", "write -z 1M 64k", "discard 2M 64k", "flush", "read 0 64k");
            await cluster.StopAsync("n3");
            await cluster.QemuIoAsync("vm", "write -P 0x5b 0 64k", "flush");
            await cluster.StartAsync("n3");
            await cluster.UntilHealthyAsync("vm", static () => Task.CompletedTask);
        }

        // Each node has sent its last spans by its end. Within one process, each also sends the others'.
        TracedSpan[] spans = [.. receiver.Rest().SelectMany(TracedSpan.In).Distinct()];
        Dictionary<string, TracedSpan> byId =
            spans.ToDictionary(static span => span.Id, StringComparer.Ordinal);
        TracedSpan[] ofVolume = [.. spans.Where(static span => span.Name.StartsWith("volume.", Ordinal))];
        TracedSpan[] ofReplicas = [.. spans.Where(static span => span.Name.StartsWith("replica.", Ordinal))];
        Assert.All(ofVolume, static span => Assert.Equal("", span.Parent));
        Assert.All(ofReplicas, span =>
        {
            TracedSpan parent = byId[span.Parent];
            Assert.Equal((parent.Trace, parent.Request), (span.Trace, span.Request));
            Assert.Equal(("gate", "vm"), (parent.Node, span.Request![..span.Request!.IndexOf('/')]));
        });
        string[] parents = [.. ofReplicas.Select(span => byId[span.Parent].Name).Distinct()];
        string[] expected =
            ["volume.write", "volume.zero", "volume.trim", "volume.flush", "volume.read", "volume.copy"];
        Assert.All(expected, name => Assert.Contains(name, parents));
        Assert.Equal(
            ["n1", "n2", "n3"],
            ofReplicas.Select(static span => span.Node).Distinct().Order(StringComparer.Ordinal));
        Assert.Contains(spans, static span => span is { Name: "volume.resync", Child: "vm-n3" });
    }

    private sealed record TracedSpan(
        string Trace, string Id, string Parent, string Name, string? Request, string? Node, string? Child)
    {
        // Numbers of opentelemetry/proto/trace/v1/trace.proto: spans, in scopes, in resources.
        internal static IEnumerable<TracedSpan> In(OtlpRequest request) => request.Path != "/v1/traces"
            ? []
            : request.Message.Messages(1)
                .SelectMany(static resource => resource.Messages(2))
                .SelectMany(static scope => scope.Messages(2))
                .Select(static span => new TracedSpan(
                    Convert.ToHexString(span.Bytes(1)),
                    Convert.ToHexString(span.Bytes(2)),
                    Convert.ToHexString(span.Bytes(4)),
                    span.Text(5),
                    Attribute(span, "replication.request"),
                    Attribute(span, "replication.node"),
                    Attribute(span, "replication.child")));

        private static string? Attribute(ProtobufMessage span, string name) => span.Messages(9)
            .Where(pair => pair.Text(1) == name)
            .Select(static pair => pair.Message(2)!.Text(1))
            .SingleOrDefault();
    }
}
