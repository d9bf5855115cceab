using Replication.Cluster.Membership;
using Replication.Host.Configuration;
using Replication.Host.Logging;
using Replication.Host.Nodes;
using Replication.Host.Telemetry;

namespace Replication.Host.Demo;

/// <summary>All of a demo: storage nodes and the gateway that knows them.</summary>
internal sealed class DemoCluster : IAsyncDisposable
{
    /// <summary>The gateway's name.</summary>
    public const string GatewayName = "gateway";

    /// <summary>Any free port of the loopback address.</summary>
    private const string NodeListenAddress = "tcp:127.0.0.1:0";

    private readonly IReadOnlyList<StorageHost> _nodes;

    private DemoCluster(IReadOnlyList<StorageHost> nodes, GatewayHost gateway)
    {
        _nodes = nodes;
        Gateway = gateway;
    }

    /// <summary>The gateway.</summary>
    public GatewayHost Gateway { get; }

    /// <summary>
    /// Starts the nodes, then the gateway; what was started is ended again when something fails.
    /// </summary>
    /// <exception cref="IOException">A folder or port cannot be had.</exception>
    public static async Task<DemoCluster> StartAsync(
        DataFolder folder,
        int nodeCount,
        ClusterConfiguration settings,
        LogFile log,
        ProcessTelemetry telemetry)
    {
        List<StorageHost> nodes = [];
        try
        {
            for (int number = 1; number <= nodeCount; number++)
            {
                string name = DataFolder.NodeName(number);
                nodes.Add(await StorageHost.StartAsync(
                    new NodeConfiguration
                    {
                        Name = name,
                        Listen = NodeListenAddress,
                        Data = folder.Node(name),
                    },
                    settings,
                    log,
                    telemetry));
            }

            NodeDirectory directory = new(
                nodes.Select(static node => new StorageNode(node.Name, node.Address)));
            NodeConfiguration gateway = new()
            {
                Name = GatewayName,
                Roles = [NodeRole.Gateway],
                Data = folder.Gateway,
            };
            return new DemoCluster(
                nodes, await GatewayHost.StartAsync(gateway, directory, settings, log, telemetry));
        }
        catch
        {
            await StopAsync(nodes);
            throw;
        }
    }

    /// <summary>Closes the gateway, then the nodes.</summary>
    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await StopAsync(_nodes);
    }

    private static async Task StopAsync(IReadOnlyList<StorageHost> nodes) =>
        await Task.WhenAll(nodes.Select(static node => node.DisposeAsync().AsTask()));
}
