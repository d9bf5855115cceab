using Replication.Actors.Disk;
using Replication.Coordinator.Resync;
using Replication.Coordinator.Volumes;
using Replication.Messages;

namespace Replication.Coordinator.Tests.Specs;

/// <summary>The owner's own flushes, and the room for hot marks that they make (P7, P16).</summary>
public sealed class CheckpointSpecs : DeskSpec
{
    private const long Zone = RequestLimits.ZoneLengthBytes;

    [Fact]
    public void P16_a_volume_that_was_written_to_is_flushed_by_itself_and_then_left_alone()
    {
        OpenDesk(children: 2, targets: 1);
        Write(0, Filled(10, 1)).Expect<RangeDone>();
        Advance(TimeSpan.FromSeconds(4.5));
        Assert.Empty(Nodes[0].AskedFor<FlushReplica>());
        Advance(TimeSpan.FromSeconds(1));

        Assert.All(Nodes, static node =>
            Assert.Equal(Epoch1 + 1, node.AskedFor<FlushReplica>().Single().Checkpoint));
        Advance(TimeSpan.FromSeconds(30));
        Assert.Single(Nodes[0].AskedFor<FlushReplica>());
    }

    /// <summary>
    /// A child recorded Synced may still be away then: a source that forgot a range would let it come back
    /// without anyone reconciling what it lacks.
    /// </summary>
    [Fact]
    public void P16_while_a_volume_recovers_neither_checkpoint_nor_low_water_mark_rises()
    {
        OpenDesk(children: 1, targets: 1, Ranges((0, 4096)));
        RangeFailed refusal = new(Errno.InputOutput, "it recovers");
        Do(host => host.Desk.SetGate(new Gate.Refuse(refusal, host.View with { IsSource = true })));
        Advance(TimeSpan.FromSeconds(30));
        Do(host => host.Desk.SetGate(new Gate.Hold()));

        Assert.Equal(0UL, Host.Desk.Checkpoint);
        Assert.All(Nodes[0].AskedFor<FlushReplica>(), static flush => Assert.Equal(0UL, flush.Checkpoint));
        Do(host => host.Serve(host.View));
        Assert.NotEqual(0UL, Host.Desk.Checkpoint);
    }

    [Fact]
    public void P16_a_volume_that_was_only_read_is_not_flushed()
    {
        OpenDesk();
        Read(0, 10).Expect<RangeRead>();
        Advance(TimeSpan.FromSeconds(30));

        Assert.All(Nodes, static node => Assert.Empty(node.AskedFor<FlushReplica>()));
    }

    [Fact]
    public void P16_a_write_that_the_checkpoint_could_not_cover_brings_the_next_one()
    {
        Settings = Settings with { ChildTimeout = TimeSpan.FromSeconds(20) };
        OpenDesk();
        Nodes[2].Keep<WriteReplica>();
        ClientReply slow = Write(0, Filled(10, 1));
        Advance(TimeSpan.FromSeconds(7));
        Assert.Equal(Epoch1, Nodes[0].AskedFor<FlushReplica>().Single().Checkpoint);
        Nodes[2].AnswerKept();
        slow.Expect<RangeDone>();
        Advance(TimeSpan.FromSeconds(6));

        Assert.Equal(Epoch1 + 1, Nodes[0].AskedFor<FlushReplica>()[^1].Checkpoint);
    }

    [Fact]
    public void P7_half_of_the_zones_bring_a_checkpoint_at_once()
    {
        Stretch(zones: 8, hotZonesMax: 4);
        Zero(0).Expect<RangeDone>();
        Assert.Empty(Nodes[0].AskedFor<FlushReplica>());
        Zero(1).Expect<RangeDone>();
        Settle();

        Assert.Single(Nodes[0].AskedFor<FlushReplica>());
    }

    [Fact]
    public void P7_at_the_limit_a_write_to_a_further_zone_waits_for_the_checkpoint_and_others_do_not()
    {
        Stretch(zones: 8, hotZonesMax: 4);
        Nodes[2].Keep<FlushReplica>();
        Array.ForEach([0, 1, 2, 3], zone => Zero(zone).Expect<RangeDone>());

        ClientReply further = Zero(4);
        ClientReply hot = Zero(3);
        Advance(TimeSpan.FromSeconds(1));
        Assert.True(hot.IsAnswered);
        Assert.False(further.IsAnswered);
        Nodes[2].AnswerKept();

        further.Expect<RangeDone>();
    }

    [Fact]
    public void P17_a_write_without_room_fails_in_time_however_often_the_volume_looks_at_it()
    {
        Stretch(
            zones: 8,
            hotZonesMax: 4,
            Ranges((0, Block)),
            static node => node.Keep<StampReplica>());
        Array.ForEach([1, 2, 3], zone => Zero(zone).Expect<RangeDone>());

        ClientReply further = Zero(4);
        for (int second = 0; second < 7; second++)
        {
            Advance(TimeSpan.FromSeconds(1));
            Serve(Host.View);
        }

        further.ExpectErrno(Errno.InputOutput);
    }

    [Fact]
    public void P7_a_copy_waits_for_no_room_that_a_recovering_volume_cannot_make()
    {
        VolumeSizeBytes = 8 * Zone;
        Settings = Settings with { HotZonesMax = 4 };
        OpenDesk(children: 1, targets: 1);
        RangeFailed refusal = new(Errno.InputOutput, "it recovers");
        Do(host =>
        {
            host.Desk.SetGate(new Gate.Hold());
            host.Desk.BeginEpoch(1, new RangeSet(), hotZones: 4);
            host.Desk.SetGate(new Gate.Refuse(refusal, host.View with { IsSource = true }));
        });

        Ask(new CopyRegion(0, Region, 0, ChildIndex: 1, Session: 1)).Expect<RegionCopied>();
    }

    private ClientReply Zero(int zone) =>
        Ask(new ZeroRange(zone * Zone, 512, ZeroMode.MayPunch, Fua: false));

    /// <summary>A volume of several zones; the stand-ins take its zeroes for granted.</summary>
    private void Stretch(
        int zones, int hotZonesMax, RangeSet? toReconcile = null, Action<ReplicaStandIn>? arrange = null)
    {
        VolumeSizeBytes = zones * Zone;
        Settings = Settings with { HotZonesMax = hotZonesMax };
        OpenDesk(
            toReconcile: toReconcile,
            arrange: () => Array.ForEach(Nodes, node =>
            {
                node.IsVast = true;
                arrange?.Invoke(node);
            }));
    }
}
