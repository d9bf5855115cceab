using System.Text;
using Replication.Gateway.Metrics;
using Replication.Gateway.Metrics.Sources;
using Replication.Gateway.Nbd;

namespace Replication.Gateway.Tests.Nbd;

/// <summary>What an NBD server counts of its clients.</summary>
public sealed class LoadTests
{
    [Fact]
    public async Task Clients_and_their_requests_are_counted()
    {
        await using TestServer server = new(new NbdServerOptions { ConnectionsMax = 1 });
        NbdMetrics metrics = new(() => server.Server.Load, server.Exports);
        using (RawClient client = server.Attach())
        {
            server.Volume.Hold();
            client.SendRequest(RawClient.Read, 1, 0, 4096);
            client.SendRequest(RawClient.Trim, 2, 0, 4096);
            await EventuallyAsync(metrics, "replication_nbd_requests_in_flight 2\n");
            using RawClient refused = server.Connect();
            await EventuallyAsync(metrics, "replication_nbd_connections_refused_total 1\n");

            string text = await TextAsync(metrics);

            Assert.Contains("replication_nbd_connections 1\n", text);
            Assert.Contains("replication_nbd_connections_accepted_total 1\n", text);
            Assert.Contains("replication_nbd_in_flight_bytes 4096\n", text);
            long boundBytes = new NbdServerOptions().TotalInFlightBytesMax;
            Assert.Contains($"replication_nbd_in_flight_max_bytes {boundBytes}\n", text);
            Assert.Contains("replication_nbd_requests_total{command=\"read\"} 1\n", text);
            Assert.Contains("replication_nbd_requests_total{command=\"trim\"} 1\n", text);
            Assert.Contains("replication_nbd_requests_total{command=\"write\"} 0\n", text);
            Assert.Contains("replication_nbd_export_connections{export=\"disk\"} 1\n", text);
            server.Volume.LetGo();
        }

        await EventuallyAsync(metrics, "replication_nbd_connections 0\n");
        await EventuallyAsync(metrics, "replication_nbd_requests_in_flight 0\n");
    }

    private static async Task EventuallyAsync(NbdMetrics metrics, string line)
    {
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(30));
        while (!(await TextAsync(metrics)).Contains(line, StringComparison.Ordinal))
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private static async Task<string> TextAsync(NbdMetrics metrics)
    {
        MetricSet set = new();
        await metrics.CollectAsync(set, CancellationToken.None);
        return Encoding.UTF8.GetString(PrometheusText.Write(set));
    }
}
