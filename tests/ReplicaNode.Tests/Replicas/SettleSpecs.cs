using Replication.Actors.Buffers;
using Replication.Messages;
using Replication.TestKit.Simulation.Disks;

namespace Replication.ReplicaNode.Tests.Replicas;

/// <summary>
/// P9, P17, P20 and P21: what makes a replica continuous and what ends it, what it says was under way, and
/// which regions it calls later.
/// </summary>
public sealed class SettleSpecs : ReplicaSpec
{
    private const long Region = RequestLimits.RegionLengthBytes;

    public SettleSpecs() => CreateAndOpen();

    [Fact]
    public void Only_settling_makes_a_replica_continuous_and_only_for_this_life()
    {
        Assert.False(Open(epoch: 2).Continuous);
        Acknowledge();
        Assert.True(Open(epoch: 2, session: 2).Continuous);
        Assert.True(Open(epoch: 3).Continuous);
        Restart();
        Assert.False(Open(epoch: 4).Continuous);
    }

    [Fact]
    public void Opened_as_a_target_it_is_continuous_no_more_until_it_is_promoted()
    {
        Acknowledge();
        Assert.False(Open(epoch: 2, role: ReplicaRole.Target).Continuous);
        Assert.False(Open(epoch: 3).Continuous);
        Acknowledge(clean: Stamp(3, 5));
        ReplicaOpened opened = Open(epoch: 4);
        Assert.Equal((true, Stamp(3, 5)), (opened.Continuous, opened.Clean));
    }

    [Fact]
    public void A_failed_sync_ends_it()
    {
        Acknowledge();
        Write(0, Noise(1, 4096), counter: 1);
        Disk.Inject(new DiskFault(DiskFaultEffect.Fail)
        {
            Path = Data,
            Kind = Actors.Disk.DiskOperationKind.Sync,
            Once = true,
        });
        SendFlush();
        ExpectRefused(ReplicaRefusal.SyncFailed);
        Assert.False(Open(epoch: 2).Continuous);
    }

    [Fact]
    public void A_targets_flush_raises_no_clean()
    {
        Open(epoch: 2, role: ReplicaRole.Target);
        Write(0, Noise(1, 4096), counter: 1);
        Flush(checkpoint: Stamp(2, 1));
        Assert.Equal(0UL, Open(epoch: 3).Clean);
    }

    [Fact]
    public void Settling_ends_incompleteness_and_outlives_a_power_loss_a_moment_later()
    {
        Restart();
        Disk.Delete(Sidecar);
        Assert.True(Open(epoch: 2, role: ReplicaRole.Target).Incomplete);
        Acknowledge(clean: Stamp(2, 1));
        Advance(TimeSpan.FromSeconds(1));
        Restart(DiskCrashPolicy.LoseUnsynced);
        ReplicaOpened opened = Open(epoch: 3);
        Assert.Equal((false, Stamp(2, 1)), (opened.Incomplete, opened.Clean));
    }

    [Fact]
    public void What_is_stamped_from_the_low_water_on_is_under_way_through_sessions_and_epochs()
    {
        Acknowledge();
        WriteAt(0, counter: 1, lowWater: 0);
        WriteAt(8 * Region, counter: 2, lowWater: 1);
        WriteAt(8 * Region, counter: 3, lowWater: 2);
        WriteAt(20 * Region, counter: 4, lowWater: 2);
        ByteRange[] expected = [new(8 * Region, 4096), new(20 * Region, 4096)];
        Assert.Equal(expected, Open(epoch: 1, session: 2).UnderWay);
        Assert.Equal(expected, Open(epoch: 2).UnderWay);
        Flush(checkpoint: Stamp(1, 3));
        Assert.Equal([new ByteRange(20 * Region, 4096)], Open(epoch: 3).UnderWay);
        Restamp(0, 1, Stamp(3, 1), lowWater: Stamp(1, 5));
        Assert.Empty(Open(epoch: 4).UnderWay);
    }

    [Theory]
    [InlineData(4UL, true)]
    [InlineData(3UL, false)]
    public void A_clean_close_counts_as_continuous_unless_something_is_under_way(
        ulong checkpoint, bool counts)
    {
        Acknowledge();
        WriteAt(0, counter: 3, lowWater: 0);
        WriteAt(Region, counter: 4, lowWater: 3);
        Close(Stamp(1, checkpoint));
        Restart(DiskCrashPolicy.LoseUnsynced);
        Assert.Equal(counts, Open(epoch: 2).Continuous);
        Restart(DiskCrashPolicy.LoseUnsynced);
        Assert.False(Open(epoch: 3).Continuous);
    }

    [Fact]
    public void A_region_is_later_by_its_stamp_and_a_stamp_without_data_raises_it()
    {
        WriteAt(0, counter: 5, lowWater: 0);
        WriteAt(Region - 512, counter: 7, lowWater: 0);
        Restamp(100 * Region, 2 * Region, Stamp(1, 6));
        Restamp(0, 1, Stamp(1, 1));
        ReplicaRegions all = ListRegions();
        Assert.Equal([(0L, 7UL), (1L, 7UL), (100L, 6UL), (101L, 6UL)], Seen(all));
        Assert.Equal(Size / Region, all.NextRegion);
        Assert.Equal([(0L, 7UL), (1L, 7UL)], Seen(ListRegions(after: Stamp(1, 6))));
        Assert.Equal([(101L, 6UL)], Seen(ListRegions(firstRegion: 101)));
    }

    [Fact]
    public void The_regions_of_a_mark_of_an_earlier_life_are_later_than_any_stamp_until_it_is_settled()
    {
        WriteAt(0, counter: 5, lowWater: 0);
        Restart(DiskCrashPolicy.LoseUnsynced);
        Open(epoch: 2);
        Assert.Equal(64, ListRegions(after: Stamp(2, 0)).Regions.Count);
        Assert.All(ListRegions().Regions, region => Assert.Equal(ulong.MaxValue, region.Stamp));
        Acknowledge();
        Assert.Empty(ListRegions().Regions);
    }

    [Fact]
    public void A_region_whose_stamp_was_lost_is_later_than_any_until_it_is_given_one()
    {
        WriteAt(0, counter: 5, lowWater: 0);
        Flush();
        Restart();
        Disk.CorruptAtRest(Sidecar, ReplicaNode.Sidecar.SidecarLayout.StampPageOffset(0), 64);
        Open(epoch: 2);
        Acknowledge();
        Assert.Equal(7 * 64, ListRegions(after: Stamp(2, 9)).Regions.Count);
        Restamp(0, Region, Stamp(1, 5));
        Flush(checkpoint: Stamp(2, 9));
        Advance(TimeSpan.FromSeconds(10));
        Restart();
        Open(epoch: 3);
        Acknowledge();
        Assert.Equal((7 * 64) - 1, ListRegions(after: Stamp(2, 9)).Regions.Count);
    }

    [Theory]
    [InlineData(ReplicaRole.Target)]
    [InlineData(ReplicaRole.Lapsed)]
    public void A_child_that_is_promoted_knows_that_regions_without_a_stamp_were_never_written(
        ReplicaRole role)
    {
        WriteAt(0, counter: 5, lowWater: 0);
        Flush();
        Restart();
        Disk.CorruptAtRest(Sidecar, ReplicaNode.Sidecar.SidecarLayout.StampPageOffset(0), 64);
        Open(epoch: 2, role: role);
        Restamp(0, Region, Stamp(1, 5));
        Acknowledge();
        Assert.Equal([(0L, 5UL)], Seen(ListRegions()));
    }

    [Fact]
    public void A_stamp_of_an_epoch_above_the_owners_is_refused()
    {
        Probe.Send(Replica, new StampReplica(1, Ticket, ulong.MaxValue, 0, 0, 4096));
        ExpectRefused(ReplicaRefusal.BadRequest);
        Assert.Empty(ListRegions().Regions);
    }

    private static List<(long Region, ulong Counter)> Seen(ReplicaRegions regions) =>
        [.. regions.Regions.Select(static region => (region.Region, region.Stamp & ((1UL << 40) - 1)))];

    private void WriteAt(long offsetBytes, ulong counter, ulong lowWater)
    {
        PooledBuffer payload = PooledBuffer.CopyOf(Noise((int)counter, 4096));
        ulong low = lowWater == 0 ? 0 : Stamp(1, lowWater);
        Probe.Send(
            Replica,
            new WriteReplica(
                NextTag, Ticket, Stamp(1, counter), low, offsetBytes, payload, Fua: false));
        ExpectMsg<ReplicaDone>();
    }
}
