using Replication.Cluster.Records;
using Replication.Coordinator.Observing;
using Replication.Coordinator.Requests;
using Replication.Coordinator.Volumes;
using Replication.Messages;

namespace Replication.Coordinator.Tests.Specs;

/// <summary>What reports cost while nobody listens.</summary>
public sealed class ReporterTests
{
    [Fact]
    public void A_request_with_nothing_wrong_is_reported_without_an_allocation()
    {
        VolumeRecord volume = Assert.IsType<RecordChange.Allowed>(VolumeRecord.Create(
            "demo", Guid.NewGuid(), 1 << 20, new VolumeOptions { Threshold = 1 },
            [new ChildPlacement("node1", Guid.NewGuid())])).Record;
        RequestReporter reporter =
            new(NoRequestObserver.Instance, volume, children: null!, TimeProvider.System);
        LiveRequest live = new(1, new ReadRange(0, 4096), NoClient.Instance) { Epoch = 3 };
        RequestEnded ended = new(1, Applied: true, [], []);
        reporter.OnEnded(live, ended);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int count = 0; count < 1000; count++)
        {
            reporter.OnEnded(live, ended);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }
}
