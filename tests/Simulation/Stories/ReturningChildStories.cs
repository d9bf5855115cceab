using Replication.Actors.Disk;
using Replication.Cluster.Records;
using Replication.Coordinator.Entry;
using Replication.Coordinator.Events;
using Replication.Simulation.Checking;
using Replication.Simulation.Cluster;
using Replication.TestKit.Simulation.Disks;

namespace Replication.Simulation.Stories;

/// <summary>Children that missed something and come back by themselves (P13, P20, P21).</summary>
public sealed class ReturningChildStories
{
    [Fact]
    public void A_node_that_was_away_copies_only_what_it_missed()
    {
        Story story = new(Story.Options(threshold: 2));
        story.Write(0, 8);
        story.Flush();
        story.Cluster.Kill("node2");
        long missed = story.Write(Islands.SectorsEach * 2, 8);
        story.Start("node2");
        story.AwaitHealthy();

        ResyncEnded ended = Assert.Single(story.Events.OfType<ResyncEnded>());
        Assert.Null(ended.Error);
        // Its own hot zone, and the region that was written.
        Assert.InRange(ended.Progress.DoneBytes, 1, (4 << 20) + (128 << 10));
        Assert.InRange(ended.Progress.CopiedBytes, 4096, 256 << 10);
        Assert.Equal(missed, story.OnDisk("node2", Islands.SectorsEach * 2));
        story.End();
    }

    [Fact]
    public void A_replica_without_its_sidecar_is_built_anew()
    {
        Story story = new(Story.Options(threshold: 2));
        long written = story.Write(0, 8);
        story.Cluster.Kill("node2");
        story.Cluster.Disks["node2"].Delete(SimulatedCluster.SidecarPath);
        story.Start("node2");
        story.AwaitHealthy();

        Assert.Contains(story.Events, static one => one is ResyncStarted { Everything: true });
        Assert.Equal(written, story.OnDisk("node2", 0));
        story.End();
    }

    [Fact]
    public void A_child_whose_sync_failed_is_resynced_down_to_its_disk()
    {
        Story story = new(Story.Options(threshold: 2));
        long written = story.Write(0, 8);
        story.Cluster.Disks["node2"].Inject(
            new DiskFault(DiskFaultEffect.Fail) { Kind = DiskOperationKind.Sync, Once = true });
        story.Flush();
        story.Await(() => story.Cluster.StateOf("node2") == ChildState.Stale, "node2 is Stale");
        story.AwaitHealthy();
        story.PowerCycle("node2");

        Assert.Equal(written, story.OnDisk("node2", 0));
        story.AwaitHealthy();
        story.End();
    }

    [Fact]
    public void An_added_child_is_built_and_a_removed_one_is_gone()
    {
        Story story = new(Story.Options(threshold: 2), children: 2, nodes: 3);
        long written = story.Write(0, 8);
        Assert.IsType<AdminRefused>(story.Ask(new RemoveChild(SimulatedCluster.Volume, "children.0")));
        Assert.IsType<ChildAdded>(story.Ask(new AddChild(SimulatedCluster.Volume, "node3")));
        story.AwaitHealthy();

        Assert.Equal(written, story.OnDisk("node3", 0));
        Assert.IsType<ChildRemoved>(story.Ask(new RemoveChild(SimulatedCluster.Volume, "children.0")));
        Assert.Null(story.Cluster.StateOf("node1"));
        Assert.True(story.TryRead(0, 8));
        story.End();
    }
}
