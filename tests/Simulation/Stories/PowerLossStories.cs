using Replication.Cluster.Records;
using Replication.Coordinator.Events;
using Replication.Coordinator.Volumes;

namespace Replication.Simulation.Stories;

/// <summary>Hosts that lose power, and what is left when they are back (P7 to P12, P17, P18).</summary>
public sealed class PowerLossStories
{
    [Fact]
    public void What_one_child_alone_still_knows_is_not_outvoted_by_two_that_lost_power()
    {
        Story story = new(Story.Options(threshold: 2));
        story.Write(10, 8);
        story.Flush();
        long unflushed = story.Write(10, 8);
        story.PowerCycle("node2", "node3");
        story.AwaitHealthy();

        Assert.True(story.TryRead(10, 8));
        Assert.All(["node1", "node2", "node3"], node => Assert.Equal(unflushed, story.OnDisk(node, 10)));
        Assert.DoesNotContain(story.Events, static one => one is UnflushedWritesLost);
        story.End();
    }

    [Fact]
    public void A_power_loss_of_all_keeps_what_was_flushed_and_says_that_the_rest_may_be_lost()
    {
        Story story = new(Story.Options(threshold: 2));
        story.Write(10, 8);
        story.Flush();
        story.Write(10, 8);
        story.PowerCycle("node1", "node2", "node3");
        story.AwaitHealthy();

        Assert.True(story.TryRead(10, 8));
        Assert.Contains(story.Events, static one => one is UnflushedWritesLost);
        story.End();
    }

    [Fact]
    public void With_the_gateway_gone_too_flushed_writes_are_there_on_every_replica()
    {
        Story story = new(Story.Options(threshold: 2));
        long flushed = story.Write(10, 8);
        story.Flush();
        story.Cluster.CutPower("gateway1");
        story.PowerCycle("node1", "node2", "node3");
        story.RestartGateway();
        story.AwaitHealthy();

        Assert.True(story.TryRead(10, 8));
        Assert.All(["node1", "node2", "node3"], node => Assert.Equal(flushed, story.OnDisk(node, 10)));
        story.End();
    }

    [Fact]
    public void Durable_writes_survive_a_power_loss_of_all_and_no_connection_is_closed()
    {
        Story story = new(Story.Options(threshold: 2) with { Durability = Durability.Write });
        long written = story.Write(10, 8);
        story.PowerCycle("node1", "node2", "node3");
        story.AwaitHealthy();

        Assert.True(story.TryRead(10, 8));
        Assert.Equal(written, story.OnDisk("node1", 10));
        Assert.DoesNotContain(story.Events, static one => one is UnflushedWritesLost);
        story.End();
    }

    [Fact]
    public void A_volume_that_is_to_refuse_stays_closed_after_a_power_loss_of_all_and_says_why()
    {
        Story story = new(Story.Options(threshold: 2) with { OnCacheLoss = CacheLossPolicy.Refuse });
        story.Write(10, 8);
        story.PowerCycle("node1", "node2", "node3");
        story.Await(
            () => story.Cluster.ConditionOf("gateway1") == VolumeCondition.Failed, "the volume has stopped");

        VolumeConditionChanged last = story.Events.OfType<VolumeConditionChanged>().Last();
        Assert.Contains("unflushed", last.Reason, StringComparison.Ordinal);
        story.End();
    }
}
