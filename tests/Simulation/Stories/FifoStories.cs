using Replication.Cluster.Records;
using Replication.Coordinator.Volumes;
using Replication.Simulation.Cluster;

namespace Replication.Simulation.Stories;

/// <summary>Reads of a volume whose read pattern is fifo, across takeovers (P14).</summary>
public sealed class FifoStories
{
    [Fact]
    public void An_owner_that_does_not_know_of_its_successor_reads_nothing_from_the_child_that_was_left_out()
    {
        Story story = new(Story.Options(threshold: 2) with { ReadPattern = ReadPattern.Fifo });
        story.Write(10, 8);

        // It has had its confirmations of this epoch, once.
        Assert.True(story.TryRead(10, 8));
        story.Cluster.Network.Cut("gateway2", "node1");
        story.Cluster.StartGateway("gateway2");
        story.Await(
            () => story.Cluster.ConditionOf("gateway2") == VolumeCondition.Degraded, "the successor serves");
        Assert.Equal(ChildState.Stale, story.Cluster.StateOf("node1"));
        SimulatedClient next = new(story.Cluster, new ClientTally(), "next", durableWrites: false);
        long value = story.Cluster.Model.NextWrite();
        Assert.True(story.Try(next, new WriteRequest(next, 10, 8, value)), "the successor writes");
        Assert.NotEqual(value, story.OnDisk("node1", 10));

        Assert.False(story.TryRead(10, 8), "the owner that was deposed answered a read");

        Assert.True(story.Try(next, new ReadRequest(next, 10, 8)));
        story.End();
    }
}
