using Replication.Cluster.Membership;
using Replication.Host.Logging;

namespace Replication.Host.Demo;

/// <summary>All of a demo: storage nodes and the gateway that knows them.</summary>
internal sealed class DemoCluster : IAsyncDisposable
{
    /// <summary>Any free port of the loopback address.</summary>
    public const string NodeListenAddress = "tcp:127.0.0.1:0";

    private readonly IReadOnlyList<DemoNode> _nodes;

    private DemoCluster(IReadOnlyList<DemoNode> nodes, DemoGateway gateway)
    {
        _nodes = nodes;
        Gateway = gateway;
    }

    /// <summary>The gateway.</summary>
    public DemoGateway Gateway { get; }

    /// <summary>The nodes' names, in their order.</summary>
    public IReadOnlyList<string> NodeNames => [.. _nodes.Select(static node => node.Name)];

    /// <summary>
    /// Starts the nodes, then the gateway; what was started is ended again when something fails.
    /// </summary>
    /// <exception cref="IOException">A folder or port cannot be had.</exception>
    public static async Task<DemoCluster> StartAsync(DataFolder folder, int nodeCount, LogFile log)
    {
        List<DemoNode> nodes = [];
        try
        {
            for (int number = 1; number <= nodeCount; number++)
            {
                string name = DataFolder.NodeName(number);
                nodes.Add(DemoNode.Start(name, folder.Node(name), log));
            }

            NodeDirectory directory = new(
                nodes.Select(static node => new StorageNode(node.Name, node.Address)));
            return new DemoCluster(nodes, await DemoGateway.StartAsync(folder, directory, log));
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

    private static async Task StopAsync(IReadOnlyList<DemoNode> nodes) =>
        await Task.WhenAll(nodes.Select(static node => node.DisposeAsync().AsTask()));
}
