using FsCheck;
using FsCheck.Fluent;
using Replication.Cluster.Records;
using static Replication.Cluster.Records.ChildState;
using static Replication.Cluster.Tests.Records.RecordSamples;

namespace Replication.Cluster.Tests.Records;

/// <summary>What may become of a record, and what I6 forbids.</summary>
public sealed class VolumeRecordTests
{
    [Theory]
    [InlineData("a\0b", "", "volume vm-1: exports[0].name: holds a NUL")]
    [InlineData("a", "\0", "volume vm-1: exports[0].description: holds a NUL")]
    public void An_export_that_no_door_could_serve_never_gets_into_the_record(
        string name, string description, string reason)
    {
        VolumeRecord record = RecordSamples.Volume(2, ChildState.Synced, ChildState.Synced);

        RecordChange change = record.WithExportAdded(new VolumeExport("e", name, true, description));

        Assert.Equal(reason, Assert.IsType<RecordChange.Refused>(change).Reason);
    }

    [Fact]
    public void A_new_volume_has_every_child_synced_and_no_owner()
    {
        VolumeRecord record = Allowed(VolumeRecord.Create(
            "vm-1", Id(9), 1 << 30, new VolumeOptions { Threshold = 2 },
            [new("node1", Id(1)), new("node2", Id(2)), new("node3", Id(3))]));
        Assert.Equal(["children.0", "children.1", "children.2"], record.Children.Select(child => child.Name));
        Assert.Equal([Synced, Synced, Synced], StatesOf(record));
        Assert.Equal((1, 0u, null, 3), (record.Serial, record.Epoch, record.Owner, record.NextChildIndex));
    }

    [Fact]
    public void A_new_volume_that_breaks_a_rule_is_refused_by_its_field()
    {
        var options = new VolumeOptions { Threshold = 2 };
        AssertRefused(
            "options.threshold:",
            VolumeRecord.Create("vm-1", Id(9), 4096, options, [new("node1", Id(1))]));
        AssertRefused(
            "name:",
            VolumeRecord.Create("VM", Id(9), 4096, options, [new("n1", Id(1)), new("n2", Id(2))]));
    }

    [Fact]
    public void Raising_the_epoch_sets_the_owner_and_raises_the_serial()
    {
        VolumeRecord record = Volume(2, Synced, Synced);
        Assert.Equal(
            record with { Epoch = 4, Owner = "gateway2", Serial = 6 },
            Allowed(record.WithEpochRaised("gateway2")));
    }

    [Fact]
    public void P6_the_last_epoch_is_never_given()
    {
        VolumeRecord record = Volume(2, Synced, Synced) with { Epoch = RecordLimits.EpochMax - 1 };
        VolumeRecord last = Allowed(record.WithEpochRaised("gateway2"));
        Assert.Equal(0xFFFFFEu, last.Epoch);
        AssertRefused("epoch 16777214, the last", last.WithEpochRaised("g"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    public void An_owner_without_a_proper_name_is_refused(string owner) =>
        AssertRefused("an owner's name", Volume(1, Synced).WithEpochRaised(owner));

    [Fact]
    public void P1_a_takeover_does_not_start_a_stopped_volume()
    {
        VolumeRecord stopped = Allowed(Volume(2, Synced, Synced).WithStopped(true));
        Assert.True(Allowed(stopped.WithEpochRaised("gateway2")).Stopped);
        Assert.False(Allowed(stopped.WithStopped(false)).Stopped);
        AssertRefused("stopped already", stopped.WithStopped(true));
    }

    [Fact]
    public void P13_children_that_failed_together_are_recorded_in_one_change()
    {
        VolumeRecord record = Volume(2, Synced, Synced, Synced, Synced);
        VolumeRecord next = Allowed(record.WithStates(new(0, Stale), new(3, Faulted)));
        Assert.Equal([Stale, Synced, Synced, Faulted], StatesOf(next));
        Assert.Equal(record.Serial + 1, next.Serial);
    }

    [Fact]
    public void I6_a_synced_child_is_not_given_up_below_the_threshold()
    {
        VolumeRecord record = Volume(2, Synced, Synced, Stale);
        Assert.Equal(
            "volume vm-1 would have 1 Synced child, its threshold is 2",
            Refused(record.WithStates(new ChildStateChange(0, Stale))));
        Assert.IsType<RecordChange.Refused>(record.WithStates(new ChildStateChange(0, Faulted)));
        Assert.IsType<RecordChange.Refused>(
            Volume(2, Synced, Synced, Synced).WithStates(new(0, Stale), new(1, Stale)));
    }

    [Fact]
    public void A_child_is_given_up_in_the_same_change_that_promotes_another()
    {
        VolumeRecord record = Volume(2, Synced, Synced, Stale);
        VolumeRecord next = Allowed(record.WithStates(new(0, Stale), new(2, Synced)));
        Assert.Equal([Stale, Synced, Synced], StatesOf(next));
    }

    [Fact]
    public void P12_synced_children_may_lapse_below_the_threshold_and_come_back()
    {
        VolumeRecord record = Volume(2, Synced, Synced, Synced);
        VolumeRecord lapsed = Allowed(record.WithStates(new(0, Lapsed), new(1, Lapsed)));
        Assert.Equal([Lapsed, Lapsed, Synced], StatesOf(lapsed));
        Assert.Equal(
            [Synced, Lapsed, Synced], StatesOf(Allowed(lapsed.WithStates(new ChildStateChange(0, Synced)))));
    }

    [Fact]
    public void P12_lapsed_children_are_not_given_up_while_the_flushed_writes_hang_on_them()
    {
        VolumeRecord record = Volume(2, Lapsed, Lapsed, Stale);
        Assert.Equal(
            "volume vm-1 would have 1 child with every flushed write, its threshold is 2",
            Refused(record.WithStates(new ChildStateChange(1, Stale))));
        Assert.IsType<RecordChange.Refused>(record.WithChildRemoved(0));
        Assert.IsType<RecordChange.Allowed>(
            Volume(2, Lapsed, Lapsed, Synced).WithStates(new ChildStateChange(1, Stale)));
    }

    [Fact]
    public void I4_a_child_that_may_lack_writes_does_not_lapse_into_having_them()
    {
        AssertRefused("may lack", Volume(1, Synced, Stale).WithStates(new ChildStateChange(1, Lapsed)));
        AssertRefused("may lack", Volume(1, Synced, Faulted).WithStates(new ChildStateChange(1, Lapsed)));
    }

    [Fact]
    public void A_faulted_child_comes_back_through_stale_only()
    {
        VolumeRecord record = Volume(1, Synced, Faulted);
        AssertRefused("children.1", record.WithStates(new ChildStateChange(1, Synced)));
        VolumeRecord stale = Allowed(record.WithStates(new ChildStateChange(1, Stale)));
        Assert.Equal([Synced, Synced], StatesOf(Allowed(stale.WithStates(new ChildStateChange(1, Synced)))));
    }

    [Fact]
    public void Changes_that_make_no_sense_are_refused()
    {
        VolumeRecord record = Volume(1, Synced, Stale);
        AssertRefused("volume vm-1 has no children.7", record.WithStates(new ChildStateChange(7, Stale)));
        AssertRefused("two states", record.WithStates(new(1, Synced), new(1, Stale)));
        AssertRefused("already", record.WithStates(new ChildStateChange(1, Stale)));
        AssertRefused("already", record.WithStates());
    }

    [Fact]
    public void An_added_child_is_stale_and_its_name_was_never_used()
    {
        VolumeRecord removed = Allowed(Volume(1, Synced, Synced, Synced).WithChildRemoved(2));
        VolumeRecord added = Allowed(removed.WithChildAdded(new("node2", Id(50))));
        Assert.Equal(new VolumeChild(3, "node2", Id(50), Stale), added.Children[^1]);
        Assert.Equal(["children.0", "children.1", "children.3"], added.Children.Select(child => child.Name));
        Assert.Equal(4, added.NextChildIndex);
        Assert.Equal(7, added.Serial);
    }

    [Fact]
    public void A_child_on_a_node_or_with_a_replica_that_the_volume_has_is_refused()
    {
        VolumeRecord record = Volume(1, Synced, Synced);
        AssertRefused("node1", record.WithChildAdded(new("node1", Id(50))));
        AssertRefused("twice", record.WithChildAdded(new("node9", Id(1))));
    }

    [Fact]
    public void Children_and_their_names_are_bounded()
    {
        VolumeRecord full = Volume(1, [.. Enumerable.Repeat(Synced, RecordLimits.ChildrenMax)]);
        AssertRefused("at most 32", full.WithChildAdded(new("other", Id(99))));
        VolumeRecord used = Volume(1, Synced) with { NextChildIndex = int.MaxValue };
        AssertRefused("used up", used.WithChildAdded(new("other", Id(99))));
    }

    [Fact]
    public void I6_removing_a_child_never_takes_a_volume_below_its_threshold()
    {
        AssertRefused("threshold", Volume(2, Synced, Synced, Stale).WithChildRemoved(0));
        foreach (VolumeRecord next in new[]
        {
            Allowed(Volume(2, Synced, Synced, Stale).WithChildRemoved(2)),
            Allowed(Volume(2, Synced, Synced, Synced).WithChildRemoved(0)),
        })
        {
            Assert.Equal([Synced, Synced], StatesOf(next));
        }

        AssertRefused("threshold", Volume(2, Synced, Stale).WithChildRemoved(1));
        Assert.Equal("volume vm-1 has no children.5", Refused(Volume(1, Synced, Synced).WithChildRemoved(5)));
    }

    [Fact]
    public void A_blkverify_volume_keeps_exactly_its_two_children()
    {
        VolumeRecord record = Volume(2, Synced, Synced) with
        {
            Options = new VolumeOptions { Threshold = 2, Blkverify = true },
        };
        AssertRefused(
            "Cannot add a child to a quorum in blkverify mode",
            record.WithChildAdded(new("node9", Id(9))));
        Assert.IsType<RecordChange.Refused>(record.WithChildRemoved(0));
    }

    [Fact]
    public void Records_are_equal_by_content_so_that_a_change_can_be_read_back()
    {
        Assert.Equal(Volume(2, Synced, Stale), Volume(2, Synced, Stale));
        Assert.NotEqual(Volume(2, Synced, Stale), Volume(2, Synced, Synced));
        Assert.NotEqual(Volume(2, Synced, Stale), Volume(2, Synced, Stale) with { BadBlocks = [1] });
    }

    [Fact]
    public void Any_read_quorum_and_any_fence_quorum_of_the_synced_children_meet() =>
        Prop.ForAll(Records().ToArbitrary(), static record =>
            record.SyncedCount < record.Options.Threshold
            || (record.ReadQuorum + record.FenceQuorum > record.SyncedCount
                && record.ReadQuorum <= record.SyncedCount
                && record.FenceQuorum <= record.SyncedCount))
            .QuickCheckThrowOnFailure();

    [Fact]
    public void I6_no_allowed_change_gives_up_a_synced_child_below_the_threshold() =>
        Prop.ForAll(RecordsWithChanges().ToArbitrary(), static pair =>
        {
            (VolumeRecord before, ChildStateChange[] changes) = pair;
            if (before.WithStates(changes) is not RecordChange.Allowed { Record: { } after })
            {
                return true;
            }

            bool givesUp = before.Children.Zip(after.Children).Any(static child =>
                child.First.State == Synced && child.Second.State is (Stale or Faulted));
            return after.Serial == before.Serial + 1
                && VolumeRecordRules.FirstError(after) is null
                && (!givesUp || after.SyncedCount >= after.Options.Threshold);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void P12_a_suspended_volume_keeps_one_synced_child_to_copy_from()
    {
        VolumeRecord record = Volume(2, Synced, Synced, Synced);
        ChildStateChange[] two = [new(1, Lapsed), new(2, Stale)];
        AssertRefused("threshold", record.WithStates(two));
        Assert.Equal([Synced, Lapsed, Stale], StatesOf(Allowed(record.WithStatesSuspended(two))));
        AssertRefused("no Synced child", record.WithStatesSuspended([.. two, new(0, Lapsed)]));
    }

    [Fact]
    public void P12_lapsed_children_are_synced_and_others_stale_in_one_change()
    {
        VolumeRecord record = Volume(2, Synced, Lapsed, Lapsed);
        ChildStateChange[] changes = [new(0, Stale), new(1, Synced), new(2, Synced)];
        Assert.Equal([Stale, Synced, Synced], StatesOf(Allowed(record.WithStates(changes))));
    }

    [Fact]
    public void P22_bad_blocks_are_kept_in_order_and_each_once()
    {
        VolumeRecord record = Allowed(Volume(1, Synced).WithBadBlocks([7, 3]));
        Assert.Equal(new long[] { 3, 5, 7 }, Allowed(record.WithBadBlocks([7, 5])).BadBlocks.ToArray());
        Assert.Equal(new long[] { 7 }, Allowed(record.WithoutBadBlocks([3, 4])).BadBlocks.ToArray());
        AssertRefused("already", record.WithBadBlocks([3]));
        AssertRefused("already", record.WithoutBadBlocks([4]));
        AssertRefused("the volume has 256 blocks", record.WithBadBlocks([256]));
    }

    [Fact]
    public void P21_bad_blocks_that_do_not_fit_are_refused()
    {
        VolumeRecord record = Volume(1, Synced) with { SizeBytes = 1L << 30 };
        VolumeRecord full = Allowed(
            record.WithBadBlocks(Enumerable.Range(0, RecordLimits.BadBlocksMax).Select(static i => (long)i)));
        AssertRefused("at most 4096", full.WithBadBlocks([5000]));
    }

    private static Gen<VolumeRecord> Records() =>
        from count in Gen.Choose(1, 6)
        from states in Gen.Elements(Synced, Stale, Lapsed, Faulted).ArrayOf(count)
        from threshold in Gen.Choose(1, count)
        select Volume(threshold, states);

    private static Gen<(VolumeRecord Record, ChildStateChange[] Changes)> RecordsWithChanges() =>
        from record in Records()
        from count in Gen.Choose(1, 3)
        from indexes in Gen.Choose(0, record.Children.Length - 1).ArrayOf(count)
        from states in Gen.Elements(Synced, Stale, Lapsed, Faulted).ArrayOf(count)
        let changes = indexes.Zip(states, static (index, state) => new ChildStateChange(index, state))
        select (record, changes.ToArray());
}
