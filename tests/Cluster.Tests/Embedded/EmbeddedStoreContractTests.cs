using Replication.Cluster.Embedded;

namespace Replication.Cluster.Tests.Embedded;

/// <summary>The embedded store keeps the contract on a real disk.</summary>
public sealed class EmbeddedStoreContractTests : ClusterStoreContract
{
    private readonly TemporaryFolder _folder = new();
    private readonly EmbeddedStore _store;

    public EmbeddedStoreContractTests() => _store = EmbeddedStore.Open(_folder.Path);

    protected override IClusterStore Store => _store;

    protected override void Dispose(bool disposing)
    {
        _store.Dispose();
        _folder.Dispose();
    }
}
