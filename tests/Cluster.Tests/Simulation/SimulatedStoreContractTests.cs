using Replication.TestKit.Simulation;

namespace Replication.Cluster.Tests.Simulation;

/// <summary>The simulated store keeps the contract when its steps run at once.</summary>
public sealed class SimulatedStoreContractTests : ClusterStoreContract
{
    protected override IClusterStore Store { get; } = new SimulatedStore(static step => step());

    protected override void Dispose(bool disposing)
    {
        // It lives in memory alone.
    }
}
